import Diagnostics

/// `Metaspace`: replaces each space by a visible mark, adds one before the text, and starts a word
/// at every mark, as SentencePiece does.
struct Metaspace: Sendable {
  static let kind = StageKind<PreTokenizer>("Metaspace") { (section) throws(Failure) in
    let replacement = try section.member("replacement")
    guard let mark = replacement.bytes, !mark.isEmpty,
      UTF8Text.scalar(at: 0, of: mark.span).length == mark.count
    else { throw replacement.unsupported(expected: "one character") }
    return .metaspace(
      Metaspace(
        mark: mark, scheme: try scheme(section),
        splits: try section.flag("split", default: true)))
  }

  /// Which words a mark is added before.
  enum Scheme: String, Sendable {
    /// Every word of the preceding stage that does not start with one.
    case always
    /// The same, if the word is at the start of the text.
    case first
    case never
  }

  /// The replacement of a space: one scalar.
  let mark: [UInt8]
  /// Which words a mark is added before.
  let scheme: Scheme
  /// Whether every mark starts a word; otherwise words are not split.
  let splits: Bool

  /// `prepend_scheme`, or `add_prefix_space` of older files.
  private static func scheme(_ section: TokenizerSection) throws(Failure) -> Scheme {
    let isPrefixed = try section.flag("add_prefix_space", default: true)
    guard section.node["prepend_scheme"] != nil else { return isPrefixed ? .always : .never }
    let member = try section.member("prepend_scheme")
    guard
      let scheme = member.bytes.flatMap({ Scheme(rawValue: String(decoding: $0, as: UTF8.self)) })
    else { throw member.unsupported(expected: "'always', 'first' or 'never'") }
    if !isPrefixed, scheme != .never {
      throw member.unsupported(expected: "'never', because 'add_prefix_space' is false")
    }
    return scheme
  }

  /// Appends `word` of `text` with its marks to `bytes`, and its parts to `words`; `isFirst` tells
  /// whether it is at the start of the text.
  func append(
    _ word: Range<Int>, of text: Span<UInt8>, isFirst: Bool, to bytes: inout [UInt8],
    words: inout [Range<Int>]
  ) {
    var start = bytes.count
    let isPrefixed = scheme == .always || scheme == .first && isFirst
    if isPrefixed, text[word.lowerBound] != 0x20, !text.has(mark, at: word.lowerBound) {
      bytes.append(contentsOf: mark)
    }
    var index = word.lowerBound
    while index < word.upperBound {
      let isSpace = text[index] == 0x20
      guard isSpace || text.has(mark, at: index) else {
        bytes.append(text[index])
        index += 1
        continue
      }
      if splits, start < bytes.count {
        words.append(start..<bytes.count)
        start = bytes.count
      }
      bytes.append(contentsOf: mark)
      index += isSpace ? 1 : mark.count
    }
    words.append(start..<bytes.count)
  }
}
