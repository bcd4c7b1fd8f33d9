import Foundation
import TestSupport
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
    // Every command with a model accepts the export.
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
      #expect(result.errors.contains("error: writing failed"))
      let names = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
      #expect(names.allSatisfy { !$0.hasPrefix("o") }, "\(names)")
    }
  }

  /// Scores that mean nothing are exported only where that is asked for, and are said to be such.
  @Test func untrainedHeads() throws {
    let program = try program()
    try HandwrittenModel.write(
      to: program.folder.appending(path: "bare"), without: ["classifier.weight", "classifier.bias"])
    let refused = try program("export --model bare --format hf --output o")
    #expect(refused.code == 65 && refused.errors.contains("its scores would be random"))
    let taken = try program("export --model bare --format hf,gguf-q8_0 --output o --untrained")
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(try program.read("o/hf/README.md").contains("Do not serve this model as it is"))
    for format in ["hf", "gguf-q8_0"] {
      let limits = try #require(
        try object(program, "o/\(format)/export.json")["limits"] as? [String])
      #expect(limits.first?.contains("never trained") == true)
    }
  }

  /// What a format stores in its own way, and how a reader differs, is said as it is.
  @Test func ggufSaysWhatItIs() throws {
    let program = try program()
    let result = try program("export --model model --format gguf-q8_0 --output g --name shop")
    #expect(result.code == 0, "\(result.errors)")
    let facts = try object(program, "g/export.json")
    #expect(facts["precision"] as? String == "q8_0")
    let limits = try #require(facts["limits"] as? [String])
    #expect(limits.contains { $0.contains("weights are in 8 bits") })
    let reader = try #require(facts["as_read"] as? [String: Any])
    #expect((reader["reader"] as? String)?.hasPrefix("llama.cpp") == true)
    #expect(result.errors.contains("gguf-q8_0: as llama.cpp"))
  }

  /// A program that is asked to end removes what it has half written. A signal that this process
  /// ignores, as in the background of a shell, is ignored by the programs that it starts.
  @Test(.enabled(if: try !Program.ignores(SIGINT), "SIGINT is ignored here"))
  func anInterruptLeavesNothing() throws { try interruptionLeavesNothing(SIGINT) }

  @Test(.enabled(if: try !Program.ignores(SIGTERM), "SIGTERM is ignored here"))
  func aTerminationLeavesNothing() throws { try interruptionLeavesNothing(SIGTERM) }

  @Test(.enabled(if: try !Program.ignores(SIGHUP), "SIGHUP is ignored here"))
  func aHangUpLeavesNothing() throws { try interruptionLeavesNothing(SIGHUP) }

  private func interruptionLeavesNothing(_ signal: Int32) throws {
    let program = try program()
    let words = (0..<60).map { "word\($0)" }
    let lines = (0..<30_000).map { i in
      let text = (0..<20).map { words[(i * 7 + $0 * $0) % 60] }.joined(separator: " ")
      return #"{"_id": "d\#(i)", "text": "\#(text)"}"#
    }
    try program.write("large/corpus.jsonl", lines.joined(separator: "\n") + "\n")
    try program.write("large/queries.jsonl", #"{"_id": "q", "text": "word1"}"# + "\n")
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
        .filter { $0.hasPrefix("index") }
    }
    let running = try program.start("index build --collection large --output index")
    let deadline = Date.now + 60
    while try names().isEmpty {
      try #require(Date.now < deadline, "the program wrote nothing")
      usleep(1000)
    }
    let ended = try running.interrupt(signal)
    #expect(ended, "it ended before the signal came")
    #expect(try names() == [])
  }

  /// A format that cannot hold the model does not take the others with it.
  @Test func formatsThatSucceedAreKept() throws {
    let program = try program()
    let configuration = try program.read("model/config.json")
    try program.write(
      "model/config.json",
      configuration.replacing(#""hidden_act": "gelu""#, with: #""hidden_act": "relu""#))
    let result = try program(
      "export --model model --format hf,gguf,onnx --output o --bundle o.tar.gz")
    #expect(result.code == 65)
    #expect(
      result.errors.contains(
        "error: the format gguf was not written: llama.cpp computes BERT with GELU, but this model uses"
          + " ReLU"))
    #expect(result.errors.contains("export it as hf or onnx; written and checked: hf, onnx"))
    #expect(result.errors.contains("note: o.tar.gz was not written"))
    func names(_ path: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(
        atPath: program.folder.appending(path: path).path
      ).sorted()
    }
    #expect(try names("o") == ["hf", "onnx"])
    #expect(try !names("").contains("o.tar.gz"))
    for format in ["hf", "onnx"] {
      #expect(try object(program, "o/\(format)/export.json")["format"] as? String == format)
    }
    #expect(try program("score --model o/hf --input pairs.jsonl").code == 0)
    // Where none can, nothing is written.
    let none = try program("export --model model --format gguf,gguf-q8_0 --output none")
    #expect(none.code == 65 && none.errors.contains("llama.cpp computes BERT with GELU"))
    #expect(try !names("").contains("none"))
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
    try program.write("run/notes.txt", "text")
    try FileManager.default.copyItem(
      at: program.folder.appending(path: "model"), to: program.folder.appending(path: "run/model"))
    // The last two hold what is exported, or are it.
    for output in ["precious", "run", ".", "model"] {
      let refused = try program("export --model model --format hf --output \(output) --overwrite")
      #expect(refused.code == 73, "\(output): \(refused.errors)")
    }
    #expect(try program.read("precious/thesis.txt") == "text")
    #expect(try program.read("run/notes.txt") == "text")
    #expect(try program("export --model model --format hf --output e").code == 0)
    #expect(try program("export --model e --format hf --output e --overwrite").code == 73)
    for _ in 0..<2 {
      let result = try program("export --model model --format hf,vespa --output out --overwrite")
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(try program.read("out/vespa/README.md").contains("services.xml"))
    #expect(try program.read("out/hf/README.md").contains("sentence-transformers"))
  }
}
