/// The letters of `o200k`: `[^\r\n\p{L}\p{N}]?U*L+C?|[^\r\n\p{L}\p{N}]?U+L*C?`, where `U` is every
/// letter or mark that is not small, `L` every one that is not a capital, and `C` a contraction.
extension WordPattern {
  /// What a scalar matches; letters without case and marks match both.
  private enum Case {
    static let capital: UInt32 = 1
    static let small: UInt32 = 2
    static let both: UInt32 = 3
  }

  private static let cases: ScalarTable = {
    var cases = ScalarTable()
    let tables = [
      (UnicodeTables.letters, Case.both), (UnicodeTables.letterMarks, Case.both),
      (UnicodeTables.capitals, Case.capital), (UnicodeTables.smallLetters, Case.small),
    ]
    for (ranges, scalarCase) in tables {
      for range in UnicodeTables.ranges(ranges) { cases.set(range, to: scalarCase) }
    }
    return cases
  }()

  private static let asciiCases: [UInt8] = (UInt32(0)..<128).map { UInt8(cases[$0]) }

  /// The end of the word of letters that starts at `start`, perhaps with another scalar before
  /// them, or nil.
  func casedWord(from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>) -> Int? {
    let (first, length) = Self.scalar(at: start, of: text, ascii)
    let takesPrefix = first != Class.letter && first != Class.number && first != Class.lineEnd
    let inner = takesPrefix ? Self.letters(from: start + length, of: text) : .none
    // A mark may be the scalar before the letters, or one of them.
    let outer =
      first == Class.letter || first == Class.mark
      ? Self.letters(from: start, of: text) : .none
    guard let end = inner.small ?? outer.small ?? inner.capitals ?? outer.capitals else {
      return nil
    }
    guard end < text.count, text[end] == UInt8(ascii: "'") else { return end }
    return contraction(at: end, of: text) ?? end
  }

  /// Where `U*L+` ends and, if that does not match, `U+`.
  private struct Ends {
    var small: Int?
    var capitals: Int?

    static let none = Ends()
  }

  /// The ends of the letters from `start`.
  private static func letters(from start: Int, of text: Span<UInt8>) -> Ends {
    let ascii = asciiCases.span
    var end = start
    var lastOfBoth: Int?
    while end < text.count {
      let (found, length) = scalarCase(at: end, of: text, ascii)
      if found & Case.capital == 0 {
        if found == Case.small { return Ends(small: smallLetters(from: end, of: text, ascii)) }
        break
      }
      if found == Case.both { lastOfBoth = end }
      end += length
    }
    if let lastOfBoth { return Ends(small: smallLetters(from: lastOfBoth, of: text, ascii)) }
    return end > start ? Ends(capitals: end) : .none
  }

  /// The end of `L*`.
  private static func smallLetters(
    from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>
  ) -> Int {
    var end = start
    while end < text.count {
      let (found, length) = scalarCase(at: end, of: text, ascii)
      if found & Case.small == 0 { break }
      end += length
    }
    return end
  }

  @inline(__always)
  private static func scalarCase(
    at index: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>
  ) -> (found: UInt32, length: Int) {
    let byte = text[index]
    if byte < 0x80 { return (UInt32(ascii[Int(byte)]), 1) }
    let (scalar, length) = UTF8Text.scalar(at: index, of: text)
    return (cases[scalar], length)
  }
}
