import JSON

/// An outline of a body, from one pass over its bytes before anything is decoded: whether its
/// grammar is valid (RFC 8259), its keys, and an estimate of the size of its texts.
package struct BodyOutline: Sendable {
  /// Whether the body is an object.
  private(set) var isObject = false
  /// The keys of the body, in their order.
  private(set) var keys: [String] = []
  /// The number of escapes of half surrogate pairs, which were replaced by U+FFFD.
  private(set) var replacedSurrogates = 0
  /// The approximate size in bytes of UTF-8 of each string of the largest list; nil if there are
  /// objects in the body.
  ///
  /// Other lists are names, or the other side of pairs: the cost of a request is at least that of
  /// this list.
  package private(set) var longestList: [Int]?

  /// The maximum nesting depth, and the maximum number of keys of a body.
  static let deepest = 64
  static let mostKeys = 100

  /// Reads a body of well-formed UTF-8, and replaces escapes of half surrogate pairs in it.
  ///
  /// - Throws: 400 for invalid JSON, and 422 for duplicate or too many keys.
  package init(replacingIn bytes: inout [UInt8]) throws(Refusal) {
    let surrogates = try read(bytes)
    for place in surrogates {
      bytes.replaceSubrange(place + 2..<place + 6, with: "fffd".utf8)
    }
    replacedSurrogates = surrogates.count
  }

  /// Scans the body; returns the offsets of escapes of half surrogate pairs.
  private mutating func read(_ bytes: [UInt8]) throws(Refusal) -> [Int] {
    var scanner = JSONScanner(bytes, deepest: Self.deepest, halves: .listed)
    var names: [JSONScanner.Text] = []
    var (list, longest) = ([] as [Int], [] as [Int])
    var hasInnerObjects = false
    reading: while true {
      let event: JSONScanner.Event
      do {
        event = try scanner.next()
      } catch {
        throw Self.refusal(error, of: bytes)
      }
      switch event {
      case .openObject:
        if scanner.depth == 1 { isObject = true } else { hasInnerObjects = true }
      case .openArray where scanner.depth == 2: list = []
      case .closeArray where scanner.depth == 1:
        if list.reduce(0, +) > longest.reduce(0, +) { longest = list }
      case .key(let name) where scanner.depth == 1:
        guard names.count < Self.mostKeys else {
          throw Refusal(422, "the body has more than \(Self.mostKeys) keys")
        }
        names.append(name)
      case .string(let text) where scanner.depth == 2 && isObject && !scanner.isInObject:
        list.append(text.range.count - text.spareBytes)
      case .end: break reading
      default: break
      }
    }
    if !hasInnerObjects { longestList = longest }
    var seen: Set<String> = []
    for name in names {
      let key = String(decoding: scanner.decoded(name), as: UTF8.self)
      guard seen.insert(key).inserted else {
        throw Refusal(422, "'\(String(key.unicodeScalars.prefix(40)))' is a duplicate key")
      }
      keys.append(key)
    }
    return scanner.loneSurrogates
  }

  private static func refusal(_ mistake: JSONMistake, of bytes: [UInt8]) -> Refusal {
    let problem =
      switch mistake.kind {
      case .missingValue where mistake.byte == bytes.count: "unexpected end; expected a value"
      case .missingValue: "expected a value"
      case .missingKey: "expected a key"
      case .missingColon: "expected ':'"
      case .missingComma(let isInObject): "expected ',' or '\(isInObject ? "}" : "]")'"
      case .trailingComma: "a comma without a value after it"
      case .trailingText: "text after the end of the value"
      case .nestedTooDeeply: "nested deeper than \(deepest) levels"
      case .controlCharacter: "a control character in a string"
      case .unfinishedString: "an unterminated string"
      case .unknownEscape: "an unknown escape"
      case .badUnicodeEscape: "an escape without four hexadecimal digits"
      case .halfSurrogate: "an unpaired surrogate"
      case .missingDigit: "expected a digit"
      case .tooLarge: "more than 4 GB"
      }
    return Refusal(400, "the body is not JSON: \(problem) at byte \(mistake.byte)")
  }
}
