package import Diagnostics

/// A JSON file as a tree, which can say in which line and column a value stands.
package struct JSONDocument: Sendable {
  package let bytes: [UInt8]
  package let name: String
  package let root: JSONNode

  /// The maximum nesting depth. Model files nest less deeply; the limit keeps a hostile file from
  /// exhausting the stack.
  static let deepest = 128

  /// Where a text begins: after a byte order mark.
  static func start(of bytes: [UInt8]) -> Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// Reads `bytes`, which may begin with a byte order mark; `name` is the file name in failures.
  ///
  /// - Throws: `badData` with line and column.
  package init(_ bytes: [UInt8], name: String) throws(Failure) {
    do {
      root = try JSONNode(bytes, from: Self.start(of: bytes), deepest: Self.deepest) { number in
        number.utf8.first != UInt8(ascii: "+") && (Int(number) != nil || Double(number) != nil)
      }
    } catch {
      throw Self.failure(error, in: bytes, name: name)
    }
    self.bytes = bytes
    self.name = name
  }

  /// The failure of a file that is not JSON, with line and column.
  static func failure(_ mistake: JSONMistake, in bytes: [UInt8], name: String) -> Failure {
    let (problem, byte) = words(for: mistake, in: bytes)
    return Failure(
      .badData, "this is not JSON: \(problem)",
      at: place(of: byte, in: bytes, name: name, key: nil),
      remedy: "download or write the file again; it may be truncated")
  }

  /// Where `node` is, for a failure that names `key`.
  package func place(of node: JSONNode, key: String) -> Place {
    Self.place(of: node.byte, in: bytes, name: name, key: key)
  }

  private static func place(of byte: Int, in bytes: [UInt8], name: String, key: String?) -> Place {
    let before = bytes[..<min(byte, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return Place(name, line: line, column: column, key: key)
  }

  /// What is wrong in words, and at which byte.
  private static func words(
    for mistake: JSONMistake, in bytes: [UInt8]
  ) -> (problem: String, byte: Int) {
    let problem =
      switch mistake.kind {
      case _ where mistake.isMissing && mistake.byte == bytes.count:
        "the text ends in the middle of a value"
      case .missingValue, .missingDigit, .trailingComma(isInObject: false):
        "a value is expected here"
      case .missingKey, .trailingComma(isInObject: true): "a key in quotes is missing"
      case .missingColon: "the ':' after a key is missing"
      case .missingComma(isInObject: false): "a ',' between two values or a ']' is missing"
      case .missingComma(isInObject: true): "a ',' between two members or a '}' is missing"
      case .trailingText: "text after the end of the value"
      case .nestedTooDeeply: "the text is nested too deeply"
      case .controlCharacter: "an unescaped control character in a string"
      case .unfinishedString: "the text ends in the middle of a string"
      case .unknownEscape, .badUnicodeEscape: "an unknown escape in a string"
      case .halfSurrogate: "half of a surrogate pair"
      case .tooLarge: "the text exceeds 4 GB"
      }
    guard mistake.kind == .halfSurrogate else { return (problem, mistake.byte) }
    // The other half is what is missing: after the escape, or after the one that is no half of it.
    let scanner = JSONScanner(bytes, deepest: 0)
    let isLead = scanner.escapedUnit(at: mistake.byte).map(UTF16.isLeadSurrogate) ?? false
    let isFollowed = scanner.escapedUnit(at: mistake.byte + 6) != nil
    return (problem, mistake.byte + (isLead && isFollowed ? 12 : 6))
  }
}
