import Diagnostics
import Foundation
import Inference
import Options
import Retrieval
import TestSupport
import Testing

@Suite struct IndexReaderTests {
  /// A folder with a manifest and nothing else.
  private func folder(kind: String) throws -> String {
    let folder = try Material.temporaryFolder()
    let text =
      #"{"format": 1, "kind": "\#(kind)", "documents": 1, "checksum": "c", "options": {}}"#
    try Data(text.utf8).write(to: folder.appending(path: IndexManifest.fileName))
    return folder.path(percentEncoded: false)
  }

  private func failure(
    _ folder: String, _ opening: IndexOpening = IndexOpening(), warnings: Int
  ) -> Failure? {
    var told: [String] = []
    let failure = #expect(throws: Failure.self) {
      _ = try IndexReader.open(folder, opening) { told.append($0) }
    }
    #expect(told.count == warnings, "\(told)")
    return failure
  }

  @Test func unknownKinds() throws {
    let found = failure(try folder(kind: "bm26"), warnings: 0)
    #expect(found?.kind == .badData && found?.problem.contains("'bm26'") == true)
    #expect(found?.expected == "one of 'bm25', 'dense'")
  }

  @Test func foldersWithoutAnIndex() throws {
    let folder = try Material.temporaryFolder().path(percentEncoded: false)
    #expect(failure(folder, warnings: 0)?.kind == .missingInput)
  }

  /// The index is not touched before its options are: it lacks all of its files here.
  @Test(arguments: [
    IndexSearchOptions(model: "m"), IndexSearchOptions(precision: .f32),
    IndexSearchOptions(dense: DenseSearchOptions(probes: 4, graphCandidates: nil)),
  ])
  func optionsOfOtherKinds(_ options: IndexSearchOptions) throws {
    let found = failure(try folder(kind: "bm25"), IndexOpening(search: options), warnings: 1)
    #expect(found?.kind == .usage)
    #expect(
      found?.problem.hasSuffix("does not apply to an index of the kind 'bm25'") == true)
  }

  /// An index that FAISS wrote has neither a manifest nor the name of its model.
  @Test func foreignIndexes() throws {
    let folder = try Material.temporaryFolder()
    try Data().write(to: folder.appending(path: "index.faiss"))
    let path = folder.path(percentEncoded: false)
    #expect(failure(path, warnings: 0)?.kind == .missingInput)
    try Data("d1\n".utf8).write(to: folder.appending(path: "ids.txt"))
    let found = failure(path, warnings: 0)
    #expect(found?.kind == .usage && found?.remedy == "give the model with --model")
  }

  @Test func precisionsOfTraining() throws {
    #expect(try PrecisionOption.f32.forTraining() == .f32)
    #expect(try PrecisionOption.auto.forTraining() == PrecisionOption.auto.forInference())
    let found = #expect(throws: Failure.self) { _ = try PrecisionOption.int8.forTraining() }
    #expect(found?.kind == .usage)
  }
}
