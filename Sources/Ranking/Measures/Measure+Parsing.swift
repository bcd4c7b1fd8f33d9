public import Diagnostics

extension Measure: CustomStringConvertible {
  /// The measure as ir_measures prints it; parameters that have their defaults are left out.
  public var description: String {
    var parameters: [String] = []
    if gain != .linear { parameters.append("dcg='\(gain.rawValue)'") }
    if relevance != 1 { parameters.append("rel=\(OptionValue.number(relevance))") }
    return name.rawValue
      + (parameters.isEmpty ? "" : "(\(parameters.joined(separator: ",")))")
      + (cutoff.map { "@\($0)" } ?? "")
  }

  /// The measure written as `text`: a name, parameters in parentheses, `@` and a cut-off, of which
  /// the last two may be left out. `MAP`, `MRR`, `NDCG`, `Precision` and `Recall` are understood.
  ///
  /// - Throws: `Failure` (`.usage`) that says what part is wrong, with the nearest name.
  public init(parsing text: String) throws(Failure) {
    var rest = text[...]
    let word = rest.prefix { $0 != "(" && $0 != "@" }
    rest = rest.dropFirst(word.count)
    let name = try Self.name(String(word), in: text)

    var parameters: Substring = ""
    if rest.first == "(" {
      guard let close = rest.firstIndex(of: ")") else {
        throw Self.failure("the parenthesis in '\(text)' is not closed")
      }
      parameters = rest[rest.index(after: rest.startIndex)..<close]
      rest = rest[rest.index(after: close)...]
    }

    var cutoff: Int?
    if rest.first == "@" {
      guard let number = Int(rest.dropFirst()), number > 0 else {
        throw Self.failure(
          "'\(rest.dropFirst())' is not a cut-off, in the measure '\(text)'",
          expected: "a whole number after '@', 1 or more")
      }
      cutoff = number
    } else if !rest.isEmpty {
      throw Self.failure("'\(rest)' at the end of the measure '\(text)' is not understood")
    }

    var (relevance, gain) = (1.0, Gain.linear)
    for part in parameters.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
      switch (sides.first, sides.last, name) {
      case ("dcg", let value?, .nDCG) where sides.count == 2:
        guard let known = Gain(rawValue: value) else {
          throw Self.failure(
            "'\(value)' is not a form of nDCG, in the measure '\(text)'",
            expected: "dcg='log2' or dcg='exp-log2'")
        }
        gain = known
      case ("rel", let value?, let name) where sides.count == 2 && name != .nDCG:
        guard let number = Double(value), number > 0, number.isFinite else {
          throw Self.failure(
            "'\(value)' is not a grade, in the measure '\(text)'",
            expected: "rel= and a number above 0, the least grade that counts as relevant")
        }
        relevance = number
      default:
        throw Self.failure(
          "'\(part)' is not a parameter of \(name.rawValue), in the measure '\(text)'",
          expected: name == .nDCG ? "dcg='log2' or dcg='exp-log2'" : "rel= and a grade")
      }
    }
    self.init(name, cutoff: cutoff, relevance: relevance, gain: gain)
  }

  /// The measures written in `text`, separated by white space: `nDCG@10 RR@10 AP`.
  ///
  /// - Throws: `Failure` (`.usage`) for the first that is wrong, and where there is none.
  public static func list(parsing text: String) throws(Failure) -> [Measure] {
    var measures: [Measure] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      measures.append(try Measure(parsing: String(word)))
    }
    if measures.isEmpty { throw failure("no measure is named") }
    return measures
  }

  private static let aliases: [String: Name] = [
    "NDCG": .nDCG, "MAP": .averagePrecision, "MRR": .reciprocalRank, "Precision": .precision,
    "Recall": .recall,
  ]

  private static func name(_ word: String, in text: String) throws(Failure) -> Name {
    if let name = Name(rawValue: word) ?? aliases[word] { return name }
    let names = Name.allCases.map(\.rawValue)
    let meant = nearest(to: word, in: names + aliases.keys.sorted())
    throw failure(
      "there is no measure '\(word)'" + (text == word ? "" : ", in '\(text)'"),
      expected: "one of \(names.joined(separator: ", "))",
      remedy: meant.map { "write '\($0)\(text.dropFirst(word.count))'" })
  }

  private static func failure(
    _ problem: String, expected: String? = nil, remedy: String? = nil
  ) -> Failure {
    Failure(
      .usage, problem, expected: expected ?? "a measure like nDCG@10, RR@10, AP or P(rel=2)@10",
      remedy: remedy ?? "measures look like nDCG@10, RR@10, AP, P(rel=2)@10")
  }

  /// `text` without white space around it, then without quotation marks around that.
  private static func trimmed(_ text: Substring) -> String {
    var text = text
    for unwanted in [" ", "'\""] {
      while let first = text.first, unwanted.contains(first) { text.removeFirst() }
      while let last = text.last, unwanted.contains(last) { text.removeLast() }
    }
    return String(text)
  }
}
