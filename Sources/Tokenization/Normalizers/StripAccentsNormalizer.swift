/// `StripAccents`: removes combining marks. It does not decompose: a letter that is one scalar with
/// its accent retains it, unless NFD or NFKD precedes.
struct StripAccentsNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("StripAccents") { _ in
    .stripAccents(StripAccentsNormalizer())
  }

  private static let marks = ScalarTable(UnicodeTables.combiningMarks)

  /// Appends `text` without its marks.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    let marks = Self.marks
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      if marks[scalar] == 0 { text.append(index..<index + length, to: &output) }
      index += length
    }
  }
}
