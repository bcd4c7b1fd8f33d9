extension Resolution.Part {
  /// Looks up `ids` with `existing`.
  init(_ name: String, _ ids: [String], existing: (String) -> Bool) {
    let missing = ids.filter { !existing($0) }
    var padding: Resolution.Padding?
    for id in missing.prefix(100) where padding == nil {
      padding = repadded(id).first(where: existing).map { .init(id: id, existing: $0) }
    }
    self.init(
      name: name, total: ids.count, missing: missing.count, examples: Array(missing.prefix(5)),
      padding: padding)
  }

  /// A part without examples.
  init(_ name: String, total: Int, missing: Int) {
    self.init(name: name, total: total, missing: missing, examples: [], padding: nil)
  }

  var quotedExamples: String { examples.map { "'\($0)'" }.joined(separator: ", ") }

  /// The part as a line of the report.
  public var line: String {
    var line = "\(name): \(total - missing) of \(total)"
    if !examples.isEmpty { line += "; missing: \(quotedExamples)" }
    if missing > examples.count, !examples.isEmpty { line += " …" }
    if let padding { line += " ('\(padding.existing)' exists: leading zeros differ)" }
    return line
  }
}

/// Variants of an id with fewer and with more zeros before its trailing digits.
private func repadded(_ id: String) -> [String] {
  let digits = id.suffix(while: { $0.isASCII && $0.isNumber })
  if digits.isEmpty { return [] }
  let stem = id.dropLast(digits.count)
  let zeros = digits.prefix { $0 == "0" }
  // "000" is 0 with padding.
  let number = zeros.count == digits.count ? "0" : digits.dropFirst(zeros.count)
  return (0...20).map { stem + String(repeating: "0", count: $0) + number }.filter { $0 != id }
}

extension String {
  /// The longest suffix all of whose characters satisfy `condition`.
  fileprivate func suffix(while condition: (Character) -> Bool) -> Substring {
    self[(lastIndex { !condition($0) }.map(index(after:)) ?? startIndex)...]
  }
}
