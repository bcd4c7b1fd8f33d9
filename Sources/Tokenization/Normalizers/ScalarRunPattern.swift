/// A regular expression of one set of scalars with a count, such as ` {2,}`, `\s+` or `[\n\r]`, or
/// of several sets without counts, or alternatives of such expressions.
struct ScalarRunPattern: Sendable {
  /// One expression.
  struct Alternative: Sendable {
    /// The scalars of each place.
    fileprivate(set) var places: [ScalarTable] = []
    /// The number of scalars of a match, if there is one place.
    fileprivate(set) var count: ClosedRange<Int> = 1...1
  }

  /// The expressions in order; the first match decides.
  let alternatives: [Alternative]

  /// The supported expressions, for failures.
  static let supported =
    "a character, an escape (\\s, \\n, \\t, \\r) or a set such as [ \\t], optionally with '+', '{m}', "
    + "'{m,}' or '{m,n}'; several characters; or alternatives of these with '|'"

  private static let mostBytes = 256

  /// Reads an expression; nil if it is not supported.
  init?(_ expression: String) {
    // Every character has a table of its own. The expressions in use are short.
    guard expression.utf8.count <= Self.mostBytes else { return nil }
    var rest = Array(expression.unicodeScalars)[...]
    var alternatives: [Alternative] = []
    repeat {
      if !alternatives.isEmpty { rest.removeFirst() }
      guard let alternative = Alternative(&rest) else { return nil }
      alternatives.append(alternative)
    } while rest.first == "|"
    guard rest.isEmpty else { return nil }
    self.alternatives = alternatives
  }

  /// The end of the match that starts at `start` of `text`, or nil.
  func end(from start: Int, in text: Span<UInt8>) -> Int? {
    for alternative in alternatives {
      if let end = alternative.end(from: start, in: text) { return end }
    }
    return nil
  }
}

extension ScalarRunPattern.Alternative {
  /// Reads an expression up to its end or a bar; nil if it is not supported.
  fileprivate init?(_ rest: inout ArraySlice<Unicode.Scalar>) {
    while let place = Self.place(&rest) {
      places.append(place)
      if let first = rest.first, "+{".unicodeScalars.contains(first) {
        guard places.count == 1, let count = Self.quantifier(&rest),
          rest.isEmpty || rest.first == "|"
        else { return nil }
        self.count = count
      }
    }
    if places.isEmpty { return nil }
  }

  /// The end of the match that starts at `start` of `text`, or nil.
  fileprivate func end(from start: Int, in text: Span<UInt8>) -> Int? {
    var index = start
    if places.count > 1 {
      for place in places {
        guard index < text.count else { return nil }
        let (scalar, length) = UTF8Text.scalar(at: index, of: text)
        if place[scalar] == 0 { return nil }
        index += length
      }
      return index
    }
    var found = 0
    while index < text.count, found < count.upperBound {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      if places[0][scalar] == 0 { break }
      index += length
      found += 1
    }
    return found >= count.lowerBound ? index : nil
  }

  private static let special = Set(#"\[](){}*+?.^$|"#.unicodeScalars)

  /// The next character, escape or set.
  private static func place(_ rest: inout ArraySlice<Unicode.Scalar>) -> ScalarTable? {
    guard let first = rest.first else { return nil }
    if first == "[" { return set(&rest) }
    guard first == "\\" || !special.contains(first) else { return nil }
    return item(&rest, isInSet: false)?.table
  }

  /// One character or escape: the scalars, and the scalar if it is a single one.
  private static func item(
    _ rest: inout ArraySlice<Unicode.Scalar>, isInSet: Bool
  ) -> (table: ScalarTable, scalar: UInt32?)? {
    guard let first = rest.popFirst() else { return nil }
    var scalar = first
    if first == "\\" {
      guard let escaped = rest.popFirst() else { return nil }
      switch escaped {
      case "s": return (UnicodeTables.isWhitespace, nil)
      case "n": scalar = "\n"
      case "t": scalar = "\t"
      case "r": scalar = "\r"
      case _ where special.contains(escaped) || escaped == "-": scalar = escaped
      default: return nil
      }
    } else if isInSet, "[&^".unicodeScalars.contains(first) {
      return nil
    }
    var table = ScalarTable()
    table.set(scalar.value, to: 1)
    return (table, scalar.value)
  }

  private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> ScalarTable? {
    rest.removeFirst()
    var table = ScalarTable()
    var isEmpty = true
    while let next = rest.first, next != "]" {
      guard next != "-", let from = item(&rest, isInSet: true) else { return nil }
      isEmpty = false
      guard rest.first == "-" else {
        if let scalar = from.scalar {
          table.set(scalar, to: 1)
        } else {
          for range in UnicodeTables.ranges(UnicodeTables.whitespace) { table.set(range, to: 1) }
        }
        continue
      }
      rest.removeFirst()
      guard rest.first != "]", let last = item(&rest, isInSet: true)?.scalar,
        let first = from.scalar, first <= last
      else { return nil }
      table.set(first...last, to: 1)
    }
    return rest.popFirst() == "]" && !isEmpty ? table : nil
  }

  private static func quantifier(_ rest: inout ArraySlice<Unicode.Scalar>) -> ClosedRange<Int>? {
    if rest.first == "+" {
      rest.removeFirst()
      return 1...Int.max
    }
    guard let end = rest.firstIndex(of: "}") else { return nil }
    let bounds = rest[(rest.startIndex + 1)..<end].split(
      separator: ",", omittingEmptySubsequences: false
    ).map { String(String.UnicodeScalarView($0)) }
    rest = rest[(end + 1)...]
    guard bounds.count <= 2, let least = bounds.first.flatMap({ Int($0) }),
      (1...1000).contains(least)
    else { return nil }
    if bounds.count == 1 { return least...least }
    if bounds[1].isEmpty { return least...Int.max }
    guard let most = Int(bounds[1]), (least...1000).contains(most) else { return nil }
    return least...most
  }
}
