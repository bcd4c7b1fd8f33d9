public import Diagnostics
public import Files

/// The probability that a user examines each position of a result list.
public struct Propensities: Sendable, Equatable {
  /// The smallest propensity allowed: clicks are divided by propensities.
  public static let least = 1e-6

  /// By position, from 1; above 0, and relative to one another if they were estimated.
  public var values: [Int: Double]

  /// Propensities of some positions.
  public init(_ values: [Int: Double]) { self.values = values }

  /// Reads two columns, position and propensity, separated by tabs or spaces, with an optional header
  /// line. Blank lines are skipped.
  ///
  /// - Throws: the errors of `readFile`; `badData` with file and line if a line has another format
  ///   or a position occurs twice, and if there are no lines.
  public init(opening path: String) throws(Failure) {
    try self.init(reading: readText(path).bytes, from: path)
  }

  /// Parses the contents of a file.
  public init(reading bytes: Bytes, from source: String) throws(Failure) {
    values = [:]
    let expected =
      "two columns: a position from 1 up, and a number from \(Propensities.least) to 1"
    var lineNumber = 0
    for range in bytes.lines {
      lineNumber += 1
      let line = bytes[range]
      if line.isBlank { continue }
      let place = Place(source, line: lineNumber)
      let words = Fields.betweenBlanks(line).map { line[$0].text }
      if values.isEmpty, words.count == 2, words[0].lowercased() == "position" { continue }
      guard words.count == 2, let position = Int(words[0]), position > 0,
        let propensity = Double(words[1]), (Propensities.least...1).contains(propensity)
      else {
        throw Failure(
          .badData, "the line '\(excerpt(line.text))' is not a propensity", at: place,
          expected: expected)
      }
      guard values.updateValue(propensity, forKey: position) == nil else {
        throw Failure(
          .badData, "the position \(position) occurs twice", at: place,
          expected: "each position once", remedy: "remove one of the two lines")
      }
    }
    if values.isEmpty {
      throw Failure(
        .badData, "the file holds no propensities", at: Place(source), expected: expected)
    }
  }
}
