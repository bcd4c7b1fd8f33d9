import Diagnostics

/// Replaces `${NAME}` and `${NAME:-default}` in values by variables of the environment, and `$${` by
/// `${`.
struct Variables {
  private let environment: [String: String]
  /// Variables without a value, and malformed references.
  private(set) var faults: [Failure] = []
  /// The places of the values with faults.
  private(set) var faulty: [Place] = []
  /// The number of references.
  private(set) var count = 0

  init(_ environment: [String: String]) { self.environment = environment }

  /// Replaces the references in all values of a tree. A value that is a single reference is read as
  /// if it stood in the text without quotes, since a list or mapping on one line needs them.
  ///
  /// - Parameter lines: the lines of the tree's file, to find the place of a reference in a value.
  mutating func replace(in node: inout RecipeNode, lines: [Substring]) {
    switch node.content {
    case .null: break
    case .word(let text, let quoted):
      guard text.contains("${") else { return }
      let before = (count, faults.count)
      let value = replaced(text, at: node.place, lines)
      guard (count, faults.count) != before || value != text else { return }
      // A value with a fault stays as it is written.
      guard faults.count == before.1 else {
        faulty.append(node.place)
        return
      }
      let isWhole = text.hasPrefix("${") && text.firstIndex(of: "}") == text.indices.last
      let isPlain = isWhole || !quoted
      node.content =
        isPlain && ["", "~", "null", "Null", "NULL"].contains(value)
        ? .null : .word(value, quoted: !isPlain)
    case .list(var items):
      for i in items.indices { replace(in: &items[i], lines: lines) }
      node.content = .list(items)
    case .mapping(var entries):
      for i in entries.indices { replace(in: &entries[i].value, lines: lines) }
      node.content = .mapping(entries)
    }
  }

  private mutating func replaced(
    _ text: String, at place: Place, _ lines: [Substring]
  ) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        result += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let end = Self.end(of: rest) else {
          fault("'\(rest)' does not end with '}'", String(rest), place, lines)
          return text
        }
        let inner = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
        result += value(inner, place, lines)
        rest = rest[rest.index(after: end)...]
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  private mutating func value(
    _ inner: Substring, _ place: Place, _ lines: [Substring]
  ) -> String {
    count += 1
    let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = inner.dropFirst(name.count)
    guard let first = name.first, !first.isNumber, rest.isEmpty || rest.hasPrefix(":-") else {
      fault(
        "'${\(inner)}' does not name a variable of the environment", "${\(inner)", place, lines)
      return ""
    }
    let known = environment[String(name)]
    guard rest.isEmpty else {
      if let known, !known.isEmpty { return known }
      return replaced(String(rest.dropFirst(2)), at: place, lines)
    }
    guard let known else {
      // Any two short names are close.
      let near = name.count > 4 ? nearest(to: String(name), in: environment.keys.sorted()) : nil
      faults.append(
        Failure(
          .badRecipe, "the variable '\(name)' is not set in the environment",
          at: Self.place(of: "${\(name)", in: place, lines),
          expected: "a value of '\(name)', or a default as in '${\(name):-value}'",
          remedy: near.map { "write '${\($0)}'" } ?? "set it: export \(name)=…"))
      return ""
    }
    return known
  }

  private mutating func fault(
    _ problem: String, _ found: String, _ place: Place, _ lines: [Substring]
  ) {
    faults.append(
      Failure(
        .badRecipe, problem, at: Self.place(of: found, in: place, lines),
        expected: "${NAME} or ${NAME:-default}, with a name of letters, digits and '_'",
        remedy: "write '$${' for the text '${'"))
  }

  /// The end of a reference at the beginning of a text; a default may have references of its own.
  private static func end(of text: Substring) -> Substring.Index? {
    var depth = 0
    var place = text.startIndex
    while place < text.endIndex {
      if text[place...].hasPrefix("${") { depth += 1 }
      if text[place] == "}" {
        depth -= 1
        if depth == 0 { return place }
      }
      place = text.index(after: place)
    }
    return nil
  }

  /// The place of a reference in a value on one line; that of the value otherwise.
  private static func place(of found: String, in place: Place, _ lines: [Substring]) -> Place {
    guard let line = place.line, let column = place.column, lines.indices.contains(line - 1),
      let range = lines[line - 1].dropFirst(column - 1).firstRange(of: found)
    else { return place }
    var place = place
    place.column =
      lines[line - 1].distance(from: lines[line - 1].startIndex, to: range.lowerBound) + 1
    return place
  }
}
