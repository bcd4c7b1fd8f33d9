import Foundation
import TestSupport
import Testing

/// `ltr calibrate`, and what `ltr export` says beside the weights.
@Suite struct BundleCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  private func bytes(_ name: String, _ program: Program) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: name))
  }

  private func recipe(_ more: String = "") -> String {
    """
    model: { base: model, max_length: 24\(more) }
    data:
      train: { collection: shop, split: test, candidates: first.run }
      dev: { collection: shop, split: test, candidates: first.run }
    list: { size: 2 }
    training: { epochs: 2, batch: { lists: 2 }, workers: 1, precision: f32 }
    output: run

    """.replacing("\nlist: { size: 2 }", with: "")
  }

  @Test func exportsOfARunAreTheSameToTheByte() throws {
    let program = try program()
    try program.write("recipe.yaml", recipe())
    let trained = try program("train recipe.yaml")
    #expect(trained.code == 0, "\(trained.errors)")
    let card = try program.read("run/model/README.md")
    #expect(card.contains("\n# run\n"))
    #expect(card.contains("| loss | lambdarank |"))
    #expect(card.contains("### dev, 2 queries"))
    #expect(card.contains("| model, gain | "))
    #expect(card.contains("probability of relevance"))
    for name in ["a", "b"] {
      let result = try program(
        "export --model run --format hf --output \(name) --bundle \(name).tar.gz --license mit")
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(try bytes("a.tar.gz", program) == bytes("b.tar.gz", program))
    let facts = try program("inspect a.tar.gz --json").json()
    #expect(facts["kind"] as? String == "bundle")
    #expect(facts["license"] as? String == "mit")
    #expect(facts["base_license"] as? String == "unknown")
    let files = try #require(facts["files"] as? [String: String])
    #expect(files.count == 10 && files["README.md"]?.count == 64)
    #expect((facts["dev"] as? [String: Any])?["model"] != nil)
    #expect((facts["calibration"] as? [String: Double])?["slope"] != nil)
    // The bundle is a model, with the same scores.
    let scores = try program("score --model run --input pairs.jsonl")
    #expect(try program("score --model a.tar.gz --input pairs.jsonl").output == scores.output)
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(unpacked("a.tar.gz", program).utf8))
        as? [String: Any])
    #expect((manifest["recipe"] as? String)?.hasPrefix("model:\n  base: model\n") == true)
    let data = try #require(manifest["data"] as? [String: [String: Any]])
    #expect(
      Set(data.keys) == [
        "model", "train.collection", "train.candidates", "dev.collection", "dev.candidates",
      ])
    #expect((data["dev.collection"]?["files"] as? [String: String])?.count == 3)
    #expect((manifest["measures"] as? [String: Any])?["dev"] != nil)
  }

  private func object(_ name: String, _ program: Program) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: Data(program.read(name).utf8))
    return try #require(json as? [String: Any])
  }

  private func unpacked(_ bundle: String, _ program: Program) throws -> String {
    try shell("mkdir -p un && tar xzf \(bundle) -C un", program)
    return try program.read("un/manifest.json")
  }

  private func shell(_ line: String, _ program: Program) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = program.folder
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(line)")
  }

  @Test func inspectFindsWhatWasChanged() throws {
    let program = try program()
    let export = try program("export --model model --format gguf --output g --bundle x.tar.gz")
    #expect(export.code == 0, "\(export.errors)")
    #expect(try program("inspect x.tar.gz").output.contains("3 files, all match the manifest"))
    _ = try unpacked("x.tar.gz", program)
    try program.write("un/README.md", "another")
    try program.write("un/more", "")
    try shell(
      "tar czf y.tar.gz -C un . && rm un/model-f32.gguf && tar czf z.tar.gz -C un .", program)
    let changed = try program("inspect y.tar.gz")
    #expect(changed.code == 65)
    #expect(changed.errors.contains("changed: README.md; not in the manifest: more"))
    #expect(try program("inspect z.tar.gz").errors.contains("missing: model-f32.gguf"))
    try program.write("un/README.md", "another")
    try shell(
      "cp un/README.md twice && tar xzf x.tar.gz -C un && ln -s /etc un/link && "
        + "tar cf w.tar -C un . && tar rf w.tar -C un ./export.json && gzip w.tar", program)
    let odd = try program("inspect w.tar.gz")
    #expect(odd.code == 65)
    #expect(odd.errors.contains("not in the manifest: more; duplicates: export.json; links: link"))
    // What a bundle says is not what a terminal does.
    try shell("tar xzf x.tar.gz -C un && rm un/more un/link", program)
    let manifest = try program.read("un/manifest.json")
    try program.write(
      "un/manifest.json",
      manifest.replacing(
        "\"license\" : \"unknown\"", with: "\"license\" : \"mit\\u001b[2J\\nverified  ALL\""))
    try shell("tar czf v.tar.gz -C un .", program)
    let told = try program("inspect v.tar.gz").output
    #expect(told.contains("mit\u{FFFD}[2J\u{FFFD}verified  ALL") && !told.contains("\u{1B}"))
    for inner in ["h", "h/x.tar.gz", "./h"] {
      let own = try program("export --model model --format gguf --output h --bundle \(inner)")
      #expect(own.code == 64, "\(inner): \(own.errors)")
    }
    let there = try program("export --model model --format gguf --output h --bundle x.tar.gz")
    #expect(there.code == 73)
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "h").path))
  }

  @Test func calibratesAndAppliesOnlyWhenAsked() throws {
    let program = try program()
    let line = "calibrate --model model --collection shop --split test --run first.run"
    let result = try program("\(line) --output c.json --json")
    #expect(result.code == 0, "\(result.errors)")
    let json = try result.json()
    // q1: d2 (0), d1 (2), d3 (unjudged); q2: d4 (1), d1 (unjudged).
    #expect(json["candidates"] as? Int == 5 && json["relevant"] as? Int == 2)
    let slope = try #require(json["slope"] as? Double)
    let intercept = try #require(json["intercept"] as? Double)
    #expect(try program("\(line) --output c.json").code == 73)
    let judged = try program("\(line) --output d.json --judged-only --json").json()
    #expect(judged["candidates"] as? Int == 3)
    #expect(try program("\(line) --output e.json --grade 3").code == 65)
    let before = try program("score --model model --input pairs.jsonl").lines.compactMap(
      Double.init)
    func scores(_ options: String, _ name: String) throws -> [Double] {
      let export = try program("export --model model --format hf --output \(name) \(options)")
      #expect(export.code == 0, "\(export.errors)")
      return try program("score --model \(name) --input pairs.jsonl").lines.compactMap(Double.init)
    }
    #expect(try scores("--calibration c.json --bundle m.tar.gz", "m") == before)
    #expect(try program("inspect m.tar.gz --json").json()["calibrated"] as? Bool == false)
    if slope > 0 {
      let after = try scores("--calibration c.json --apply-calibration", "n")
      for (a, b) in zip(after, before) { #expect(abs(a - (slope * b + intercept)) < 1e-4) }
      #expect(try program.read("n/config.json").contains("activation.Sigmoid"))
      #expect(try program.read("n/ltr.json").contains("\"calibrated\" : true"))
      #expect(try object("n/export.json", program)["activation"] as? String == "sigmoid")
      // The bundle speaks of the scores as they are now.
      _ = try scores("--calibration c.json --apply-calibration --bundle q.tar.gz", "q")
      _ = try unpacked("q.tar.gz", program)
      let now = try #require(object("un/manifest.json", program)["calibration"] as? [String: Any])
      #expect(now["slope"] as? Double == 1 && now["intercept"] as? Double == 0)
      #expect((now["applied"] as? [String: Any])?["slope"] as? Double == slope)
      let fitted = try #require(json["thresholds"] as? [[String: Double]])
      let moved = try #require(now["thresholds"] as? [[String: Double]])
      #expect(moved.count == fitted.count && !moved.isEmpty)
      for (a, b) in zip(moved, fitted) {
        let (score, before) = try (#require(a["score"]), #require(b["score"]))
        #expect(abs(score - (slope * before + intercept)) < 1e-9)
      }
      // What was fitted for the model before is not for the one after.
      #expect(
        try program("export --model n --format hf --output o --calibration c.json").code == 65)
    } else {
      let refused = try program(
        "export --model model --format hf --output n --calibration c.json --apply-calibration")
      #expect(refused.code == 65 && refused.errors.contains("slope"))
    }
    #expect(
      try program("export --model model --format hf --output p --apply-calibration").code == 64)
  }

  @Test func oneSegmentStaysWithTheModel() throws {
    let program = try program()
    try program.write("recipe.yaml", recipe(", segments: 1"))
    let trained = try program("train recipe.yaml")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("note: 'model.segments' is now 'model.token_types'\n"))
    #expect(try program.read("run/recipe.yaml").contains("  segments: 1\n"))
    for model in ["run", "run/checkpoints/best.h5"] {
      let tokens = try program("tokenize --model \(model) --query file --text cat --json").json()
      #expect(tokens["token_type_ids"] as? [Int] == [0, 0, 0, 0, 0])
    }
    #expect(try program.read("run/model/README.md").contains("| token types of a pair | 1 |"))
    let refused = try program("train recipe.yaml --set model.segments=3 --output other")
    #expect(refused.code == 78)
  }
}
