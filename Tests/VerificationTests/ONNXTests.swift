import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing
import Verification

@Suite struct ONNXTests {
  private let folder: URL
  private var output: String { folder.appending(path: "out").path }

  init() throws { folder = try Material.temporaryFolder() }

  private func load(_ model: TinyModel) throws -> CrossEncoder {
    let path = folder.appending(path: "model")
    try model.write(to: path)
    return try CrossEncoder(ModelSource(path.path), seed: 1)
  }

  private func pairs(_ model: CrossEncoder) -> [EncodedPair] {
    TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60), (2, 12), (5, 20)], of: model)
  }

  @discardableResult
  private func write(
    _ model: CrossEncoder, _ formats: [ExportFormat] = [.onnx],
    precision: ExportPrecision = .f32, name: String = "reranker", tolerance: Float? = nil,
    runtime: ExportCheck.Runtime? = nil, overwrite: Bool = false
  ) throws -> [ExportReport] {
    try export(
      ExportRequest(model: model, notes: ModelNotes(), precision: precision, name: name),
      as: formats, to: output, overwrite: overwrite,
      check: ExportCheck(pairs: pairs(model), tolerance: tolerance, runtime: runtime)
    ).reports
  }

  private func object(_ name: String) throws -> JSONValue {
    try JSONValue(readFile("\(output)/\(name)").array, name: name)
  }

  private static let precisions: [ExportPrecision] = [.f32, .f16, .int8]

  /// Every activation and several shapes, among them one layer, one head, one token type.
  private static let shapes: [TinyModel] = {
    var shapes = ["gelu", "gelu_new", "relu"].map { TinyModel(activation: $0) }
    shapes.append(TinyModel(width: 24, layers: 1, heads: 1, inner: 40, positions: 48, seed: 5))
    shapes.append(TinyModel(width: 48, layers: 3, heads: 6, inner: 20, positions: 64, seed: 7))
    return shapes
  }()

  @Test(arguments: precisions, shapes.indices)
  func readerAgreesWithTheModel(precision: ExportPrecision, shape: Int) throws {
    let model = try load(Self.shapes[shape])
    let reports = try write(model, precision: precision)
    let agreement = try #require(reports.first?.agreement)
    #expect(agreement.pairs == 6)
    // Scores are of order 1; rounding has to show, and only as much as the precision explains.
    switch precision {
    case .f32: #expect(agreement.difference < 1e-5)
    case .f16: #expect(agreement.difference > 0 && agreement.difference < 0.01)
    default: #expect(agreement.difference > 1e-4 && agreement.difference < 0.3)
    }
    let facts = try object("export.json")
    #expect(facts["opset"] == 17)
    #expect(facts["ir_version"] == 8)
    #expect(facts["precision"] == .text(precision.rawValue))
    #expect(facts["check"]?["max_difference"] == .number(agreement.roundedDifference))
  }

  @Test(
    .enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"),
    arguments: precisions, shapes.indices)
  func runtimeAgreesWithTheModel(precision: ExportPrecision, shape: Int) throws {
    let model = try load(Self.shapes[shape])
    let runtime = ONNXRuntime(python: Python.name)
    let reports = try write(
      model, precision: precision,
      runtime: { (file, pairs) throws(Failure) in try runtime.scores(of: pairs, with: file) })
    let report = try #require(reports.first)
    let own = try #require(report.agreement)
    let theirs = try #require(report.runtime)
    #expect(theirs.name.hasPrefix("onnxruntime "))
    // Where both round alike, they are as far from the model.
    let slack: Float = precision == .f32 ? 1e-5 : precision == .f16 ? 0.01 : 0.02
    #expect(abs(own.difference - theirs.agreement.difference) < slack)
  }

  /// Every token has a scale of its own: what a pair is scored beside has no say in its score, but in
  /// the order of sums.
  @Test func wholeNumbersDoNotDependOnTheBatch() throws {
    let model = try load(TinyModel())
    try write(model, precision: .int8)
    let rescore = ExportFormat.onnx.rescore
    let pairs = pairs(model)
    let together = try rescore(output, pairs, model)
    for (pair, score) in zip(pairs, together) {
      #expect(try abs(rescore(output, [pair], model)[0] - score) < 1e-5)
    }
  }

  @Test func scoresThatAreNotTheModelsAreRefused() throws {
    let model = try load(TinyModel())
    let failure = #expect(throws: Failure.self) {
      try write(model, precision: .int8, tolerance: 1e-6)
    }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.contains("onnx export in int8") == true)
    #expect(failure?.remedy?.contains("--tolerance") == true)
    // Another program's word counts as much.
    let another: ExportCheck.Runtime = { (_, pairs) throws(Failure) in
      ("another 1.0", Array(repeating: 100, count: pairs.count))
    }
    let other = #expect(throws: Failure.self) { try write(model, runtime: another) }
    #expect(other?.problem.contains("another 1.0") == true)
    // Neither the folder nor a part of it is left.
    #expect(try Folder(opening: folder.path).names().allSatisfy { $0.hasPrefix("model/") })
  }

  @Test func nonsenseScoresAreRefused() throws {
    let model = try load(TinyModel())
    let another: ExportCheck.Runtime = { (_, pairs) throws(Failure) in
      ("another 1.0", Array(repeating: Float.nan, count: pairs.count))
    }
    #expect(throws: Failure.self) { try write(model, runtime: another) }
  }

  /// Every weight counts: a file in which one is changed gives other scores.
  @Test(arguments: [
    "bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight",
    "bert.embeddings.LayerNorm.bias", "bert.encoder.layer.0.attention.self.key.weight",
    "bert.encoder.layer.1.attention.self.value.bias", "bert.encoder.layer.1.output.LayerNorm.bias",
    "bert.pooler.dense.weight", "classifier.bias",
  ])
  func readerReadsTheFile(name: String) throws {
    var tiny = TinyModel()
    try write(load(tiny))
    let rescore = ExportFormat.onnx.rescore
    let before = try load(tiny)
    let pairs = pairs(before)
    let scores = try rescore(output, pairs, before)
    let count = try #require(tiny.tensors[name]).values.count
    tiny.tensors[name]?.values[1 % count] += 3
    try write(load(tiny), overwrite: true)
    #expect(try rescore(output, pairs, before) != scores)
  }

  @Test(arguments: [0, 1, 100, 5000])
  func brokenFilesAreNamed(count: Int) throws {
    let model = try load(TinyModel())
    try write(model)
    let bytes = try readFile("\(output)/model.onnx").array
    try writeAtomically(Array(bytes.prefix(count)), to: "\(output)/model.onnx")
    let failure = #expect(throws: Failure.self) {
      _ = try ExportFormat.onnx.rescore(output, pairs(model), model)
    }
    #expect(failure?.kind == .badData)
  }

  @Test func equalModelsAreEqualBytes() throws {
    let model = try load(TinyModel())
    try write(model, [.onnx, .triton, .flashRank, .vespa, .openSearch], precision: .int8)
    var first: [String: [UInt8]] = [:]
    for name in try Folder(opening: output).names() {
      first[name] = try readFile("\(output)/\(name)").array
    }
    try write(
      model, [.onnx, .triton, .flashRank, .vespa, .openSearch], precision: .int8, overwrite: true)
    for (name, bytes) in first { #expect(try readFile("\(output)/\(name)").array == bytes) }
    #expect(first.count > 20)
  }

  @Test func weightsTakeAsManyBytesAsTheySay() throws {
    let model = try load(TinyModel())
    var sizes: [ExportPrecision: Int] = [:]
    for precision in Self.precisions {
      try write(model, precision: precision, overwrite: true)
      sizes[precision] = try readFile("\(output)/model.onnx").count
    }
    let whole = 4 * model.parameters.table.count
    // Names, nodes and the parts that stay in 32 bits come on top.
    #expect(try #require(sizes[.f32]) - whole < 60_000)
    #expect(try #require(sizes[.f16]) < whole / 2 + 70_000)
    #expect(try #require(sizes[.int8]) < whole / 4 + 90_000)
  }

  @Test func largeWeightsAreRefusedInHalfPrecision() throws {
    var tiny = TinyModel()
    tiny.tensors["bert.pooler.dense.weight"]?.values[2] = 70_000
    let model = try load(tiny)
    let failure = #expect(throws: Failure.self) { try write(model, precision: .f16) }
    #expect(failure?.problem == "value 2 of 'bert.pooler.dense.weight' is 70000.0")
  }

  @Test func precisionsThatAFormatLacksAreNamed() throws {
    let model = try load(TinyModel())
    let failure = #expect(throws: Failure.self) {
      try write(model, [.onnx, .huggingFace], precision: .int8)
    }
    #expect(failure?.kind == .usage)
    #expect(failure?.problem == "the format hf does not store weights as int8")
    #expect(failure?.expected == "one of f32, f16, bf16")
  }

  @Test(.enabled(if: Material.hasEncoder, "needs the encoder of make encoder"))
  func realEncoderAgrees() throws {
    let model = try CrossEncoder(ModelSource(Material.encoder), seed: 1)
    for precision in Self.precisions {
      let request = try ExportRequest(
        model: model, notes: ModelNotes(maximumLength: 128), precision: precision)
      let pairs = EncodedPair.samples(with: model.tokenizer, maximumLength: 128)
      #expect(pairs.map(\.ids.count).max() == 128)
      let outcome = try export(
        request, as: [.onnx], to: output, overwrite: true, check: ExportCheck(pairs: pairs))
      let difference = try #require(outcome.reports.first?.agreement?.difference)
      #expect(difference < (precision == .f32 ? 1e-5 : precision == .f16 ? 2e-3 : 0.1))
    }
  }
}

/// A Python with the modules that some tests compare with.
enum Python {
  /// The interpreter named by LTR_PYTHON, or `python3`.
  static let name = ProcessInfo.processInfo.environment["LTR_PYTHON"] ?? "python3"

  /// Whether it has onnxruntime.
  static let hasRuntime: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name, "-c", "import numpy, onnxruntime"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}
