import Corpora
import Diagnostics
import Foundation
import Options
import Synchronization
import TestSupport

import Retrieval

/// Embeddings without a model: a direction that depends on the words alone, and on nothing else
/// in the call.
struct ToyEmbedding: TextEmbedding {
  var width = 16
  /// Models of other seeds make other embeddings.
  var seed: UInt64 = 1
  /// A document whose embedding fails.
  var failing: String?
  /// What is made of queries and documents before they are embedded.
  var queryPrompt = ""

  func embed(
    _ texts: [String], as role: TextRole, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [Float] {
    var rows: [Float] = []
    for text in texts {
      if text == failing { throw Failure(.io, "the model stumbled") }
      rows += vector(role == .query ? queryPrompt + text : text)
    }
    progress?(1)
    return rows
  }

  /// The embedding of one text, of length 1.
  func vector(_ text: String) -> [Float] {
    if text == "not a number" { return [Float](repeating: .nan, count: width) }
    var state = seed &* 0x9e37_79b9_7f4a_7c15
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var row: [Double] = (0..<width).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(UInt64(1) << 31) - 0.5
    }
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for i in row.indices { row[i] /= length }
    return row.map { Float($0) }
  }
}

/// A collection of texts in a new folder, and a place for an index.
struct DenseFixture {
  let folder: URL
  let texts: [String]
  var embedding = ToyEmbedding()

  /// A collection of these texts, called "d0" and so on.
  init(texts: [String]) throws {
    folder = try Material.temporaryFolder()
    self.texts = texts
    try write(texts, to: "corpus")
  }

  /// A collection of texts of their own.
  init(documents: Int) throws {
    try self.init(texts: (0..<documents).map { "text \($0)" })
  }

  func write(_ texts: [String], to name: String) throws {
    let corpus = folder.appending(path: name)
    try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
    let lines = texts.enumerated().map { #"{"_id": "d\#($0)", "text": "\#($1)"}"# + "\n" }
    try Data(lines.joined().utf8).write(to: corpus.appending(path: "corpus.jsonl"))
  }

  func collection(_ name: String = "corpus") throws -> Collection {
    try Collection(opening: path(name))
  }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  func options(_ factory: String = "Flat", sample: Int = 65_536) -> DenseOptions {
    DenseOptions(
      model: "toy", factory: factory, maximumLength: 32, queryPrompt: "ask: ",
      trainingSample: sample)
  }

  /// Builds the index "index" and opens it.
  func built(
    _ factory: String = "Flat", sample: Int = 65_536, at name: String = "index",
    searching: DenseSearchOptions = DenseSearchOptions()
  ) throws -> DenseIndex {
    try DenseIndex.build(
      collection(), options(factory, sample: sample), with: embedding, at: path(name))
    return try DenseIndex(opening: path(name), with: embedding, searching: searching)
  }

  static func queries(_ count: Int) -> [Query] {
    (0..<count).map { Query(id: "q\($0)", text: "question \($0)") }
  }

  /// What a comparison with every document finds, by products added up one after the other.
  func exact(_ queries: [Query], depth: Int) -> [[ScoredDocument]] {
    let rows = texts.map(embedding.vector)
    return queries.map { query in
      let asked = embedding.vector(query.text)
      let scores = rows.map { row in
        Double(Float(zip(asked, row).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }))
      }
      let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
      return order.prefix(depth).map { ScoredDocument(document: "d\($0)", score: scores[$0]) }
    }
  }
}

/// The share of the documents of `expected` that are in `found`.
func recall(of expected: [[ScoredDocument]], in found: [[ScoredDocument]]) -> Double {
  var (hits, all) = (0, 0)
  for (expected, found) in zip(expected, found) {
    hits += Set(expected.map(\.document)).intersection(found.map(\.document)).count
    all += expected.count
  }
  return Double(hits) / Double(max(all, 1))
}

/// What a progress callback was told, from several threads.
final class Told<Value: Sendable>: Sendable {
  private let all = Mutex<[Value]>([])
  var values: [Value] { all.withLock { $0 } }
  func add(_ value: Value) { all.withLock { $0.append(value) } }
}
