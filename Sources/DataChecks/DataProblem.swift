package import Diagnostics
package import JSON

/// Something that is wrong with data, or looks wrong.
package struct DataProblem: Sendable, Equatable {
  /// Whether data is wrong, or may be as it is meant.
  package enum Severity: String, Sendable {
    /// Training or evaluation would fail, or give wrong results.
    case error
    /// Something to know about.
    case warning
  }

  /// How bad it is.
  package let severity: Severity
  /// What is wrong, where, what was expected and what to do.
  package let failure: Failure

  init(_ severity: Severity, _ failure: Failure) {
    (self.severity, self.failure) = (severity, failure)
  }

  init(
    _ severity: Severity, _ problem: String, at path: String, line: Int? = nil,
    expected: String? = nil, remedy: String? = nil
  ) {
    self.init(
      severity,
      Failure(
        .badData, problem, at: Place(path, line: line), expected: expected, remedy: remedy))
  }

  /// The problem as the command line prints it.
  package var text: String {
    let text = failure.description
    return severity.rawValue + text.dropFirst("error".count)
  }

  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "severity": .text(severity.rawValue), "problem": .text(failure.problem),
    ]
    if let place = failure.place {
      members["file"] = .text(place.file)
      if let line = place.line { members["line"] = .whole(line) }
      if let column = place.column { members["column"] = .whole(column) }
      if let key = place.key { members["key"] = .text(key) }
    }
    if let expected = failure.expected { members["expected"] = .text(expected) }
    if let remedy = failure.remedy { members["remedy"] = .text(remedy) }
    return .object(members)
  }
}
