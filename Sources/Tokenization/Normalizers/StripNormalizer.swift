import Diagnostics

/// `Strip`: removes whitespace at the ends of the text.
struct StripNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Strip") { (section) throws(Failure) in
    .strip(
      StripNormalizer(
        stripsLeft: try section.flag("strip_left"), stripsRight: try section.flag("strip_right")))
  }

  /// Whether whitespace at the beginning is removed.
  let stripsLeft: Bool
  /// Whether whitespace at the end is removed.
  let stripsRight: Bool

  /// Appends `text` without the whitespace at its ends.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    let whitespace = UnicodeTables.isWhitespace
    var start = 0
    var index = 0
    /// The end of the last scalar that is not whitespace.
    var end = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      index += length
      if whitespace[scalar] == 0 {
        end = index
      } else if end == 0, stripsLeft {
        start = index
      }
    }
    if !stripsRight { end = text.count }
    if start < end { text.append(start..<end, to: &output) }
  }
}
