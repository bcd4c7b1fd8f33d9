import Foundation

/// A BM25 index in memory over word numbers, which finds documents that share words with a text.
///
/// For the warm-up, whose corpus is bounded. The formula is that of a BM25 index (`BM25Index` in
/// Retrieval), which computes it in C++ while reading postings from disk; an index in memory needs
/// neither the library nor its files.
package struct WordIndex {
  private struct Posting {
    var document: Int32
    var weight: Float
  }

  private let postings: [Posting]
  /// The start of each word's postings, followed by the end of the last.
  private let starts: [Int]
  private let documentCount: Int

  /// An index of documents, each as the numbers (0 or more) of its words, in order.
  package init(_ documents: [ArraySlice<Int32>], k1: Double = 1.2, b: Double = 0.75) {
    documentCount = documents.count
    let words = 1 + Int(documents.lazy.compactMap { $0.max() }.max() ?? 0)
    var frequencies: [[Int32: Int32]] = []
    frequencies.reserveCapacity(documents.count)
    var holders = [Int](repeating: 0, count: words)
    var total = 0
    for document in documents {
      var counts: [Int32: Int32] = [:]
      for word in document { counts[word, default: 0] += 1 }
      for word in counts.keys { holders[Int(word)] += 1 }
      total += document.count
      frequencies.append(counts)
    }
    var starts = [0]
    starts.reserveCapacity(words + 1)
    for count in holders { starts.append(starts[starts.count - 1] + count) }
    var next = starts
    var postings = [Posting](
      repeating: Posting(document: 0, weight: 0), count: starts[starts.count - 1])
    let mean = max(1, Double(total) / Double(max(documents.count, 1)))
    for (index, counts) in frequencies.enumerated() {
      let norm = k1 * (1 - b + b * Double(documents[index].count) / mean)
      for (word, count) in counts {
        let held = Double(holders[Int(word)])
        let rarity = log(1 + (Double(documents.count) - held + 0.5) / (held + 0.5))
        postings[next[Int(word)]] = Posting(
          document: Int32(index), weight: Float(rarity * Double(count) / (Double(count) + norm)))
        next[Int(word)] += 1
      }
    }
    self.postings = postings
    self.starts = starts
  }

  /// The score of every document for a text; 0 if they share no word.
  package func scores(of text: some Sequence<Int32>) -> [Float] {
    var result = [Float](repeating: 0, count: documentCount)
    for word in text where Int(word) < starts.count - 1 {
      for position in starts[Int(word)]..<starts[Int(word) + 1] {
        result[Int(postings[position].document)] += postings[position].weight
      }
    }
    return result
  }
}
