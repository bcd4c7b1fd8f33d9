/// A hand-written matcher of a regular expression that splits text into words, by the options in
/// which the expressions in use differ. The words cover the text without gaps, or all of it but
/// whitespace.
///
/// All expressions have these alternatives in order: English contractions (not in o200k's),
/// letters, numbers, other characters, line ends (not in GPT-2's), and whitespace without its last
/// character if text follows (neither in CLIP's).
struct WordPattern: Sendable, Equatable {
  /// Contractions such as `'s` in any case.
  var ignoresCase = true
  /// The scalar that may precede the letters of a word: any except letters, numbers and line ends,
  /// or only a space.
  var takesAnyPrefix = true
  /// A space may precede letters, numbers or other characters; otherwise no whitespace belongs to a
  /// word.
  var takesSpaces = true
  /// Combining marks count as letters.
  var takesMarks = false
  /// The maximum number of digits of a word; nil for any number of them, with an optional space
  /// before.
  var mostNumbers: Int?
  /// A word of other characters includes line ends after it; a word of line ends includes
  /// whitespace before it.
  var takesLineEnds = true
  /// A word of letters ends before a capital that follows a small letter, and includes a
  /// contraction after it; symbols include slashes after line ends.
  var splitsCases = false

  /// The classes of scalars.
  enum Class {
    static let other: UInt32 = 0
    static let letter: UInt32 = 1
    static let number: UInt32 = 2
    static let space: UInt32 = 3
    static let lineEnd: UInt32 = 4
    static let mark: UInt32 = 5
  }

  private static let classes: ScalarTable = {
    var classes = ScalarTable()
    let tables = [
      (UnicodeTables.letters, Class.letter), (UnicodeTables.numerals, Class.number),
      (UnicodeTables.letterMarks, Class.mark), (UnicodeTables.whitespace, Class.space),
      ("A D", Class.lineEnd),
    ]
    for (ranges, scalarClass) in tables {
      for range in UnicodeTables.ranges(ranges) { classes.set(range, to: scalarClass) }
    }
    return classes
  }()

  /// The classes of ASCII scalars, the most frequent ones.
  private static let asciiClasses: [UInt8] = (UInt32(0)..<128).map { UInt8(classes[$0]) }

  /// The class of the scalar at `index`, below `text.count`, and its number of bytes.
  @inline(__always)
  static func scalar(
    at index: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>
  ) -> (scalarClass: UInt32, length: Int) {
    let byte = text[index]
    if byte < 0x80 { return (UInt32(ascii[Int(byte)]), 1) }
    let (scalar, length) = UTF8Text.scalar(at: index, of: text)
    return (classes[scalar], length)
  }

  /// Appends the words of `range` of `text`, well-formed UTF-8, to `words`.
  func split(_ range: Range<Int>, of whole: Span<UInt8>, into words: inout [Range<Int>]) {
    let text = whole.extracting(range)
    let offset = range.lowerBound
    let ascii = Self.asciiClasses.span
    var start = 0
    while start < text.count {
      let end = word(from: start, of: text, ascii)
      if takesSpaces || !Self.isSpace(start, of: text, ascii) {
        words.append(start + offset..<end + offset)
      }
      start = end
    }
  }

  private static func isSpace(_ index: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>) -> Bool {
    let found = scalar(at: index, of: text, ascii).scalarClass
    return found == Class.space || found == Class.lineEnd
  }

  /// The end of the word that starts at `start`.
  @inline(__always)
  private func word(from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>) -> Int {
    let byte = text[start]
    if splitsCases {
      if let end = casedWord(from: start, of: text, ascii) { return end }
    } else if byte == UInt8(ascii: "'"), let end = contraction(at: start, of: text) {
      return end
    }
    let (first, length) = Self.scalar(at: start, of: text, ascii)
    let second = start + length
    if first == Class.letter || takesMarks && first == Class.mark {
      return run(Class.letter, from: second, of: text, ascii)
    }
    if first == Class.number {
      guard let mostNumbers else { return run(Class.number, from: second, of: text, ascii) }
      return numbers(mostNumbers - 1, from: second, of: text, ascii)
    }
    let isSpace = byte == 0x20 && takesSpaces
    if second < text.count, isSpace || takesAnyPrefix && first != Class.lineEnd {
      let next = Self.scalar(at: second, of: text, ascii).scalarClass
      if next == Class.letter || takesMarks && next == Class.mark {
        return run(Class.letter, from: second, of: text, ascii)
      }
      if isSpace {
        if mostNumbers == nil, next == Class.number {
          return run(Class.number, from: second, of: text, ascii)
        }
        if next == Class.other || next == Class.mark {
          return others(from: second, of: text, ascii)
        }
      }
    }
    if first == Class.other || first == Class.mark {
      return others(from: second, of: text, ascii)
    }
    return spaces(from: start, of: text, ascii)
  }

  /// The end of a run of letters or numbers.
  @inline(__always)
  private func run(
    _ wanted: UInt32, from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>
  ) -> Int {
    var index = start
    while index < text.count {
      let (found, length) = Self.scalar(at: index, of: text, ascii)
      guard found == wanted || takesMarks && found == Class.mark && wanted == Class.letter else {
        break
      }
      index += length
    }
    return index
  }

  private func numbers(
    _ most: Int, from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>
  ) -> Int {
    var index = start
    for _ in 0..<most where index < text.count {
      let (found, length) = Self.scalar(at: index, of: text, ascii)
      if found != Class.number { break }
      index += length
    }
    return index
  }

  /// The end of a run of scalars other than letters, numbers and whitespace.
  private func others(from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>) -> Int {
    var index = start
    while index < text.count {
      let (found, length) = Self.scalar(at: index, of: text, ascii)
      guard found == Class.other || found == Class.mark && !takesMarks else { break }
      index += length
    }
    while takesLineEnds, index < text.count,
      Self.isLineEnd(text[index]) || splitsCases && text[index] == UInt8(ascii: "/")
    {
      index += 1
    }
    return index
  }

  /// The end of a word of whitespace.
  private func spaces(from start: Int, of text: Span<UInt8>, _ ascii: Span<UInt8>) -> Int {
    var index = start
    var last = start
    var lineEnd: Int?
    while index < text.count {
      let (found, length) = Self.scalar(at: index, of: text, ascii)
      guard found == Class.space || found == Class.lineEnd else { break }
      last = index
      index += length
      if found == Class.lineEnd { lineEnd = index }
    }
    if takesLineEnds, let lineEnd { return lineEnd }
    // The last scalar belongs to the following word, unless it is the only one.
    return index == text.count || last == start ? index : last
  }

  /// The end of a contraction that starts at `start`, or nil.
  func contraction(at start: Int, of text: Span<UInt8>) -> Int? {
    guard start + 1 < text.count else { return nil }
    let bit: UInt8 = ignoresCase ? 0x20 : 0
    let first = text[start + 1] | bit
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case 0xC5 | bit:
      // U+017F, the long s, equals s if case is ignored.
      let isLongS =
        ignoresCase && start + 2 < text.count && text[start + 1] == 0xC5 && text[start + 2] == 0xBF
      return isLongS ? start + 3 : nil
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      guard start + 2 < text.count else { return nil }
      let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
      return text[start + 2] | bit == second ? start + 3 : nil
    default: return nil
    }
  }

  @inline(__always)
  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
