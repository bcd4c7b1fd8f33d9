import Foundation
import TestSupport

/// A BEIR collection of tiny texts with runs, in a temporary folder.
public struct TinyCollection: Sendable {
  /// The folder.
  public let path: String
  /// The run with the candidates of split `train`.
  public let train: String
  /// The run with the candidates of split `dev`.
  public let dev: String

  /// 40 documents of two sentences with a title, 12 queries of which 8 are for training; judged are
  /// three documents a query, candidates ten.
  public init() throws {
    let folder = try Material.temporaryFolder()
    path = folder.path(percentEncoded: false)
    train = path + "/train.run"
    dev = path + "/dev.run"
    try FileManager.default.createDirectory(
      at: folder.appending(path: "qrels"), withIntermediateDirectories: true)
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
    }
    try write(
      "corpus.jsonl",
      (0..<40).map { i in
        let title = TinyModel.text(words: 4, seed: UInt64(i))
        let text =
          TinyModel.text(words: 9, seed: UInt64(100 + i)) + ". "
          + TinyModel.text(words: 10, seed: UInt64(200 + i)) + "."
        return #"{"_id": "d\#(i)", "title": "\#(title)", "text": "\#(text)"}"#
      })
    try write(
      "queries.jsonl",
      (0..<12).map { i in
        #"{"_id": "q\#(i)", "text": "\#(TinyModel.text(words: 5, seed: UInt64(300 + i)))"}"#
      })
    for (split, queries) in [("train", 0..<8), ("dev", 8..<12)] {
      try write(
        "qrels/\(split).tsv",
        ["query-id\tcorpus-id\tscore"]
          + queries.flatMap { q in (0..<3).map { "q\(q)\td\((q * 3 + $0) % 40)\t\(2 - $0)" } })
      try write(
        "\(split).run",
        queries.flatMap { q in
          (0..<10).map { r in
            "q\(q) Q0 d\((q * 3 + 12 - r) % 40) \(r + 1) \(10 - Double(r) / 2) bm25"
          }
        })
    }
  }
}

extension TinyCollection {
  /// What is judged for the training queries as lines of lists; `query` and `document` give the
  /// keys of a query and of a document by its number.
  public func listLines(
    query: (Int) -> String, document: (Int) throws -> String
  ) rethrows -> [String] {
    try (0..<8).map { q in
      let documents = try (0..<3).map { i in
        #"{\#(try document((q * 3 + i) % 40)), "label": \#(2 - i)}"#
      }
      return #"{\#(query(q)), "documents": [\#(documents.joined(separator: ", "))]}"#
    }
  }

  /// The key and the text of a query, as a line of lists has them.
  public static func queryKey(_ query: Int) -> String {
    #""query": "\#(TinyModel.text(words: 5, seed: UInt64(300 + query)))""#
  }
}
