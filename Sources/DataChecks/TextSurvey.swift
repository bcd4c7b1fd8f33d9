import JSON
import Tables

/// What is known of many texts of one kind.
package struct TextSurvey: Sendable, Equatable {
  /// `documents` or `queries`.
  package let noun: String
  /// How many there are.
  package internal(set) var count = 0
  /// How many have no words but white space.
  package internal(set) var empty = 0
  /// How many have the same words as an earlier one.
  package internal(set) var same = 0
  /// How many are nearly the same as another, but not the same as an earlier one; nil where that is
  /// not compared.
  package internal(set) var near: Int?
  /// The lengths, of all texts or of an even sample.
  package internal(set) var lengths = Distribution()

  init(_ noun: String) { self.noun = noun }

  /// The survey as lines of a report.
  func rows(_ unit: String) -> [(name: String, value: String)] {
    var value = grouped(count)
    if empty > 0 { value += ", \(grouped(empty)) empty" }
    if same > 0 { value += ", \(grouped(same)) with the words of an earlier one" }
    if let near, near > 0 { value += ", \(grouped(near)) nearly the same as another" }
    var rows = [(noun, value)]
    if lengths.count > 0 {
      let sample = lengths.count < count ? " of \(grouped(lengths.count))" : ""
      rows.append(("  \(unit)\(sample)", lengths.text))
    }
    return rows
  }

  func json(_ unit: String) -> JSONValue {
    var members: [String: JSONValue] = [
      "count": .whole(count), "empty": .whole(empty), "same": .whole(same), unit: lengths.json,
    ]
    if let near { members["near_same"] = .whole(near) }
    return .object(members)
  }
}

extension Distribution {
  /// The distribution in one line.
  var text: String {
    "median \(grouped(quantile(0.5))), mean \(fixed(mean, 1)), 90 % up to \(grouped(quantile(0.9))), "
      + "99 % up to \(grouped(quantile(0.99))), most \(grouped(quantile(1)))"
  }

  var json: JSONValue {
    [
      "measured": .whole(count), "mean": .number(mean), "min": .whole(quantile(0)),
      "median": .whole(quantile(0.5)), "p90": .whole(quantile(0.9)), "p99": .whole(quantile(0.99)),
      "max": .whole(quantile(1)),
    ]
  }
}

/// A number with a comma between thousands.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var index = digits.count - 3
  while index > 0 {
    digits.insert(",", at: digits.index(digits.startIndex, offsetBy: index))
    index -= 3
  }
  return (number < 0 ? "-" : "") + digits
}

/// A share in percent.
func percent(_ share: Double) -> String {
  share > 0 && share < 0.0005 ? "below 0.1 %" : "\(fixed(100 * share, 1)) %"
}
