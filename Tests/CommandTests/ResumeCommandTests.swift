import Foundation
import Testing

/// `ltr train --resume` where something is not as the run left it.
@Suite struct ResumeCommandTests {
  private static let weights = "run/model/model.safetensors"

  /// A run of eight steps that has been trained to its end, with a checkpoint after each step.
  private func trained() throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: "checkpoint: { every: 1 steps, keep: 20 }")
    let result = try program("train recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    return program
  }

  private func bytes(_ program: Program, _ name: String) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: name))
  }

  private func data(_ program: Program) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: bytes(program, "run/data.json")) as? [String: Any])
  }

  private func step(_ number: Int) -> String { "run/checkpoints/step-0000000\(number).h5" }

  @Test func damagedCheckpoint() throws {
    let program = try trained()
    let expected = try bytes(program, Self.weights)
    var damaged = try bytes(program, step(7))
    damaged[damaged.count / 2] ^= 4
    try damaged.write(to: program.folder.appending(path: step(7)))
    let result = try program("train recipe.yaml --resume")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("warning: damaged: \(step(7)) ("))
    #expect(result.errors.contains("resuming from \(step(6)), after step 6 of all"))
    #expect(try bytes(program, Self.weights) == expected)
    #expect(try bytes(program, step(7) + ".damaged") == damaged)
    let log = try program.read("run/log.jsonl")
    #expect(log.contains("\"event\":\"resume\"") && log.contains("\"total_steps\":6"))
    let aside = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "run/checkpoints").path
    ).count { $0.contains(".h5.") }
    #expect(
      result.errors.contains(
        "warning: run/checkpoints: files that --resume has put aside: \(aside) (*.damaged*"))
    let inspected = try program("inspect run --json").json()
    #expect(inspected["checkpoints"] as? Int == 7 && inspected["put_aside"] as? Int == aside)
    // The next run goes on from what this one wrote.
    let next = try program("train recipe.yaml --resume")
    #expect(next.errors.contains("resuming from \(step(7))"), "\(next.errors)")
    for number in 1...7 { try program.write(step(number), "x") }
    let none = try program("train recipe.yaml --resume")
    #expect(none.code == 65)
    #expect((1...7).allSatisfy { none.errors.contains(step($0)) }, "\(none.errors)")
    #expect(!none.errors.contains("use an earlier checkpoint"))
  }

  /// The checkpoint by its path or its name, before the recipe or behind it.
  @Test func namedCheckpoint() throws {
    let program = try trained()
    let expected = try bytes(program, Self.weights)
    for line in [
      "train recipe.yaml --resume \(step(5))", "train --resume \(step(4)) recipe.yaml",
      "train --resume recipe.yaml step-00000003.h5",
    ] {
      let result = try program(line)
      #expect(result.code == 0, "\(line): \(result.errors)")
      let number = try #require(line.firstMatch(of: /step-0000000(\d)/)?.1)
      #expect(result.errors.contains("after step \(number) of all"), "\(result.errors)")
      #expect(try bytes(program, Self.weights) == expected)
    }
    #expect(try program("train --resume recipe.yaml").errors.contains("after step 7 of all"))
    let alone = try program("train recipe.yaml \(step(5))")
    #expect(alone.code == 64 && alone.errors.contains("--resume"), "\(alone.errors)")
    #expect(try program("train recipe.yaml --resume none.h5").code == 66)
    #expect(try program("train recipe.yaml --accept-changed-data").code == 64)
  }

  /// Each file that a recipe names, changed under its path.
  @Test(arguments: [
    ("shop/qrels/train.tsv", "train.collection"), ("shop/corpus.jsonl", "train.collection"),
    ("shop/queries.jsonl", "dev.collection"), ("shop/qrels/test.tsv", "dev.collection"),
    ("first.run", "train.candidates"), ("model/config.json", "model"),
  ])
  func changedData(_ file: String, _ role: String) throws {
    let program = try trained()
    let before = try data(program)
    try program.write(file, try program.read(file) + "\n")
    let result = try program("train recipe.yaml --resume")
    #expect(result.code == 65, "\(result.errors)")
    #expect(result.errors.hasPrefix("error: the data changed since the run's step 7:"))
    #expect(result.errors.contains("    \(file) (\(role)): SHA-256 was "), "\(result.errors)")
    let sums = result.errors.matches(of: /[0-9a-f]{64}/).map { String($0.0) }
    #expect(sums.count >= 2 && sums[0] != sums[1])
    #expect("\(before)".contains(sums[0]) && !"\(before)".contains(sums[1]))
    #expect(result.errors.contains("--accept-changed-data"))
    #expect(NSDictionary(dictionary: try data(program)) == NSDictionary(dictionary: before))
  }

  @Test func acceptedData() throws {
    let program = try trained()
    let before = try data(program)
    #expect(before["continuations"] == nil)
    try program.write("shop/qrels/train.tsv", Program.qrels + "q1\td3\t1\n")
    let line = "train recipe.yaml --resume \(step(4))"
    let accepted = try program(line + " --accept-changed-data")
    #expect(accepted.code == 0, "\(accepted.errors)")
    #expect(accepted.errors.contains("warning: continuing with data that changed since step 4:"))
    #expect(try program.read("run/log.jsonl").contains("continuing with data that changed"))
    let after = try data(program)
    let continuations = try #require(after["continuations"] as? [[String: Any]])
    #expect(continuations.count == 1 && continuations[0]["after_step"] as? Int == 4)
    let changed = try #require(continuations[0]["data"] as? [String: Any])
    #expect(changed.keys.sorted() == ["train.collection"])
    #expect(
      NSDictionary(dictionary: after.filter { $0.key != "continuations" })
        == NSDictionary(dictionary: before))
    // From later steps it goes on with the new data, from earlier ones with the old.
    #expect(try program("train recipe.yaml --resume").code == 0)
    #expect(try program("train recipe.yaml --resume \(step(3))").code == 65)
    // The model and what is exported of it name both.
    let export = try program("export --model run --format hf --output out")
    #expect(export.code == 0, "\(export.errors)")
    for notes in ["run/model/ltr.json", "out/ltr.json"] {
      let text = try program.read(notes)
      #expect(text.contains("changed_data") && text.contains("after_step"), "\(text)")
      #expect(text.matches(of: /[0-9a-f]{64}/).count > 5)
    }
    #expect(
      try program.read("run/model/README.md").contains("| data changed | after step 4: train.coll"))
    try program.write("shop/qrels/train.tsv", Program.qrels)
    #expect(try program("train recipe.yaml --resume").code == 65)
    #expect(try program("train recipe.yaml --resume \(step(3))").code == 0)
    #expect(try data(program)["continuations"] == nil)
  }

  @Test(arguments: ["{", "[1]", ""]) func malformedChecksums(_ text: String) throws {
    let program = try trained()
    try program.write("run/data.json", text)
    let result = try program("train recipe.yaml --resume --accept-changed-data")
    #expect(result.code == 65, "\(result.errors)")
    #expect(result.errors.contains("at: run/data.json"))
    #expect(result.errors.contains("without the file, the run continues"), "\(result.errors)")
    #expect(try program.read("run/data.json") == text)
  }

  /// Earlier versions wrote no checksums before the end.
  @Test func runWithoutChecksums() throws {
    let program = try trained()
    let expected = try bytes(program, Self.weights)
    try FileManager.default.removeItem(at: program.folder.appending(path: "run/data.json"))
    let result = try program("train recipe.yaml --resume")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("the data could not be compared"), "\(result.errors)")
    #expect(try bytes(program, Self.weights) == expected)
    try program.write("first.run", "q1 Q0 d1 1 9 bm25\nq1 Q0 d2 2 8 bm25\n")
    #expect(try program("train recipe.yaml --resume").code == 65)
  }
}
