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

/// ONNX files whose weights are in a second file, with a limit far below protobuf's.
@Suite struct DividedONNXTests {
  private let folder: URL
  private let model: CrossEncoder
  private var output: String { folder.appending(path: "out").path }

  init() throws {
    folder = try Material.temporaryFolder()
    model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
  }

  private var pairs: [EncodedPair] {
    TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60), (2, 12), (5, 20)], of: model)
  }

  private func write(
    _ formats: [ExportFormat] = [.onnx], _ precision: ExportPrecision = .f32, most: Int = 60_000,
    runtime: ExportCheck.Runtime? = nil
  ) throws -> ExportOutcome {
    var request = try ExportRequest(model: model, notes: ModelNotes(), precision: precision)
    request.mostONNXBytes = most
    return try export(
      request, as: formats, to: output, overwrite: true,
      check: ExportCheck(pairs: pairs, runtime: runtime))
  }

  private func scores(_ folder: String) throws -> [Float] {
    try ExportFormat.onnx.rescore(folder, pairs, model)
  }

  /// The same weights give the same scores, in whichever file they are.
  @Test(arguments: [ExportPrecision.f32, .f16, .int8])
  func scoresAreThoseOfASingleFile(_ precision: ExportPrecision) throws {
    _ = try write([.onnx], precision, most: .max)
    let whole = try scores(output)
    #expect(!(try Folder(opening: output).names().contains("model.onnx_data")))
    let single = try readFile("\(output)/model.onnx").count
    // The graph alone is below this limit, with the weights it is above.
    _ = try write([.onnx], precision, most: single - 1)
    #expect(try scores(output) == whole)
    let (graph, weights) = (
      try readFile("\(output)/model.onnx").count, try readFile("\(output)/model.onnx_data").count
    )
    #expect(graph < single - weights / 2 && weights > single / 3)
  }

  @Test(.enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"))
  func runtimeReadsBothFiles() throws {
    let runtime = ONNXRuntime(python: Python.name)
    let reports = try write([.onnx, .triton, .flashRank]) { (file, pairs) throws(Failure) in
      try runtime.scores(of: pairs, with: file)
    }.reports
    #expect(reports.count == 3)
    for report in reports { #expect(try #require(report.runtime).agreement.difference < 1e-5) }
  }

  /// Triton has a folder in place of the file; formats of one file are left out.
  @Test func layouts() throws {
    let outcome = try write([.onnx, .triton, .flashRank, .vespa, .openSearch])
    #expect(outcome.reports.map(\.format) == ["onnx", "triton", "flashrank"])
    let files = try Folder(opening: output).names()
    for name in [
      "onnx/model.onnx_data", "triton/reranker/1/model.onnx/model.onnx",
      "triton/reranker/1/model.onnx/model.onnx_data", "flashrank/reranker/model.onnx_data",
    ] { #expect(files.contains(name), "\(name) of \(files)") }
    let failure = #expect(throws: Failure.self) { _ = try write([.vespa]) }
    #expect(failure?.problem.hasPrefix("the ONNX file would have ") == true)
    #expect(failure?.remedy?.contains("the format onnx") == true)
  }

  @Test func missingWeightsAreNamed() throws {
    _ = try write()
    try FileManager.default.removeItem(atPath: "\(output)/model.onnx_data")
    let failure = #expect(throws: Failure.self) { _ = try scores(output) }
    #expect(failure?.kind == .missingInput)
    #expect(failure?.place?.file == "\(output)/model.onnx_data")
  }

  @Test(arguments: [0, 1000, 40_000])
  func truncatedWeightsAreNamed(_ count: Int) throws {
    _ = try write()
    let path = "\(output)/model.onnx_data"
    let bytes = try readFile(path).array
    try writeAtomically(Array(bytes.prefix(count)), to: path)
    let failure = #expect(throws: Failure.self) { _ = try scores(output) }
    #expect(failure?.kind == .badData && failure?.place?.file == path)
    #expect(failure?.problem.hasPrefix("the file ends before the tensor '") == true)
  }

  /// A graph that names a file elsewhere is not followed.
  @Test(arguments: ["/odel.onnx_data", "../el.onnx_data"])
  func otherFoldersAreNotRead(_ name: String) throws {
    _ = try write()
    let path = "\(output)/model.onnx"
    var bytes = try readFile(path).array
    let own = Array("model.onnx_data".utf8)
    var start = 0
    while start + own.count <= bytes.count {
      if Array(bytes[start..<start + own.count]) == own {
        bytes.replaceSubrange(start..<start + own.count, with: Array(name.utf8))
      }
      start += 1
    }
    try writeAtomically(bytes, to: path)
    let failure = #expect(throws: Failure.self) { _ = try scores(output) }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.hasSuffix("is in no file of this folder") == true)
  }
}
