import Diagnostics

/// `Replace` with a string as its pattern: replaces every occurrence, from the left and without
/// overlaps.
struct ReplaceNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Replace") { (section) throws(Failure) in
    let pattern = try section.member("pattern")
    guard let string = pattern["String"], let bytes = string.bytes, !bytes.isEmpty else {
      throw pattern.unsupported(expected: "{\"String\": …} with a non-empty string")
    }
    return .replace(
      ReplaceNormalizer(
        pattern: bytes, content: Array(try section.member("content").string().utf8)))
  }

  /// The string to replace; not empty.
  let pattern: [UInt8]
  /// The replacement.
  let content: [UInt8]

  /// Appends `text` with the pattern replaced.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    var index = 0
    while index < text.count {
      if occurs(in: text, at: index) {
        output.append(contentsOf: content)
        index += pattern.count
      } else {
        output.append(text[index])
        index += 1
      }
    }
  }

  private func occurs(in text: Span<UInt8>, at start: Int) -> Bool {
    guard text.count - start >= pattern.count else { return false }
    for (offset, byte) in pattern.enumerated() where text[start + offset] != byte { return false }
    return true
  }
}
