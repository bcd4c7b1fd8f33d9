import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import Models
import TestSupport
import Testing
import Verification

/// The layouts around an ONNX file.
@Suite struct LayoutTests {
  private let folder: URL
  private var output: String { folder.appending(path: "out").path }

  init() throws { folder = try Material.temporaryFolder() }

  private func load(singleType: Bool = false) throws -> CrossEncoder {
    let path = folder.appending(path: "model")
    try HandwrittenModel.write(to: path)
    if singleType {
      let tokenizer = path.appending(path: "tokenizer.json")
      let text = try String(contentsOf: tokenizer, encoding: .utf8)
      try Data(text.replacing(#""type_id":1"#, with: #""type_id":0"#).utf8).write(to: tokenizer)
    }
    return try CrossEncoder(ModelSource(path.path), seed: 1)
  }

  @discardableResult
  private func write(
    _ formats: [ExportFormat], _ model: CrossEncoder? = nil, name: String = "shop"
  ) throws -> [ExportReport] {
    let model = try model ?? load()
    return try export(
      ExportRequest(model: model, notes: ModelNotes(maximumLength: 20), name: name),
      as: formats, to: output,
      check: ExportCheck(
        pairs: EncodedPair.samples(with: model.tokenizer, maximumLength: 20))
    ).reports
  }

  private func names() throws -> [String] { try Folder(opening: output).names() }
  private func text(_ name: String) throws -> String { try readFile("\(output)/\(name)").text }

  @Test func ofSeveralFormatsEachHasAFolder() throws {
    let reports = try write([.huggingFace, .onnx])
    #expect(reports.map(\.format) == ["hf", "onnx"])
    #expect(reports.map(\.path) == ["\(output)/hf", "\(output)/onnx"])
    let files = [
      "config.json", "export.json", "ltr.json", "sentence_bert_config.json",
      "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
    ]
    let expected =
      (files + ["model.safetensors"]).map { "hf/" + $0 }
      + (files + ["model.onnx"]).map { "onnx/" + $0 }
    #expect(try names() == expected.sorted())
    // The weights of both are the same, so are their scores but for rounding.
    #expect(try #require(reports[0].agreement).difference == 0)
  }

  @Test func tritonFindsAModelRepository() throws {
    try write([.triton])
    #expect(
      try names() == [
        "export.json", "shop/1/model.onnx", "shop/config.pbtxt", "shop/tokenizer.json",
      ])
    let configuration = try text("shop/config.pbtxt")
    for line in [
      #"name: "shop""#, #"backend: "onnxruntime""#, "max_batch_size: 64",
      #"{ name: "input_ids" data_type: TYPE_INT64 dims: [ -1 ] },"#,
      #"{ name: "token_type_ids" data_type: TYPE_INT64 dims: [ -1 ] }"#,
      #"{ name: "logits" data_type: TYPE_FP32 dims: [ 1 ] }"#, "dynamic_batching {",
    ] {
      #expect(configuration.contains(line), "\(line)")
    }
  }

  @Test func flashRankFindsItsFiles() throws {
    try write([.flashRank])
    let files = try names().filter { $0.hasPrefix("shop/") }.map { $0.dropFirst(5) }
    // Those that FlashRank 0.2.10 opens.
    for name in [
      "config.json", "model.onnx", "special_tokens_map.json", "tokenizer.json",
      "tokenizer_config.json",
    ] {
      #expect(files.contains { $0 == name }, "\(name)")
    }
    #expect(try text("README.md").contains(#"model_file_map["shop"] = "model.onnx""#))
  }

  @Test func withASingleTypeFlashRankGivesNoTokenTypes() throws {
    let model = try load(singleType: true)
    let report = try write([.flashRank, .onnx], model)
    #expect(report.allSatisfy { $0.agreement?.isClose == true })
    #expect(!(try text("flashrank/shop/model.onnx").contains("token_type_ids")))
    #expect(try text("onnx/model.onnx").contains("token_type_ids"))
  }

  @Test func vespaFindsItsModels() throws {
    let reports = try write([.vespa])
    let report = try #require(reports.first)
    #expect(
      try names() == [
        "README.md", "export.json", "models/model.onnx", "models/tokenizer.json",
      ])
    // The ids of [CLS] and [SEP] are not those that Vespa puts in.
    #expect(report.limits.contains { $0.contains("101 and 102") && $0.contains("2 and 3") })
    #expect(try text("README.md").contains("tokenInputIds(20, query(tokens), attribute(tokens))"))
  }

  @Test func openSearchRegistersWhatIsThere() throws {
    try write([.openSearch])
    #expect(try names() == ["export.json", "register.json", "shop.zip"])
    let archive = try Folder(opening: "\(output)/shop.zip")
    #expect(archive.names() == ["model.onnx", "tokenizer.json"])
    let register = try JSONValue(readFile("\(output)/register.json").array, name: "register")
    #expect(register["name"] == "shop")
    #expect(register["function_name"] == "TEXT_SIMILARITY")
    #expect(register["model_format"] == "ONNX")
    let bytes = try Bytes(mapping: "\(output)/shop.zip")
    #expect(register["model_content_size_in_bytes"] == .whole(bytes.count))
    let sum = try shell("sha256sum", "\(output)/shop.zip").prefix(64)
    #expect(register["model_content_hash_value"] == .text(String(sum)))
    // The archive's ONNX file is the one that the format onnx writes.
    let inner = try archive.read("model.onnx").array
    try FileManager.default.removeItem(atPath: output)
    try write([.onnx])
    #expect(try readFile("\(output)/model.onnx").array == inner)
  }

  @Test(arguments: ["", "a b", "../x", ".hidden", "a/b"])
  func namesHaveToBeFitForFiles(name: String) throws {
    let failure = #expect(throws: Failure.self) { try write([.triton], name: name) }
    #expect(failure?.kind == .usage)
  }

  private func shell(_ program: String, _ argument: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program, argument]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
