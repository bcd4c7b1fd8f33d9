public import Corpora
public import Diagnostics
import Files

/// The progress of building a dense index.
public enum DenseBuilding: Sendable, Equatable {
  /// Documents are being embedded: `done` of `total`.
  case embedding(done: Double, total: Int)
  /// The index is trained on a sample of this number of documents.
  case training(documents: Int)
  /// All vectors are computed, and the files are being written.
  case writing
}

extension DenseIndex {
  /// Receives the progress, possibly on several threads.
  public typealias Progress = @Sendable (DenseBuilding) -> Void

  /// Builds the index of a collection in the folder `path`, which is created atomically. Texts are
  /// read as needed: memory grows with the vectors.
  ///
  /// An index with a training step is trained on a sample, spread evenly over the collection.
  ///
  /// - Throws: `usage` if FAISS has no such index or there are too few documents for it,
  ///   `cannotCreate` or `io` if the folder cannot be written, `badData` if most documents are
  ///   empty, and errors of reading the collection and of embedding.
  @discardableResult
  public static func build(
    _ collection: Collection, _ options: DenseOptions, with embedding: any TextEmbedding,
    at path: String, overwrite: Bool = false, progress: @escaping Progress = { _ in }
  ) throws(Failure) -> IndexManifest {
    var written: IndexManifest?
    try writeFolderAtomically(at: path, overwrite: overwrite) { folder throws(Failure) in
      var entries = options.entries
      let vectors = try VectorIndex(width: embedding.width, factory: options.factory)
      let probe = try Probe(embedding)
      var reader = EmbeddingReader(collection, embedding, from: 0, progress)
      if !vectors.isTrained {
        let count = min(max(options.trainingSample, 1), collection.documentCount)
        try reader.takeSample(count)
        progress(.training(documents: count))
        try Self.train(vectors, reader.sample, count, options)
        entries[.trainingSample] = "\(count)"
      }
      try vectors.reserve(collection.documentCount)
      while let block = try reader.next() { try Self.add(block, to: vectors, options) }
      try collection.emptyTexts.requireTexts()
      progress(.writing)
      entries[.width] = "\(embedding.width)"
      entries[.probe] = probe.entry
      written = try Self.write(
        vectors, of: collection, checksum: reader.checksum.text, entries, to: folder)
    }
    guard let written else { preconditionFailure("a folder was written without a manifest") }
    return written
  }

  /// Adds the documents at the end of a collection to an index of those before them. The index
  /// remains unchanged until the new one is complete.
  ///
  /// The index is not trained again: with many new documents, an index built from scratch has a
  /// higher recall.
  ///
  /// - Throws: `badData` if the collection does not begin with the documents of the index; errors
  ///   of opening and building.
  @discardableResult
  public static func add(
    _ collection: Collection, toIndexAt path: String, with embedding: any TextEmbedding,
    progress: @escaping Progress = { _ in }
  ) throws(Failure) -> IndexManifest {
    let index = try DenseIndex(opening: path, with: embedding)
    let checksum = try index.manifest.checksum(extendedBy: collection)
    try collection.emptyTexts.requireTexts()
    guard collection.documentCount > index.manifest.documents else { return index.manifest }
    var written: IndexManifest?
    try writeFolderAtomically(at: path, overwrite: true) { folder throws(Failure) in
      let vectors = index.vectors
      var reader = EmbeddingReader(
        collection, embedding, from: index.manifest.documents, progress)
      try vectors.reserve(collection.documentCount)
      while let block = try reader.next() { try vectors.add(block) }
      progress(.writing)
      var entries: [DenseOptions.Key: String] = [:]
      for (name, value) in index.manifest.options {
        if let key = DenseOptions.Key(rawValue: name) { entries[key] = value }
      }
      written = try Self.write(vectors, of: collection, checksum: checksum, entries, to: folder)
    }
    return written ?? index.manifest
  }

  private static func train(
    _ vectors: VectorIndex, _ sample: [Float], _ count: Int, _ options: DenseOptions
  ) throws(Failure) {
    func tooFew(_ expected: String) -> Failure {
      Failure(
        .usage,
        "the index '\(options.factory)' cannot be trained on \(count) documents",
        expected: expected, remedy: "choose an index with fewer lists or codes, or Flat")
    }
    // OPQ trains 256 centroids; with fewer training vectors than vector components, FAISS 1.7.3
    // corrupts its heap.
    if let match = options.factory.firstMatch(of: /OPQ[0-9]+(?:_([0-9]+))?/) {
      let least = max(256, vectors.width, match.1.flatMap { Int($0) } ?? 0)
      guard count >= least else { throw tooFew("\(least) documents or more for OPQ") }
    }
    do throws(Failure) {
      try vectors.train(sample)
    } catch  where error.kind == .badData {
      throw tooFew(error.problem)
    }
  }

  private static func add(
    _ block: [Float], to vectors: VectorIndex, _ options: DenseOptions
  ) throws(Failure) {
    do throws(Failure) {
      try vectors.add(block)
    } catch  where error.kind == .badData {
      throw Failure(
        .usage, "the index '\(options.factory)' cannot be built: \(error.problem)",
        expected: "an index factory string such as Flat, HNSW32, IVF1024,Flat or IVF1024,PQ48")
    }
  }

  private static func write(
    _ vectors: VectorIndex, of collection: Collection, checksum corpus: String,
    _ entries: [DenseOptions.Key: String], to folder: FolderWriter
  ) throws(Failure) -> IndexManifest {
    try folder.write(IdentifierList.fileName) { (file) throws(Failure) in
      for place in 0..<collection.documentCount {
        try file.append(
          IdentifierList.line(collection.documentID(at: place), collection.path))
      }
    }
    let file = try folder.path(of: vectorFile)
    try vectors.write(to: file)
    var entries = entries
    entries[.fileChecksum] = try checksum(ofFile: file)
    let manifest = IndexManifest(
      kind: kind, documents: collection.documentCount, checksum: corpus,
      options: Dictionary(uniqueKeysWithValues: entries.map { ($0.key.rawValue, $0.value) }))
    try folder.write(IndexManifest.fileName, manifest.text)
    return manifest
  }
}
