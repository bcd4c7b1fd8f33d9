import Foundation
import Testing

/// `ltr train --auto`.
@Suite struct SearchCommandTests {
  /// The fixture with a recipe of 60 steps, which give two rungs.
  private func program(_ training: String = "seed: 3") throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: training)
    let recipe = try program.read("recipe.yaml").replacing("epochs: 4", with: "epochs: 30")
      .replacing("every: 2 steps", with: "every: 10 steps").replacing(
        "  list:",
        with: "  test: { collection: shop, split: test, candidates: first.run }\n  list:")
    try program.write("recipe.yaml", recipe)
    return program
  }

  private func exists(_ program: Program, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: program.folder.appending(path: name).path)
  }

  private func weights(_ program: Program, _ run: String) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: "\(run)/model/model.safetensors"))
  }

  private func object(_ program: Program, _ name: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(program.read(name).utf8)) as? [String: Any])
  }

  /// The trials with their values on the rungs that they reached.
  private func values(_ json: [String: Any]) throws -> [String: [Double]] {
    let trials = try #require(json["trials"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: try trials.map { trial in
        let rungs = try #require(trial["rungs"] as? [[String: Any]])
        return (
          try #require(trial["name"] as? String), rungs.compactMap { $0["value"] as? Double }
        )
      })
  }

  @Test func theBestTrialBecomesTheRun() throws {
    let program = try program()
    let result = try program("train recipe.yaml --auto --trials 4 --json")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("rung 1 of 2: 4 trials of 20 steps"), "\(result.errors)")
    let json = try result.json()
    let values = try values(json)
    #expect(Set(values.keys) == ["recipe", "001", "002", "003"])
    #expect(values["recipe"]?.count == 2, "the recipe's own values reach the last rung")
    let chosen = try #require(json["chosen"] as? String)
    let name = try #require(chosen.components(separatedBy: "-seed-").first)
    let last = values.values.filter { $0.count == 2 }.map { $0[1] }
    #expect(values[name]?.last == last.max())
    // The run is the chosen trial, with test, which no trial has seen.
    let trial = "run/search/rung-2/runs/\(chosen)"
    #expect(try weights(program, "run") == weights(program, trial))
    for number in [1, 2] {
      for folder in try FileManager.default.contentsOfDirectory(
        atPath: program.folder.appending(path: "run/search/rung-\(number)/runs").path)
      {
        let metrics = try program.read("run/search/rung-\(number)/runs/\(folder)/metrics.json")
        #expect(!metrics.contains("\"test\""))
      }
    }
    let metrics = try object(program, "run/metrics.json")
    let verdict = try #require(metrics["verdict"] as? [String: Any])
    #expect(metrics["test"] is [String: Any] && verdict["split"] as? String == "test")
    #expect((metrics["average"] as? [String: Any])?["base"] is Double)
    #expect(try program.read("run/model/README.md").contains("test, 2 queries"))
    #expect(try program.read("run/scores.jsonl").contains("\"split\":\"test\""))
    #expect(try program.read("run/recipe.yaml").contains("base: dev\n"))
    #expect(try program.read("run/recipe.yaml").contains("split: test"))
    #expect(exists(program, "run/report.html") && exists(program, "run/calibration.json"))
    // A run of its recipe is the same, bit for bit.
    let plain = try program("train run/recipe.yaml --output plain")
    #expect(plain.code == 0, "\(plain.errors)")
    #expect(try weights(program, "plain") == weights(program, "run"))
    // The model does what models of runs do.
    #expect(try program("inspect run").code == 0)
    #expect(try program("report run").code == 0)
  }

  /// Where dev has nothing better than the base, the run's model is the base.
  @Test func baseItself() throws {
    let program = try program()
    let result = try program(
      "train recipe.yaml --auto --trials 1 --set optimizer.lr=1.0e-30")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("the model is the base itself"), "\(result.output)")
    #expect(result.errors.contains("by which the base itself is a candidate"))
    #expect(try object(program, "run/metrics.json")["average"] as? [String: Double] == ["base": 0])
    #expect(try program.read("run/model/README.md").contains("the base model's alone"))
  }

  /// A search that is killed again and again ends as one that is not.
  @Test func killedSearchesGoOn() throws {
    let whole = try program()
    #expect(try whole("train recipe.yaml --auto --trials 4").code == 0)
    let expected = try values(object(whole, "run/search/results.json"))
    let program = try program()
    var line: String {
      "train recipe.yaml --auto"
        + (exists(program, "run/search/search.json") ? " --resume" : " --trials 4 --overwrite")
    }
    var isDone = false
    for attempt in 0..<5 where !isDone {
      isDone = try program.kill(line, after: 0.4 + 0.3 * Double(attempt))
    }
    let rest = try program(line)
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try values(object(program, "run/search/results.json")) == expected)
    #expect(try weights(program, "run") == weights(whole, "run"))
  }

  /// A budget that is spent leaves trials out, and still ends with a model.
  @Test func spentBudget() throws {
    let program = try program()
    #expect(try program("train recipe.yaml --auto --trials 4 --dry-run").code == 0)
    #expect(!exists(program, "run"))
    let begun = try program("train recipe.yaml --auto --trials 4 --budget 10h")
    #expect(begun.code == 0, "\(begun.errors)")
    #expect(begun.errors.contains("at most about"))
    let search = try object(program, "run/search/search.json")
    #expect(search["budget"] as? Double == 36_000 && (search["seconds"] as? Double ?? 0) > 0)
    // Of a search that has lost its trials, and its time, only what has to be trained is.
    for number in [1, 2] {
      try FileManager.default.removeItem(
        at: program.folder.appending(path: "run/search/rung-\(number)"))
    }
    let result = try program("train recipe.yaml --auto --resume --budget 0.001s")
    #expect(result.code == 0, "\(result.errors)")
    let values = try values(object(program, "run/search/results.json"))
    #expect(values["recipe"]?.count == 2 && values["001"] == [])
    #expect(result.output.contains("left out"))
    #expect(exists(program, "run/model/config.json"))
  }

  @Test func dryRun() throws {
    let program = try program()
    let result = try program("train recipe.yaml --auto --budget 10h --dry-run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.lines[0].hasPrefix("trial") && result.lines.count > 9)
    #expect(result.errors.contains("nothing was written"))
    let json = try program("train recipe.yaml --auto --budget 10h --dry-run --json").json()
    #expect((json["trials"] as? [[String: Any]])?.count == result.lines.count - 1)
    #expect((json["rungs"] as? [[String: Any]])?.count == 2)
    #expect(!exists(program, "run"))
  }

  @Test(arguments: [
    ("train recipe.yaml --budget 30m", 64, "--budget applies only with --auto"),
    ("train recipe.yaml --trials 3", 64, "--trials applies only with --auto"),
    ("train recipe.yaml --auto --budget soon", 64, "'soon' is not"),
    ("train recipe.yaml --auto --budget 0", 64, "'0' is not"),
    ("train recipe.yaml --auto --budget 0.001s", 64, "a search needs more than"),
    ("train recipe.yaml --auto --trials 0", 64, "--trials must be from 1"),
    ("train recipe.yaml --auto --resume --trials 3", 64, "--trials cannot be changed"),
    ("train recipe.yaml --auto --resume", 66, "there is no search to continue"),
    ("train recipe.yaml --auto --trials 2 --set data.dev=", 78, "data.dev, which is missing"),
    ("train recipe.yaml --auto --trials 2 --output shop", 73, "shop"),
  ])
  func mistakes(_ line: String, _ code: Int32, _ problem: String) throws {
    let program = try program()
    let result = try program(line)
    #expect(result.code == code && result.errors.contains(problem), "\(result.errors)")
    #expect(!exists(program, "run/model"))
  }

  /// A search is not replaced, nor continued with another recipe.
  @Test func otherSearch() throws {
    let program = try program()
    #expect(try program("train recipe.yaml --auto --trials 1").code == 0)
    let again = try program("train recipe.yaml --auto --trials 1")
    #expect(again.code == 73 && again.errors.contains("already holds a search"))
    let other = try program("train recipe.yaml --auto --resume --set training.epochs=5")
    #expect(other.code == 78, "\(other.errors)")
    let model = try weights(program, "run")
    let finished = try program("train recipe.yaml --auto --resume")
    #expect(finished.code == 0 && finished.errors.contains("finished before"))
    #expect(try weights(program, "run") == model)
    let replaced = try program("train recipe.yaml --auto --trials 2 --overwrite")
    #expect(replaced.code == 0, "\(replaced.errors)")
    #expect(try values(object(program, "run/search/results.json")).count == 2)
  }
}
