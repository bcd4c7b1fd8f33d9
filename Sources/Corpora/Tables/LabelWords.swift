import Diagnostics

/// The grades of labels: numbers, and words by a table.
struct LabelWords: Sendable {
  /// Words that mean the same in most data: ESCI's (Reddy et al. 2022, "Shopping Queries Dataset"),
  /// those of WANDS, and yes and no.
  static let common: [String: Double] = [
    "e": 3, "s": 2, "c": 1, "i": 0, "exact": 3, "substitute": 2, "complement": 1,
    "partial": 1, "irrelevant": 0, "relevant": 1, "not relevant": 0, "not_relevant": 0, "yes": 1,
    "no": 0, "true": 1, "false": 0,
  ]

  private let words: [String: Double]
  private let isGiven: Bool

  /// The user's words; without them the common ones, in any case.
  init(_ given: [String: Double]?) {
    words = given ?? Self.common
    isGiven = given != nil
  }

  /// The grade of a label; nil if the word is not known.
  func grade(_ label: String) -> Double? {
    let word = trimmed(label)
    if let grade = words[isGiven ? word : word.lowercased()] { return grade }
    guard let number = Double(word) ?? Self.withComma(word), number.isFinite else { return nil }
    return number
  }

  /// A number with a decimal comma, as spreadsheets write it in much of the world. Three digits behind
  /// the comma may be thousands as well.
  private static func withComma(_ word: String) -> Double? {
    let parts = word.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1].count != 3,
      parts[1].allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    return Double("\(parts[0]).\(parts[1])")
  }

  /// The failure for words that are not known, the first of them at `place`.
  func failure(_ unknown: [String], at place: Place) -> Failure {
    let listed = unknown.prefix(8).map { "'\(excerpt($0))'" }.joined(separator: ", ")
    if unknown.first.map(\.isWhiteSpace) == true {
      return Failure(
        .badData, "the label is empty", at: place, expected: "a number, or a word with a grade",
        remedy: "add the label, or remove the row")
    }
    return Failure(
      .badData,
      "the label \(unknown.count == 1 ? "" : "words ")\(listed)"
        + "\(unknown.count > 8 ? " …" : "") \(unknown.count == 1 ? "is" : "are") neither a number nor a word with a grade",
      at: place,
      expected: isGiven
        ? "numbers, or " + words.keys.sorted().joined(separator: ", ")
        : "numbers, or words such as relevant, irrelevant, yes, no, E, S, C, I",
      remedy: "give each word a grade: labels: { "
        + unknown.prefix(8).enumerated().map { "\(excerpt($1)): \($0)" }.joined(separator: ", ")
        + " }, with the grades that you mean")
  }
}
