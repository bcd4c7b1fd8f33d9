import Diagnostics

/// A text made of columns: the name of one, or a template such as
/// `{product_title} {brand}: {description}`.
struct ColumnTemplate: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case text(String)
    /// A column, as the index of its name in `names`.
    case column(Int)
  }

  /// The template as given.
  private(set) var written: String
  /// The names of the columns, each once.
  private(set) var names: [String] = []
  private var parts: [Part] = []

  /// The text of one column, whatever characters are in its name.
  init(column: String) {
    (written, names, parts) = (column, [column], [.column(0)])
  }

  /// Parses a template; without braces it is the name of a column.
  ///
  /// - Throws: `usage` if a brace is not closed or a name is empty.
  init(_ written: String) throws(Failure) {
    guard written.contains("{") || written.contains("}") else {
      self.init(column: written)
      return
    }
    self.init(column: written)
    (names, parts) = ([], [])
    var rest = Substring(written)
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
      let inside = rest[rest.index(after: open)...]
      guard rest[open] == "{", let close = inside.firstIndex(where: { $0 == "{" || $0 == "}" }),
        inside[close] == "}", close > inside.startIndex
      else {
        throw Failure(
          .usage, "the template '\(written)' has a brace without its other half",
          expected: "names of columns in braces, such as '{product_title} {brand}'")
      }
      let name = String(inside[..<close])
      if let known = names.firstIndex(of: name) {
        parts.append(.column(known))
      } else {
        parts.append(.column(names.count))
        names.append(name)
      }
      rest = inside[inside.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
  }

  /// The text for the values of `names`, in their order; empty if all values are.
  func text(_ values: (Int) -> String) -> String {
    if parts.count == 1, case .column = parts[0] { return values(0) }
    var (text, isEmpty) = ("", true)
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .column(let index):
        let value = values(index)
        if !value.isWhiteSpace { isEmpty = false }
        text += value
      }
    }
    return isEmpty ? "" : text
  }
}
