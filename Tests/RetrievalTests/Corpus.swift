import Corpora
import Diagnostics
import Foundation
import Retrieval
import TestSupport

/// A collection on disk of documents given here, and the folder it is in.
struct Corpus {
  let folder: URL

  init(_ documents: [Document]) throws {
    folder = try Material.temporaryFolder()
    try write(documents)
  }

  /// A corpus of texts, whose ids are d1, d2 and so on.
  init(texts: [String]) throws {
    try self.init(texts.enumerated().map { Document(id: "d\($0 + 1)", text: $1) })
  }

  /// Replaces the documents.
  func write(_ documents: [Document]) throws {
    var lines = Data()
    for document in documents {
      let record = ["_id": document.id, "title": document.title, "text": document.text]
      lines.append(try JSONSerialization.data(withJSONObject: record))
      lines.append(UInt8(ascii: "\n"))
    }
    try lines.write(to: folder.appending(path: "corpus.jsonl"))
  }

  var collection: Corpora.Collection {
    get throws { try Collection(opening: path("")) }
  }

  /// A path in the folder.
  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  /// The names in the folder, without the corpus.
  var others: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: path("")).filter { $0 != "corpus.jsonl" }
        .sorted()
    }
  }

  /// An index of the corpus.
  func index(_ options: BM25Options = BM25Options()) throws -> BM25Index {
    try BM25Index.build(of: collection, options, at: path("index"), overwrite: true)
    return try BM25Index(opening: path("index"))
  }
}

extension BM25Options {
  /// Words as they are, but for their case.
  static var plain: BM25Options {
    var options = BM25Options()
    options.stemmer = "none"
    options.stopWords = .none
    return options
  }
}

extension FirstStage {
  /// The answer to one query.
  func search(_ text: String, depth: Int) throws(Failure) -> [ScoredDocument] {
    try search([Query(id: "q", text: text)], depth: depth)[0]
  }
}

/// A sequence of numbers that is the same every time.
struct Sequence64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let mixed = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
    return mixed ^ (mixed >> 33)
  }
}

/// Texts whose words have frequencies after Zipf's law: the word of rank r is written `w<r>`.
func zipfianTexts(_ count: Int, words: Int, lengths: ClosedRange<Int>, seed: UInt64) -> [String] {
  var numbers = Sequence64(state: seed)
  var sums: [Double] = []
  for rank in 1...words { sums.append((sums.last ?? 0) + 1 / Double(rank)) }
  return (0..<count).map { _ in
    (0..<Int.random(in: lengths, using: &numbers)).map { _ in
      let wanted = Double.random(in: 0..<sums[words - 1], using: &numbers)
      var (low, high) = (0, words - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] <= wanted { low = middle + 1 } else { high = middle }
      }
      return "w\(low + 1)"
    }.joined(separator: " ")
  }
}
