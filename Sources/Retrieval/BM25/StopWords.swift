public import Diagnostics
import Files

/// Words that an index omits, since they occur in so many texts that they hardly distinguish them.
public struct StopWords: Sendable, Equatable {
  /// The list's name in an index.
  public let name: String
  /// The words, in lower case.
  public let words: [String]

  /// The empty list.
  public static let none = StopWords(name: "none", words: [])

  /// The 33 stop words of Lucene's English analyzer.
  public static let english = StopWords(
    name: "english",
    words: [
      "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
      "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
      "they", "this", "to", "was", "will", "with",
    ])

  /// The lists that are part of the program.
  public static let shipped = [none, english]

  init(name: String, words: [String]) {
    self.name = name
    self.words = words
  }

  /// The list of this name, or that in the file of this name, one word per line; lines that begin
  /// with `#` or `|` are comments, and so is the rest of a line after `|` (as in Snowball's lists).
  ///
  /// - Throws: `usage` with the nearest name if there is neither, `badData` if the file is not
  ///   UTF-8, errors of `readText`.
  public init(_ name: String) throws(Failure) {
    if let list = Self.shipped.first(where: { $0.name == name }) {
      self = list
      return
    }
    guard fileKind(at: name) == .file else {
      let names = Self.shipped.map(\.name)
      throw Failure(
        .usage, "'\(name)' is neither a stop word list nor an existing file",
        expected: "one of \(names.map { "'\($0)'" }.joined(separator: ", ")), or a file",
        remedy: nearest(to: name, in: names).map { "write '\($0)'" })
    }
    self.init(name: name, words: Self.words(in: try readText(name).wellFormed()))
  }

  private static func words(in text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.flatMap { line in
      line.prefix { $0 != "|" }.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    }
  }

  /// The list as the index stores it: one word per line.
  var text: String { words.map { $0 + "\n" }.joined() }
}
