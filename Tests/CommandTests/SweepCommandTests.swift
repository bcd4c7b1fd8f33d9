import Foundation
import Testing

/// `ltr sweep` and `ltr sweep report`.
@Suite struct SweepCommandTests {
  private static let grid = "keys: { optimizer.lr: [1.0e-3, 1.0e-4] }, seeds: [1, 2]"

  /// The fixture with a recipe whose sweep writes to the folder `run`.
  private func program(_ sweep: String = grid, test: String = "shop") throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: "checkpoint: { every: 2 steps, keep: 3 }")
    let recipe = try program.read("recipe.yaml").replacing(
      "  list:",
      with: "  test: { collection: \(test), split: test, candidates: first.run }\n  list:"
    )
    try program.write("recipe.yaml", recipe + "sweep: { \(sweep) }\n")
    return program
  }

  private func swept(_ sweep: String = grid) throws -> Program {
    let program = try program(sweep)
    let result = try program("sweep recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    return program
  }

  private func weights(_ program: Program, _ run: String) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: "\(run)/model/model.safetensors"))
  }

  private func exists(_ program: Program, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: program.folder.appending(path: name).path)
  }

  private func object(_ program: Program, _ name: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(program.read(name).utf8)) as? [String: Any])
  }

  private func settings(_ json: [String: Any]) throws -> [[String: Any]] {
    try #require(json["settings"] as? [[String: Any]])
  }

  /// The mean of every setting.
  private func means(_ json: [String: Any]) throws -> [String: Double] {
    Dictionary(
      uniqueKeysWithValues: try settings(json).compactMap { setting in
        guard let name = setting["name"] as? String, let mean = setting["mean"] as? Double else {
          return nil
        }
        return (name, mean)
      })
  }

  @Test func trainsComparesAndMeasuresTheChosenOne() throws {
    let program = try program()
    let result = try program("sweep recipe.yaml --json")
    #expect(result.code == 0, "\(result.errors)")
    let json = try result.json()
    #expect(json["complete"] as? Bool == true && json["measure"] as? String == "nDCG@10")
    let settings = try settings(json)
    #expect(Set(settings.compactMap { $0["name"] as? String }) == ["base", "001", "002"])
    let means = settings.compactMap { $0["mean"] as? Double }
    #expect(means.count == 3 && means == means.sorted(by: >), "the best one is first")
    #expect(json["best"] as? String == settings[0]["name"] as? String)
    for setting in settings {
      let runs = try #require(setting["runs"] as? [[String: Any]])
      #expect(runs.count == 2 && runs.allSatisfy { $0["state"] as? String == "finished" })
      let values = runs.compactMap { $0["value"] as? Double }
      let mean = try #require(setting["mean"] as? Double)
      #expect(abs((values[0] + values[1]) / 2 - mean) < 1e-12)
      // For two numbers the deviation is their distance over the root of two.
      let deviation = try #require(setting["deviation"] as? Double)
      #expect(abs(deviation - abs(values[0] - values[1]) / 2.0.squareRoot()) < 1e-12)
      #expect(setting["against_base"] is NSNull == (setting["name"] as? String == "base"))
    }
    let chosen = try #require((json["chosen"] as? [String: Any])?["run"] as? String)
    let test = try #require(json["test"] as? [String: Any])
    #expect(test["run"] as? String == chosen)
    #expect((test["verdict"] as? [String: Any])?["split"] as? String == "test")
    // Each run is one of 'ltr train', and has not seen test.
    for setting in ["base", "001", "002"] {
      for seed in [1, 2] {
        let run = "run/runs/\(setting)-seed-\(seed)"
        let recipe = try program.read(run + "/recipe.yaml")
        #expect(recipe.contains("  test: null") && recipe.contains("  seed: \(seed)\n"))
        #expect(!recipe.contains("sweep"))
        #expect(!(try program.read(run + "/scores.jsonl")).contains("\"split\":\"test\""))
        #expect(!(try program.read(run + "/metrics.json")).contains("\"test\""))
        #expect(exists(program, run + "/report.html") && exists(program, run + "/model"))
      }
    }
    #expect(try weights(program, "run/chosen") == weights(program, "run/runs/\(chosen)"))
    let html = try program.read("run/sweep.html")
    for word in ["optimizer.lr", "Settings across keys", "class=\"verdict", chosen] {
      #expect(html.contains(word), "\(word)")
    }
    #expect(!html.contains("http://") && !html.contains("https://"))
    let again = try program("sweep report run")
    #expect(again.code == 0 && again.output.contains("6 of 6 runs finished"), "\(again.errors)")
    #expect(again.output.contains("best on dev: ") && again.output.contains("verdict: "))
    #expect(try program.read("run/sweep.html") == html)
    // The fixture's test is its dev: the same model has the same values.
    let orders = try #require(test["orders"] as? [String: [String: Double]])
    let metrics = try object(program, "run/runs/\(chosen)/metrics.json")
    let dev = try #require(
      (metrics["dev"] as? [String: Any])?["orders"] as? [String: [String: Double]])
    #expect(orders["model"]?.keys.sorted() == dev["model"]?.keys.sorted())
    for (measure, value) in try #require(orders["model"]) {
      #expect(abs(value - (dev["model"]?[measure] ?? 9)) < 1e-12)
    }
  }

  /// Runs do not read test: it is missed only when the chosen one is measured.
  @Test func noRunReadsTest() throws {
    let program = try program(test: "hidden")
    let result = try program("sweep recipe.yaml")
    #expect(result.code == 66, "\(result.errors)")
    #expect(result.errors.contains("which dev has chosen, on test"))
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "run/runs").path)
    #expect(runs.count == 6 && runs.allSatisfy { exists(program, "run/runs/\($0)/metrics.json") })
    #expect(!exists(program, "run/test.json"))
    let dev = try means(program("sweep report run --json").json())
    // With it, the rest is done, and no run is trained again.
    let shop = program.folder.appending(path: "shop")
    try FileManager.default.copyItem(at: shop, to: program.folder.appending(path: "hidden"))
    let rest = try program("sweep recipe.yaml --resume --json")
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(rest.errors.components(separatedBy: ": finished before").count == 7)
    #expect(try means(rest.json()) == dev)
    let test = try program.read("run/test.json")
    // It is looked at once: whatever becomes of it, the result stays.
    try FileManager.default.removeItem(at: program.folder.appending(path: "hidden"))
    let again = try program("sweep report run --test")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try program.read("run/test.json") == test)
  }

  /// A sweep that is killed again and again ends as one that is not.
  @Test func killedSweepsGoOn() throws {
    let whole = try swept()
    let expected = try whole("sweep report run --json").json()
    let program = try program()
    var isDone = false
    for attempt in 0..<6 where !isDone {
      let line = "sweep recipe.yaml" + (exists(program, "run/settings.json") ? " --resume" : "")
      isDone = try program.kill(line, after: 0.3 + 0.15 * Double(attempt))
    }
    let rest = try program("sweep recipe.yaml --resume --json")
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try means(rest.json()) == means(expected))
    for run in ["base-seed-1", "001-seed-2", "002-seed-2"] {
      #expect(try weights(program, "run/runs/\(run)") == weights(whole, "run/runs/\(run)"))
    }
  }

  /// One that was killed before it had written its settings begins again.
  @Test func begunSettingsAreNoObstacle() throws {
    let program = try program("seeds: [1, 2]")
    for name in ["locks/base-seed-1", "sweep.yaml", "settings.json.partial-77"] {
      try program.write("run/" + name, "")
    }
    #expect(try program("sweep recipe.yaml --resume").code == 0)
    try program.write("other/notes.txt", "")
    #expect(try program("sweep recipe.yaml --output other --resume").code == 73)
  }

  /// A run without its end resumes from its checkpoint; the others stay as they are.
  @Test func halfFinishedRunsResume() throws {
    let program = try swept()
    let run = "run/runs/001-seed-2"
    let expected = try weights(program, run)
    try FileManager.default.removeItem(at: program.folder.appending(path: run + "/metrics.json"))
    try FileManager.default.removeItem(at: program.folder.appending(path: run + "/model"))
    let other = program.folder.appending(path: "run/runs/base-seed-1/log.jsonl")
    let log = try Data(contentsOf: other)
    let result = try program("sweep recipe.yaml --resume")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("resuming from \(run)/checkpoints/step-00000006.h5"))
    #expect(result.errors.components(separatedBy: ": finished before").count == 6)
    #expect(try weights(program, run) == expected && Data(contentsOf: other) == log)
    // Where no checkpoint can be read, it begins again.
    try FileManager.default.removeItem(at: program.folder.appending(path: run + "/metrics.json"))
    for step in [2, 4, 6] { try program.write(run + "/checkpoints/step-0000000\(step).h5", "x") }
    let again = try program("sweep recipe.yaml --resume")
    #expect(again.code == 0 && again.errors.contains("the run starts again"), "\(again.errors)")
    #expect(try weights(program, run) == expected)
  }

  /// Parts in folders of their own and in a shared one give what one process gives.
  @Test func shards() throws {
    let program = try swept()
    let expected = try means(program("sweep report run --json").json())
    for (part, output) in [("1/2", "a"), ("2/2", "b"), ("1/3", "c"), ("3/3", "c"), ("2/3", "c")] {
      let result = try program("sweep recipe.yaml --shard \(part) --output \(output)")
      #expect(result.code == 0, "\(result.errors)")
      #expect(!exists(program, output + "/test.json"))
    }
    let early = try program("sweep report a --test")
    #expect(early.code == 66 && early.errors.contains("3 of 6 runs finished, 3 not yet trained"))
    let part = try program("sweep report a --json").json()
    #expect(part["complete"] as? Bool == false && part["chosen"] is NSNull)
    for folders in ["a b", "b a", "c"] {
      let merged = try program("sweep report \(folders) --test --json")
      #expect(merged.code == 0, "\(merged.errors)")
      #expect(try means(merged.json()) == expected, "\(folders)")
      #expect((try merged.json()["test"] as? [String: Any])?["verdict"] != nil)
    }
    #expect(exists(program, "b/chosen/model/config.json"))
    let other = try program("sweep recipe.yaml --set sweep.seeds=[1] --output d --shard 1/9")
    #expect(other.code == 0, "\(other.errors)")
    let mixed = try program("sweep report a d")
    #expect(mixed.code == 78 && mixed.errors.contains("the folder holds a sweep"))
  }

  /// 'ltr inspect' and 'ltr watch' of a sweep: every run with its values and what it came to.
  @Test func inspectAndWatch() throws {
    let program = try program()
    #expect(try program("sweep recipe.yaml --shard 1/2").code == 0)
    let part = try program("inspect run")
    #expect(part.code == 0, "\(part.errors)")
    #expect(part.output.hasPrefix("kind     sweep\nfolder   run\nmeasure  nDCG@10 on dev\n"))
    #expect(part.output.contains("3 of 6 runs finished, 3 not yet trained"))
    let rows = part.lines.filter { $0.contains("-seed-") }
    #expect(rows.count == 6 && rows.count { $0.hasSuffix(" finished") } == 3, "\(part.output)")
    #expect(rows.count { $0.hasSuffix(" not begun") } == 3)
    // Without a process that trains it.
    let idle = try program("watch run")
    #expect(idle.code == 69 && idle.errors.contains("no process trains the sweep"))
    #expect(try program("watch run --once").lines.last == "not running")
    // A run that was killed on its way.
    let run = "run/runs/001-seed-2"
    #expect(try program("sweep recipe.yaml --resume").code == 0)
    let whole = try program("inspect run --json").json()
    try FileManager.default.removeItem(at: program.folder.appending(path: run + "/metrics.json"))
    let stopped = try program("inspect run")
    let row = try #require(stopped.lines.first { $0.hasPrefix("001-seed-2") })
    #expect(row.contains("1.0e-3") && row.hasSuffix("stopped, training 8/8"), "\(row)")
    let json = try program("inspect run --json").json()
    #expect(json["kind"] as? String == "sweep" && json["complete"] as? Bool == false)
    #expect(json["running"] as? Bool == false && json["chosen"] is NSNull)
    let runs = try #require(json["runs"] as? [[String: Any]])
    let one = try #require(runs.first { $0["name"] as? String == "001-seed-2" })
    #expect(one["state"] as? String == "stopped" && one["step"] as? Int == 8)
    #expect(one["values"] as? [String: String] == ["optimizer.lr": "1.0e-3"])
    #expect(one["best_so_far"] as? Double != nil && one["value"] is NSNull)
    // Of a sweep that has ended, as its results say.
    #expect(try program("sweep recipe.yaml --resume").code == 0)
    let ended = try program("watch run")
    #expect(ended.code == 0 && ended.lines.last == "finished", "\(ended.errors)")
    #expect(ended.output.contains("6 of 6 runs finished") && ended.output.contains("best on dev: "))
    let chosen = try object(program, "run/results.json")["chosen"] as? [String: Any]
    #expect(whole["chosen"] as? String == chosen?["run"] as? String)
    #expect(try program("watch run --once").lines.last == "finished")
    // Another file of that name is none of a sweep.
    try program.write("shop/settings.json", "{\"format\": \"other\"}")
    #expect(try program("inspect shop").lines.first?.hasSuffix(" collection") == true)
  }

  /// The runs that end while they are watched.
  @Test func watchesASweepThatGoesOn() async throws {
    let program = try program()
    let sweep = try program.start("sweep recipe.yaml")
    for _ in 0..<200 where !exists(program, "run/settings.json") {
      try await Task.sleep(for: .milliseconds(20))
    }
    let watched = try program("watch run")
    let code = try await sweep.end().code
    // The sweep still measures the chosen run on test when all of them have ended.
    #expect(code == 0 || code == -1 || code == 130)
    #expect(watched.code == 0, "\(watched.errors)")
    #expect(watched.lines.last == "finished" && watched.output.contains("6 of 6 runs finished"))
    #expect(watched.output.contains(" ended: nDCG@10 "), "\(watched.output)")
  }

  /// A run that another process has is left to it.
  @Test func lockedRun() throws {
    let program = try program("seeds: [1, 2]")
    try program.write("run/locks/base-seed-1", "")
    let lock = try FileHandle(
      forUpdating: program.folder.appending(path: "run/locks/base-seed-1"))
    #expect(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
    let result = try program("sweep recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("base-seed-1: another process is training it"))
    #expect(result.output.contains("1 of 2 runs finished") && !exists(program, "run/test.json"))
    let overwriting = try program("sweep recipe.yaml --overwrite")
    #expect(overwriting.code == 73 && overwriting.errors.contains("is training the run"))
    try lock.close()
    #expect(try program("sweep recipe.yaml --resume").code == 0)
    #expect(exists(program, "run/test.json"))
    let replaced = try program("sweep recipe.yaml --overwrite --set sweep.seeds=[5,6]")
    #expect(replaced.code == 0, "\(replaced.errors)")
    #expect(!exists(program, "run/runs/base-seed-1") && exists(program, "run/runs/base-seed-6"))
  }

  /// A learning rate at which the loss overflows costs one run, not the sweep.
  @Test func failedRun() throws {
    let program = try program("keys: { optimizer.lr: [1.0e+36, 1.0e-4] }")
    let result = try program("sweep recipe.yaml --json")
    #expect(result.code == 0, "\(result.errors)")
    let json = try result.json()
    #expect(json["complete"] as? Bool == true && json["best"] as? String != "001")
    let failed = try #require(try settings(json).first { $0["name"] as? String == "001" })
    let run = try #require((failed["runs"] as? [[String: Any]])?.first)
    #expect(run["state"] as? String == "failed")
    #expect((run["error"] as? String)?.contains("not a finite number") == true)
    #expect(failed["mean"] is NSNull)
    let again = try program("sweep recipe.yaml --resume")
    #expect(again.errors.contains("001-seed-7: failed before"), "\(again.errors)")
    #expect(again.output.contains("runs failed in 001, which therefore cannot be chosen"))
    let retried = try program("sweep recipe.yaml --resume --retry")
    #expect(retried.errors.contains("the run 001-seed-7 failed; the sweep goes on"))
    #expect(retried.code == 0)
  }

  /// A sweep is inherited, and its mistakes are told where they are.
  @Test func inheritedSweep() throws {
    let program = try program()
    try program.write(
      "other.yaml", "extends: recipe.yaml\nsweep: { seeds: [4] }\ntraining: { epochs: 2 }\n")
    let result = try program("sweep other.yaml --output other --json")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try means(result.json()).count == 3)
    #expect(try program.read("other/runs/002-seed-4/recipe.yaml").contains("epochs: 2"))
    let plain = try program("train other.yaml --output plain")
    #expect(plain.code == 78 && plain.errors.contains("other.yaml"), "\(plain.errors)")
    let recipe = try program.read("recipe.yaml").replacing("1.0e-4]", with: "-1]")
    try program.write("recipe.yaml", recipe)
    let wrong = try program("sweep other.yaml --output third")
    #expect(wrong.code == 78 && wrong.errors.contains("at: recipe.yaml:"), "\(wrong.errors)")
    try program.write("none.yaml", "extends: recipe.yaml\nsweep: null\ntraining: { epochs: 1 }\n")
    let alone = try program("train none.yaml --output alone")
    #expect(alone.code == 0, "\(alone.errors)")
  }

  @Test func dryRun() throws {
    let program = try program()
    let result = try program("sweep recipe.yaml --dry-run --shard 1/2")
    #expect(result.code == 0 && result.lines.count == 4, "\(result.errors)")
    #expect(result.lines[0].hasSuffix("optimizer.lr"))
    #expect(result.errors.contains("3 settings, 2 seeds: 6 runs, 3 of them in this part"))
    let json = try program("sweep recipe.yaml --dry-run --json").json()
    #expect((json["runs"] as? [[String: Any]])?.count == 6)
    #expect((json["seconds"] as? Double ?? 0) > 0 && (json["peak_memory_mb"] as? Int ?? 0) > 0)
    #expect(result.errors.contains("predicted time: "), "\(result.errors)")
    #expect(!exists(program, "run"))
  }

  @Test(arguments: [
    ("sweep recipe.yaml", 73, "give --resume to continue the sweep"),
    (
      "sweep recipe.yaml --resume --set training.epochs=5", 78,
      "it has 'epochs: 4', this one 'epochs: 5'"
    ),
    ("sweep recipe.yaml --resume --set sweep.seeds=[1,3]", 78, "'seeds: [1, 2]'"),
    ("sweep recipe.yaml --resume --overwrite", 64, "give one"),
    ("sweep --output a recipe.yaml --output b", 64, "'--output' is given more than once"),
    ("sweep recipe.yaml --output=", 64, "the value of '--output' is empty"),
    ("sweep recipe.yaml --retry", 64, "only with --resume"),
    ("sweep recipe.yaml --shard 0/2", 64, "'0/2' is not"),
    ("sweep recipe.yaml --shard 3/2", 64, "'3/2' is not"),
    ("sweep recipe.yaml --shard two", 64, "'two' is not"),
    ("sweep recipe.yaml --shard 1/2 --overwrite", 64, "the other parts"),
    (
      "sweep recipe.yaml --output other --set sweep.seeds=[\((0..<20).map(String.init).joined(separator: ","))]",
      64, "the sweep has 60 runs: 3 settings with 20 seeds each"
    ),
    ("train recipe.yaml --output other", 78, "ltr sweep recipe.yaml"),
    ("sweep recipe.yaml --set sweep=", 78, "the recipe has no sweep"),
    ("sweep recipe.yaml --output shop", 73, "do not belong to a sweep"),
    ("sweep report shop", 66, "holds no sweep"),
    ("sweep none.yaml", 66, "none.yaml"),
  ])
  func mistakes(_ line: String, _ code: Int32, _ problem: String) throws {
    let program = try program("seeds: [1, 2], keys: { optimizer.lr: [1.0e-3, 1.0e-4] }")
    // A part without runs begins the sweep.
    #expect(try program("sweep recipe.yaml --shard 100/100").code == 0)
    let result = try program(line)
    #expect(result.code == code && result.errors.contains(problem), "\(result.errors)")
    #expect(!exists(program, "run/runs/base-seed-1") && !exists(program, "other"))
  }
}
