public import Corpora
public import Diagnostics
import Files
import Foundation
import Synchronization

extension BM25Index {
  /// Builds an index of a collection's documents in the folder `path`, which is created atomically.
  /// Memory does not grow with the collection, except for its ids.
  ///
  /// - Parameter progress: receives the number of documents indexed, on any thread.
  /// - Throws: `usage` for invalid options; `cannotCreate` if the folder exists and may not be
  ///   replaced; `io`; `badData` if a document is malformed or most are empty; `unavailable` if the
  ///   program was built without the library.
  @discardableResult
  public static func build(
    of collection: Collection, _ options: BM25Options = BM25Options(), at path: String,
    overwrite: Bool = false, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Failure) -> IndexManifest {
    try options.check()
    let empty = IndexManifest(
      kind: kind, documents: 0, checksum: CorpusChecksum().text, options: options.described)
    return try write(
      empty, options, oldPostings: nil, extendedBy: collection, at: path, overwrite: overwrite,
      progress)
  }

  /// Adds the documents that follow those of an index in the collection that it was built from. The
  /// index remains unchanged until the new one is complete.
  ///
  /// - Parameters:
  ///   - check: the check of postings without a checksum; see `init(opening:check:)`.
  ///   - progress: receives the number of new documents indexed, on any thread.
  /// - Throws: `badData` if the collection's first documents are not those of the index; errors of
  ///   opening and building an index.
  @discardableResult
  public static func add(
    from collection: Collection, to path: String, check: PostingsCheck? = nil,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Failure) -> IndexManifest {
    let index = try BM25Index(opening: path, check: check)
    return try write(
      index.manifest, index.options, oldPostings: path + "/" + FileName.postings,
      extendedBy: collection, at: path, overwrite: true, progress)
  }

  /// Writes an index of `old` and the collection's documents beyond it.
  private static func write(
    _ old: IndexManifest, _ options: BM25Options, oldPostings: String?,
    extendedBy collection: Collection, at path: String, overwrite: Bool,
    _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Failure) -> IndexManifest {
    var manifest = old
    manifest.documents = collection.documentCount
    try writeFolderAtomically(at: path, overwrite: overwrite) { folder throws(Failure) in
      let ranges = parts(of: old.documents..<max(old.documents, collection.documentCount))
      let names = try ranges.indices.map { index throws(Failure) in
        try folder.path(of: "parts/\(index)")
      }
      let checksum = Mutex("")
      let done = Atomic(0)
      // The check that the first documents are those of the index runs beside the indexing and
      // stops it on failure.
      let isWorthless = Atomic(false)
      try concurrently(ranges.count + 1) { (number) throws(Failure) in
        do throws(Failure) {
          if number == 0 {
            let text = try old.checksum(extendedBy: collection) { _ in }
            checksum.withLock { $0 = text }
          } else {
            try index(ranges[number - 1], of: collection, in: names[number - 1], options) {
              progress(done.add(1, ordering: .relaxed).newValue)
              return !isWorthless.load(ordering: .relaxed)
            }
          }
        } catch {
          isWorthless.store(true, ordering: .relaxed)
          throw error
        }
      }
      try collection.emptyTexts.requireTexts()
      manifest.checksum = checksum.withLock { $0 }
      try Xapian.join(
        (oldPostings.map { [$0] } ?? []) + names, to: try folder.path(of: FileName.postings))
      // The partial indexes are no longer needed; a failure to remove them does no harm.
      try? FileManager.default.removeItem(atPath: folder.path + "/parts")
      try folder.write(IdentifierList.fileName) { file throws(Failure) in
        for place in 0..<collection.documentCount {
          try file.append(
            IdentifierList.line(collection.documentID(at: place), collection.path))
        }
      }
      try folder.write(FileName.stopWords, options.stopWords.text)
      manifest.options.merge(
        try FileChecksums.entries(of: FileName.checked, in: folder.path)
      ) { $1 }
      try folder.write(IndexManifest.fileName, manifest.text)
    }
    return manifest
  }

  /// Parts of a corpus that are indexed separately and then merged: enough for all cores, and few
  /// enough to be open at the same time.
  private static func parts(of documents: Range<Int>) -> [Range<Int>] {
    let size = max(1 << 14, (documents.count + 47) / 48)
    return stride(from: documents.lowerBound, to: documents.upperBound, by: size).map {
      $0..<min($0 + size, documents.upperBound)
    }
  }

  /// Indexes some documents in a separate folder, until `isWanted` returns false after one of them.
  private static func index(
    _ documents: Range<Int>, of collection: Collection, in path: String, _ options: BM25Options,
    isWanted: () -> Bool
  ) throws(Failure) {
    let writer = try XapianWriter(creating: path, options)
    for place in documents {
      let document = try collection.document(at: place)
      try writer.add(title: document.title, text: document.text)
      guard isWanted() else { return }
    }
    try writer.finish()
  }
}
