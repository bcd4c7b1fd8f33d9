/// The YAML of a recipe or job with every key, its default and its meaning.
struct EveryKey {
  /// The maximum width of a line in columns.
  private var width = 100
  /// The minimum column of a comment beside a value.
  private static let column = 26

  /// The column of an example's text: after `#` and five spaces.
  static let margin = 6

  /// The lines.
  private var lines: [String] = []

  /// The text of a file.
  ///
  /// - Parameter header: the lines of the comment at its beginning, without `#`.
  static func file(header: [String], _ keys: [KeyDescription]) -> String {
    var text = EveryKey()
    text.lines = header.map { $0.isEmpty ? "#" : "# \($0)" }
    var wasPlain = false
    for key in keys {
      // Keys with only a value are grouped without blank lines.
      var part = EveryKey()
      part.add(keys: [key], indentation: "")
      let isPlain = part.lines.count == 1
      if !(isPlain && wasPlain) { text.lines.append("") }
      text.lines += part.lines
      wasPlain = isPlain
    }
    return text.lines.joined(separator: "\n") + "\n"
  }

  /// The lines of a section without indentation, for an example that begins in column `margin`.
  static func example(_ key: String, _ keys: [KeyDescription], margin: Int) -> [String] {
    var text = EveryKey()
    text.width -= margin
    text.add(keys: keys, indentation: "  ")
    return ["\(key):"] + text.lines
  }

  private mutating func add(keys: [KeyDescription], indentation: String) {
    let lefts = keys.map { Self.left($0, indentation).count + 2 }
    let column = max(lefts.filter { $0 <= 40 }.max() ?? 0, Self.column)
    for key in keys {
      if let below = key.keys {
        add(section: key, below, indentation: indentation)
      } else {
        add(value: key, indentation: indentation, column: column)
      }
    }
  }

  private static func left(_ key: KeyDescription, _ indentation: String) -> String {
    "\(indentation)\(key.key):"
      + (key.sample.isEmpty ? " \(key.example ?? key.value ?? "null")" : "")
  }

  private mutating func add(value key: KeyDescription, indentation: String, column: Int) {
    let left = Self.left(key, indentation)
    let comment = Self.comment(key)
    let start = max(left.count + 2, column)
    if key.alternative == nil, start + 2 + comment.count <= width {
      let blanks = String(repeating: " ", count: start - left.count)
      lines.append("\(left)\(blanks)# \(comment)")
      return
    }
    add(comment: sentence(comment) + (key.alternative == nil ? "" : " Also:"), indentation)
    if let alternative = key.alternative { add(block: alternative, indentation) }
    lines.append(left)
    lines += key.sample.map { "\(indentation)  \($0)" }
  }

  private static func comment(_ key: KeyDescription) -> String {
    var details = key.range.isEmpty ? [] : [key.range]
    if let value = key.value, let example = key.example, value != example {
      details.append("default: \(value)")
    }
    return key.meaning + (details.isEmpty ? "" : " (\(details.joined(separator: "; ")))")
  }

  private mutating func add(
    section key: KeyDescription, _ below: [KeyDescription], indentation: String
  ) {
    guard key.isOptional, !key.isShown else {
      add(comment: sentence(key.meaning), indentation)
      if let alternative = key.alternative { add(block: alternative, indentation) }
      lines.append("\(indentation)\(key.key):")
      return add(keys: below, indentation: indentation + "  ")
    }
    add(
      comment: sentence("optional: " + key.meaning)
        + " The default is none; a section has these defaults:", indentation)
    let lines = Self.example(key.key, below, margin: indentation.count + Self.margin)
    add(block: lines.joined(separator: "\n"), indentation)
    self.lines.append("\(indentation)\(key.key): null")
  }

  /// Adds a comment above a key, wrapped to the width.
  private mutating func add(comment: String, _ indentation: String) {
    for line in wrapped(comment, to: width - indentation.count - 2) {
      lines.append("\(indentation)# \(line)")
    }
  }

  /// Adds YAML as a comment.
  private mutating func add(block: String, _ indentation: String) {
    lines.append("\(indentation)#")
    for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
      lines.append(line.isEmpty ? "\(indentation)#" : "\(indentation)#     \(line)")
    }
    lines.append("\(indentation)#")
  }
}

/// A phrase as a sentence, with a capital and a full stop.
func sentence(_ phrase: String) -> String {
  let text = phrase.prefix(1).uppercased() + phrase.dropFirst()
  return text.last.map { ".:!?".contains($0) } ?? true ? text : text + "."
}

/// A text wrapped to lines of at most `width` characters, as far as its words allow.
func wrapped(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if line.count + 1 + word.count <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  return line.isEmpty ? lines : lines + [line]
}
