import Diagnostics

/// `Replace` with a string or a simple regular expression as its pattern: replaces every
/// occurrence, from the left and without overlaps.
struct ReplaceNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Replace") { (section) throws(Failure) in
    let pattern = try section.member("pattern")
    let content = Array(try section.member("content").string().utf8)
    if let expression = pattern["Regex"] {
      guard let runs = ScalarRunPattern(try expression.string()) else {
        throw expression.unsupported(expected: ScalarRunPattern.supported)
      }
      return .replace(ReplaceNormalizer(pattern: .runs(runs), content: content))
    }
    guard let string = pattern["String"], let bytes = string.bytes, !bytes.isEmpty else {
      throw pattern.unsupported(
        expected: "{\"String\": …} with a non-empty string, or {\"Regex\": …}")
    }
    return .replace(ReplaceNormalizer(pattern: .bytes(bytes), content: content))
  }

  /// What to replace.
  enum Pattern: Sendable {
    /// A string; not empty.
    case bytes([UInt8])
    /// Runs of scalars.
    case runs(ScalarRunPattern)
  }

  /// What to replace.
  let pattern: Pattern
  /// The replacement.
  let content: [UInt8]

  /// Appends `text` with the pattern replaced.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    switch pattern {
    case .bytes(let pattern): append(text, replacing: pattern, to: &output)
    case .runs(let pattern): append(text, replacing: pattern, to: &output)
    }
  }

  private func append(
    _ text: Span<UInt8>, replacing pattern: ScalarRunPattern, to output: inout [UInt8]
  ) {
    var index = 0
    while index < text.count {
      if let end = pattern.end(from: index, in: text) {
        output.append(contentsOf: content)
        index = end
      } else {
        let next = index + UTF8Text.scalar(at: index, of: text).length
        text.append(index..<next, to: &output)
        index = next
      }
    }
  }

  private func append(
    _ text: Span<UInt8>, replacing pattern: [UInt8], to output: inout [UInt8]
  ) {
    var index = 0
    let first = pattern[0]
    while index < text.count {
      if text[index] == first, text.has(pattern, at: index) {
        output.append(contentsOf: content)
        index += pattern.count
      } else {
        output.append(text[index])
        index += 1
      }
    }
  }
}
