public import Corpora
public import Diagnostics
import Files
import Foundation
import Synchronization

extension BM25Index {
  /// Builds an index of a collection's documents in the folder `path`, which appears whole or not
  /// at all. Memory does not grow with the collection, but for its ids.
  ///
  /// - Parameter progress: is told how many documents are in, from any thread.
  /// - Throws: `usage` where the options mean nothing; `cannotCreate` where the folder is there and
  ///   may not be replaced; `io`; `badData` where a document is malformed or most are empty;
  ///   `unavailable` where the program was built without the library.
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

  /// Adds the documents that come after those of an index in the collection that it was built from.
  /// Until all is done, the index stays as it was.
  ///
  /// - Parameters:
  ///   - check: looks at postings that no checksum vouches for; see `init(opening:check:)`.
  ///   - progress: is told how many of the new documents are in, from any thread.
  /// - Throws: `badData` where the collection's first documents are not those of the index; what
  ///   opening and building an index do.
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

  /// Writes an index of `old` and the documents that the collection has beyond it.
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
      // What makes all work worthless, documents that are not those of the index, is found out
      // first.
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
      // They are worth nothing any more, and what cannot be removed does no harm.
      try? FileManager.default.removeItem(atPath: folder.path + "/parts")
      try folder.write(IdentifierList.fileName) { file throws(Failure) in
        for place in 0..<collection.documentCount {
          try file.append(
            IdentifierList.line(collection.documentID(at: place), collection.folder.path))
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

  /// Parts of a corpus that are indexed apart and then joined: enough for all cores, and few enough
  /// for their files to be open at once.
  private static func parts(of documents: Range<Int>) -> [Range<Int>] {
    let size = max(1 << 14, (documents.count + 47) / 48)
    return stride(from: documents.lowerBound, to: documents.upperBound, by: size).map {
      $0..<min($0 + size, documents.upperBound)
    }
  }

  /// Indexes some documents in a folder of their own, as long as `isWanted` says so after each.
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
