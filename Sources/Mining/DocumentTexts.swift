import Corpora
import Diagnostics

/// Documents as they are read to be compared: a part of the corpus, so that one which many queries
/// find is read once and memory stays bounded.
final class DocumentTexts {
  /// What is known of one document.
  struct Entry {
    /// What a model reads.
    let content: String
    /// The hashes of its words, with and without the title.
    let words: UInt64
    let body: UInt64
    /// Whether there are no words at all.
    let isEmpty: Bool
    /// Its runs of words, where near duplicates are looked for.
    let shingles: Shingles?
  }

  private let collection: Collection
  private let shingle: Int?
  private var entries: [Int: Entry] = [:]
  private var bytes = 0

  /// What may be kept at most.
  private static let capacity = 64 << 20

  init(_ collection: Collection, shingle: Int?) {
    self.collection = collection
    self.shingle = shingle
  }

  /// The document at a place in the corpus.
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
