package import Corpora

/// The word n-grams (shingles) of a text, as a measure of how much two texts have in common (Broder
/// 1997, On the resemblance and containment of documents).
///
/// Up to `limit` hashes are retained, and the resemblance is exact; a longer text retains the
/// `limit` smallest, a uniform sample of all (bottom-k MinHash), so that memory and time are
/// bounded.
package struct Shingles: Sendable {
  /// Most searched texts have fewer shingles; with more, the error is about 1/√limit.
  package static let limit = 2048

  /// The hashes in ascending order, without duplicates.
  private let hashes: [UInt64]
  private let isWhole: Bool

  /// The n-grams of `size` words; all words as one if the text has fewer.
  package init(_ text: NormalizedText, size: Int, limit: Int = Self.limit) {
    let words = text.wordHashes
    let length = min(size, words.count)
    var runs: [UInt64] = []
    if length > 0 {
      runs.reserveCapacity(words.count - length + 1)
      for start in 0...(words.count - length) {
        var run: UInt64 = 0
        for word in words[start..<start + length] { run = mixed(run &* 31 &+ word) }
        runs.append(run)
      }
    }
    runs.sort()
    var unique: [UInt64] = []
    unique.reserveCapacity(min(runs.count, limit))
    for run in runs where run != unique.last { unique.append(run) }
    isWhole = unique.count <= limit
    hashes = isWhole ? unique : Array(unique.prefix(limit))
  }

  /// The Jaccard similarity of the two sets of shingles: 1 for equal texts, 0 if they share none or
  /// one text has no words.
  package func resemblance(to other: Shingles) -> Double {
    if hashes.isEmpty || other.hashes.isEmpty { return 0 }
    // Above the largest hash of the smaller sample, one of the two sets is unknown.
    let bound = isWhole && other.isWhole ? Int.max : Self.known(self, other)
    var (i, j, shared, union) = (0, 0, 0, 0)
    while union < bound, i < hashes.count || j < other.hashes.count {
      union += 1
      if j == other.hashes.count || (i < hashes.count && hashes[i] < other.hashes[j]) {
        i += 1
      } else if i == hashes.count || other.hashes[j] < hashes[i] {
        j += 1
      } else {
        (i, j, shared) = (i + 1, j + 1, shared + 1)
      }
    }
    return Double(shared) / Double(union)
  }

  /// How many of the smallest hashes of the union are known from both samples.
  private static func known(_ a: Shingles, _ b: Shingles) -> Int {
    min(a.isWhole ? .max : a.hashes.count, b.isWhole ? .max : b.hashes.count)
  }
}
