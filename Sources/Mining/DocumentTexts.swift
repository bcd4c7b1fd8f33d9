import Corpora
import Diagnostics

/// Normalised texts of documents, cached for comparison: a document that many queries find is read
/// once, and the cache's size is bounded.
final class DocumentTexts {
  /// The cached facts of one document.
  struct Entry {
    /// The text that a model reads.
    let content: String
    /// Hashes of its words, with and without the title.
    let words: UInt64
    let body: UInt64
    /// Whether the text has no words.
    let isEmpty: Bool
    /// Its shingles, if near duplicates are searched for.
    let shingles: Shingles?
  }

  private let collection: Collection
  private let shingle: Int?
  private var entries: [Int: Entry] = [:]
  private var bytes = 0

  /// The maximum size of the cache.
  private static let capacity = 64 << 20

  init(_ collection: Collection, shingle: Int?) {
    self.collection = collection
    self.shingle = shingle
  }

  /// The entry of the document at a corpus position.
  func entry(at index: Int) throws(Failure) -> Entry {
    if let entry = entries[index] { return entry }
    let document = try collection.document(at: index)
    let content = document.content
    let words = NormalizedText(content)
    let hash = words.hash
    let entry = Entry(
      content: content, words: hash,
      body: document.title.isEmpty ? hash : NormalizedText(document.text).hash,
      isEmpty: words.isEmpty,
      shingles: shingle.map { Shingles(words, size: $0) })
    bytes += content.utf8.count + (shingle == nil ? 0 : Shingles.limit * 8) + 128
    if bytes > Self.capacity {
      entries.removeAll(keepingCapacity: true)
      bytes = 0
    }
    entries[index] = entry
    return entry
  }
}
