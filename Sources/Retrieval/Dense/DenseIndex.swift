public import Corpora
public import Diagnostics
import Files
import Foundation
public import Options

/// A first stage that compares embeddings: FAISS finds the documents whose vectors have the largest
/// dot products with the query's.
///
/// Its folder holds `index.faiss`, `ids.txt` (one id per line, in the order of the vectors) and the
/// manifest. The vectors are loaded into memory, the ids are not.
public final class DenseIndex: DocumentIndex {
  /// The kind's name in manifests and on the command line.
  public static let kind = "dense"

  /// The index's manifest; for an index made by a different program, the number of its documents.
  public let manifest: IndexManifest
  let vectors: VectorIndex
  private let identifier: (Int) -> String
  private let embedding: (any TextEmbedding)?
  private let options: DenseSearchOptions
  private let path: String

  static let vectorFile = "index.faiss"

  /// Whether this program was built with FAISS, without which dense indexes are unavailable.
  public static var isAvailable: Bool { VectorIndex.isAvailable }

  /// Throws if this program was built without FAISS; to be called before a model is read or a text
  /// embedded.
  ///
  /// - Throws: `unavailable`.
  public static func checkAvailable() throws(Failure) {
    if !isAvailable { throw VectorIndex.leftOut }
  }

  /// Opens an index that `build` wrote.
  ///
  /// - Parameter embedding: the model that it was built with, see `DenseOptions.init(of:)`; nil if
  ///   the index is not searched.
  /// - Throws: `missingInput` if there is none, `badData` if its files are corrupt or inconsistent,
  ///   or if the embedding is not that of the index; `usage` if it does not have these search
  ///   options.
  public convenience init(
    opening folder: String, with embedding: (any TextEmbedding)?,
    searching options: DenseSearchOptions = DenseSearchOptions()
  ) throws(Failure) {
    let manifest = try IndexManifest(readingFrom: folder)
    _ = try DenseOptions(manifest, in: folder)
    let file = folder + "/" + Self.vectorFile
    let identifiers = try IdentifierList(readingFrom: folder, count: manifest.documents)
    if let sum = manifest.options[.fileChecksum], try checksum(ofFile: file) != sum {
      throw Failure(
        .badData, "checksum mismatch: the file was changed or damaged",
        at: Place(file), remedy: "rebuild the index, or restore it from an intact copy")
    }
    try self.init(
      file: file, manifest: manifest, count: manifest.documents, identifier: { identifiers[$0] },
      embedding: embedding, options: options)
    if let embedding { try Probe(of: manifest)?.check(embedding, in: folder) }
  }

  /// Opens an index that a different program made with FAISS, and the list of its documents' ids.
  ///
  /// - Parameters:
  ///   - file: the FAISS index; it compares by dot products or by distances.
  ///   - identifiers: the ids in the order of the vectors: one per line, or a JSON list in a file
  ///     whose name ends with `.json`.
  ///   - embedding: the model that made the vectors.
  /// - Throws: as for an index built by this program.
  public convenience init(
    opening file: String, identifiers: String, with embedding: any TextEmbedding,
    searching options: DenseSearchOptions = DenseSearchOptions()
  ) throws(Failure) {
    let list = try foreignIdentifiers(in: identifiers)
    try self.init(
      file: file, manifest: nil, count: list.count, identifier: { list[$0] }, embedding: embedding,
      options: options)
  }

  private init(
    file: String, manifest: IndexManifest?, count: Int, identifier: @escaping (Int) -> String,
    embedding: (any TextEmbedding)?, options: DenseSearchOptions
  ) throws(Failure) {
    let expectation = IndexExpectation(
      width: embedding?.width, count: count, isForeign: manifest == nil)
    let vectors = try VectorIndex(
      reading: file, expecting: expectation,
      isTrusted: manifest?.options[.fileChecksum] != nil)
    try expectation.check(width: vectors.width, count: vectors.count, of: file)
    guard !vectors.comparesOtherwise else { throw IndexExpectation.otherMetric(file) }
    try options.apply(to: vectors, of: file)
    self.vectors = vectors
    self.options = options
    self.identifier = identifier
    self.embedding = embedding
    self.manifest =
      manifest
      ?? IndexManifest(kind: Self.kind, documents: vectors.count, checksum: "", options: [:])
    path = file
  }

  /// The name in messages and reports.
  public var name: String { Self.kind }

  /// The manifest's text, including the checksum of the index file; for an index made by a
  /// different program, its size.
  public var fingerprint: String {
    isForeign ? "\(vectors.count) vectors of \(vectors.width)" : manifest.text
  }

  /// The id of a document by its position in the index, from 0.
  public func documentID(at index: Int) -> String { identifier(index) }

  /// The documents whose vectors have the largest dot products with the query's, best first.
  ///
  /// - Throws: errors of embedding the queries; `unavailable` if there is not enough memory.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    guard let embedding else {
      throw Failure(
        .usage, "the index was opened without its model, and cannot be searched", at: Place(path))
    }
    if !isForeign { try options.applyDefaults(to: vectors, depth: depth) }
    let rows = try embedding.embed(queries.map(\.text), as: .query, progress: nil)
    try requireNumbers(rows, width: embedding.width) { "query '\(queries[$0].id)'" }
    var answers: [[ScoredDocument]] = []
    answers.reserveCapacity(queries.count)
    for found in try vectors.search(rows, depth: depth) {
      var documents: [ScoredDocument] = []
      documents.reserveCapacity(found.count)
      for vector in found {
        guard vector.number < manifest.documents else {
          throw Failure(
            .badData,
            "vector number \(vector.number) is out of range: the index has \(manifest.documents) vectors",
            at: Place(path), expected: "vectors numbered in the order in which they were added",
            remedy: "build the index without explicit vector ids (IDMap, add_with_ids)")
        }
        documents.append(
          ScoredDocument(document: identifier(vector.number), score: Double(vector.score)))
      }
      answers.append(documents)
    }
    return answers
  }
}

extension DenseIndex {
  /// Rejects a collection that the index was not built from; for an index made by a different
  /// program, one that lacks documents of the index.
  public func verify(
    against collection: Collection, progress: (Int) -> Void
  ) throws(Failure) {
    guard isForeign else { return try verifyDocuments(of: collection, progress: progress) }
    for place in 0..<manifest.documents {
      let id = documentID(at: place)
      guard collection.documentIndex(of: id) != nil else {
        throw Failure(
          .badData, "document '\(id)' of the index is not in the collection",
          at: Place(collection.path),
          expected: "the collection that the index was built from")
      }
      progress(place + 1)
    }
  }

  /// Whether a different program made the index.
  public var isForeign: Bool { manifest.checksum.isEmpty }
}

extension [String: String] {
  subscript(key: DenseOptions.Key) -> String? { self[key.rawValue] }
}

/// Rejects NaN and infinity in embeddings, which FAISS would rank arbitrarily.
func requireNumbers(
  _ rows: [Float], width: Int, name: (Int) -> String
) throws(Failure) {
  guard let place = rows.firstIndex(where: { !$0.isFinite }) else { return }
  throw Failure(
    .badData, "the embedding of \(name(place / width)) contains NaN or infinity",
    expected: "a model whose weights are finite", remedy: "use another model, or precision f32")
}

/// The checksum of a file's bytes, as in "sha256:9f86d0…".
func checksum(ofFile path: String) throws(Failure) -> String {
  "sha256:" + sha256(try Bytes(mapping: path))
}
