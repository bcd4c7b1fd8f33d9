public import Diagnostics
import Files

/// The options of building and searching a BM25 index.
public struct BM25Options: Sendable, Equatable {
  /// The saturation of term frequencies: 0 ignores repetitions of a term, greater values count them
  /// more.
  public var k1 = 0.9
  /// The normalisation by a document's length: from 0, none, to 1.
  public var b = 0.4
  /// The language of the stemmer, or `none`; see `BM25Index.languages`.
  public var stemmer = "english"
  /// The words that are not indexed.
  public var stopWords = StopWords.english
  /// The weight of a word in the title, as a number of occurrences.
  public var titleWeight = 1
  /// The weight of a word in the text, as a number of occurrences.
  public var textWeight = 1

  /// The default options, which do well over the collections of BEIR: k1 and b as in Anserini
  /// (Yang, Fang and Lin 2017), English stemming.
  public init() {}

  /// The names of the options in an index's manifest.
  private enum Key {
    static let k1 = "k1"
    static let b = "b"
    static let stemmer = "stemmer"
    static let stopWords = "stop_words"
    static let titleWeight = "title_weight"
    static let textWeight = "text_weight"
  }

  /// Rejects values out of range.
  ///
  /// - Throws: `usage`.
  public func check() throws(Failure) {
    guard k1.isFinite, k1 >= 0 else {
      throw Failure(.usage, "k1 cannot be \(k1)", expected: "a number from 0 up, such as 0.9")
    }
    guard (0...1).contains(b) else {
      throw Failure(.usage, "b cannot be \(b)", expected: "a number from 0 to 1, such as 0.4")
    }
    for (name, weight) in [("title", titleWeight), ("text", textWeight)] {
      guard (0...100).contains(weight) else {
        throw Failure(
          .usage, "the weight of the \(name) cannot be \(weight)",
          expected: "an integer from 0 to 100")
      }
    }
    guard titleWeight + textWeight > 0 else {
      throw Failure(
        .usage, "title and text both have weight 0, which leaves nothing to index",
        expected: "at least one weight above 0")
    }
    let languages = try BM25Index.languages
    guard stemmer == "none" || languages.contains(stemmer) else {
      throw Failure(
        .usage, "unknown stemmer '\(stemmer)'",
        expected: "'none' or one of \(languages.joined(separator: ", "))",
        remedy: nearest(to: stemmer, in: languages + ["none"]).map { "write '\($0)'" })
    }
  }

  /// The options as the manifest stores them.
  var described: [String: String] {
    [
      Key.k1: "\(k1)", Key.b: "\(b)", Key.stemmer: stemmer, Key.stopWords: stopWords.name,
      Key.titleWeight: "\(titleWeight)", Key.textWeight: "\(textWeight)",
    ]
  }

  /// The options that a manifest describes, with the stop words from the index's folder.
  ///
  /// - Throws: `badData` if one is missing or invalid.
  init(_ options: [String: String], stopWords words: [String], at place: Place) throws(Failure) {
    func value<T>(_ key: String, _ read: (String) -> T?) throws(Failure) -> T {
      guard let text = options[key], let value = read(text) else {
        var place = place
        place.key = key
        throw Failure(
          .badData, "the index manifest has a missing or invalid option", at: place,
          remedy: "rebuild the index")
      }
      return value
    }
    k1 = try value(Key.k1, Double.init)
    b = try value(Key.b, Double.init)
    stemmer = try value(Key.stemmer) { $0 }
    stopWords = StopWords(name: try value(Key.stopWords) { $0 }, words: words)
    titleWeight = try value(Key.titleWeight) { Int($0) }
    textWeight = try value(Key.textWeight) { Int($0) }
    do throws(Failure) {
      try check()
    } catch  where error.kind == .usage {
      throw Failure(
        .badData, error.problem, at: place, expected: error.expected,
        remedy: "rebuild the index")
    }
  }
}
