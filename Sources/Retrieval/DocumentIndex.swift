public import Corpora
public import Diagnostics

/// A first stage that was built from a collection and is opened from a folder.
public protocol DocumentIndex: FirstStage {
  /// The index's manifest.
  var manifest: IndexManifest { get }

  /// The id of a document by its position in the index, from 0.
  func documentID(at index: Int) -> String

  /// Rejects a collection that the index was not built from.
  ///
  /// - Parameter progress: receives the number of documents read.
  /// - Throws: `badData` for a collection that the index was not built from; errors of reading it.
  func verify(against collection: Collection, progress: (Int) -> Void) throws(Failure)
}

extension DocumentIndex {
  /// Rejects a collection that the index was not built from.
  public func verify(against collection: Collection) throws(Failure) {
    try verify(against: collection, progress: { _ in })
  }

  /// Rejects a collection that the index was not built from, in which the same ids may denote
  /// different documents. The numbers of documents are compared first, then the ids, then all
  /// texts.
  ///
  /// - Parameter progress: receives the number of documents read.
  /// - Throws: `badData` for a different collection, or one that has changed since; errors of
  ///   reading it.
  public func verify(
    against collection: Collection, progress: (Int) -> Void
  ) throws(Failure) {
    try verifyDocuments(of: collection, progress: progress)
  }

  func verifyDocuments(
    of collection: Collection, progress: (Int) -> Void
  ) throws(Failure) {
    let documents = manifest.documents
    guard documents == collection.documentCount else {
      let hasGrown = documents < collection.documentCount
      throw Failure(
        .badData,
        "the index holds \(documents) documents and the collection \(collection.documentCount)",
        at: Place(collection.path), expected: "the collection that the index was built from",
        remedy: hasGrown
          ? "add the new documents with 'ltr index build --add', or rebuild the index"
          : "rebuild the index")
    }
    try verifyIDs(in: collection)
    var checksum = CorpusChecksum()
    var count = 0
    try collection.forEachDocument { document throws(Failure) in
      checksum.add(document)
      count += 1
      progress(count)
    }
    guard checksum.text == manifest.checksum else {
      throw Failure(
        .badData, "documents of the collection have changed since the index was built",
        at: Place(collection.path),
        expected: "document texts with checksum \(manifest.checksum)",
        remedy: "rebuild the index")
    }
  }

  /// Rejects a collection whose first documents have different ids than those of the index.
  func verifyIDs(in collection: Collection) throws(Failure) {
    for place in 0..<manifest.documents {
      let (own, other) = (documentID(at: place), collection.documentID(at: place))
      guard own == other else {
        throw Failure(
          .badData,
          "document \(place + 1) is '\(own)' in the index and '\(other)' in the collection",
          at: Place(collection.path),
          expected: "the collection that the index was built from",
          remedy: "use that collection, or rebuild the index")
      }
    }
  }
}

extension IndexManifest {
  /// The checksum of a collection whose first documents must be those of this index.
  ///
  /// - Parameter progress: receives the number of documents read.
  /// - Throws: `badData` if the collection is not the indexed one; errors of reading it.
  package func checksum(
    extendedBy collection: Collection, progress: (Int) -> Void = { _ in }
  ) throws(Failure) -> String {
    var checksum = CorpusChecksum()
    var count = 0
    var isSame = documents == 0 || documents <= collection.documentCount
    if isSame {
      try collection.forEachDocument { document throws(Failure) in
        // Once a difference is known, the rest is not hashed.
        guard isSame else { return }
        checksum.add(document)
        count += 1
        if count == documents { isSame = checksum.text == self.checksum }
        progress(count)
      }
    }
    guard isSame else {
      throw Failure(
        .badData,
        "the first \(documents) documents of the collection differ from those of the index",
        at: Place(collection.path),
        expected: "the collection that the index was built from, with documents added at its end",
        remedy: "rebuild the index, without --add")
    }
    return checksum.text
  }
}
