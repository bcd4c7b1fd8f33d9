import Foundation
import Testing

@Suite struct ExportCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  private func object(_ program: Program, _ name: String) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: Data(program.read(name).utf8))
    return try #require(json as? [String: Any])
  }

  @Test func saysHowFarScoresAreApart() throws {
    let program = try program()
    let result = try program("export --model model --format onnx --output o --max-length 20")
    #expect(result.code == 0)
    #expect(result.output == "")
    #expect(result.errors.contains("onnx: read back, 6 pairs score at most "))
    #expect(result.errors.hasSuffix("wrote o\n"))
    let facts = try object(program, "o/export.json")
    #expect(facts["max_length"] as? Int == 20)
    let check = try #require(facts["check"] as? [String: Any])
    #expect(check["pairs"] as? Int == 6)
    let difference = try #require(check["max_difference"] as? Double)
    #expect(difference < 1e-4)
  }

  @Test func writesSeveralFormatsAtOnce() throws {
    let program = try program()
    let result = try program(
      "export --model model --format hf,onnx --format triton --name shop --output all"
        + " --check-pairs pairs.jsonl --precision f16")
    #expect(result.code == 0)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "all").path)
    #expect(names.sorted() == ["hf", "onnx", "triton"])
    #expect(try program.read("all/triton/shop/config.pbtxt").contains("name: \"shop\""))
    for name in names {
      let check = try #require(
        object(program, "all/\(name)/export.json")["check"] as? [String: Any])
      #expect(check["pairs"] as? Int == 4)
    }
    // What was written is a model for every command that takes one.
    let scores = try program("score --model all/hf --input pairs.jsonl")
    #expect(scores.code == 0)
  }

  @Test func exportsOfOneModelAreTheSameBytes() throws {
    let program = try program()
    for output in ["a", "b"] {
      let result = try program(
        "export --model model --format opensearch,flashrank --precision int8 --output \(output)")
      #expect(result.code == 0)
    }
    let diff = Process()
    diff.executableURL = URL(filePath: "/usr/bin/diff")
    diff.arguments = ["--recursive", "a", "b"]
    diff.currentDirectoryURL = program.folder
    try diff.run()
    diff.waitUntilExit()
    #expect(diff.terminationStatus == 0)
  }

  /// A disk that is full leaves nothing behind, wherever it becomes so.
  @Test(arguments: [1, 8, 20])
  func fullDisksLeaveNothing(blocks: Int) throws {
    let program = try program()
    for format in ["onnx", "hf,onnx", "opensearch", "vespa"] {
      // What is larger than the largest of these limits is model.onnx.
      let result = try program(
        "export --model model --format \(format) --output o", blocks: blocks)
      #expect(result.code == 74, "\(format): \(result.errors)")
      #expect(result.errors.hasPrefix("error: writing failed"))
      let names = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
      #expect(names.allSatisfy { !$0.hasPrefix("o") }, "\(names)")
    }
  }

  @Test func whatWasThereStaysWhereAnExportFails() throws {
    let program = try program()
    _ = try program("export --model model --format onnx --output o")
    let before = try object(program, "o/export.json") as NSDictionary
    let result = try program(
      "export --model model --format onnx --output o --overwrite --precision int8 --tolerance 1e-9")
    #expect(result.code == 65)
    #expect(result.errors.contains("differ from the model's by up to"))
    #expect(try object(program, "o/export.json") as NSDictionary == before)
  }

  /// What holds something else than an export is not replaced.
  @Test func foldersOfOtherThingsAreKept() throws {
    let program = try program()
    try program.write("precious/thesis.txt", "text")
    let refused = try program("export --model model --format hf --output precious --overwrite")
    #expect(refused.code == 73, "\(refused.errors)")
    #expect(try program.read("precious/thesis.txt") == "text")
    for _ in 0..<2 {
      let result = try program("export --model model --format hf,vespa --output out --overwrite")
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(try program.read("out/vespa/README.md").contains("services.xml"))
    #expect(try program.read("out/hf/README.md").contains("sentence-transformers"))
  }
}
