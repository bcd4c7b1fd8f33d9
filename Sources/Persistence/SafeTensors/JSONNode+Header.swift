import Diagnostics
import JSON

extension JSONNode {
  /// Reads a strict JSON text that is known to be UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: the file's name in failures.
  ///   - base: the text's byte offset in the file.
  ///   - what: the noun for the text in failures.
  /// - Throws: `badData` with the byte offset in the file.
  init(
    _ bytes: [UInt8], file: String, base: Int, what: String = "header"
  ) throws(Failure) {
    do {
      // The range of a number is checked where it is used, together with the name of its tensor.
      try self.init(bytes, deepest: 16) { number in
        number.utf8.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
      }
    } catch {
      let (problem, byte) = words(for: error, in: bytes, what)
      throw Failure(
        .badData, problem, at: Place(file, byte: base + byte), expected: "a JSON object",
        remedy: "download or export the file again")
    }
  }

  /// The value as an integer, or nil if it is not an integer or out of range.
  var integer: Int? {
    guard case .number(let text) = value, let integer = Int(text) else { return nil }
    // JSON has no leading zeros.
    return String(integer) == text ? integer : nil
  }
}

/// The description of a syntax error, and its byte offset.
private func words(
  for mistake: JSONMistake, in bytes: [UInt8], _ what: String
) -> (problem: String, byte: Int) {
  let byte = mistake.byte
  switch mistake.kind {
  case .missingValue where byte == bytes.count, .missingComma where byte == bytes.count:
    return ("the \(what) ends in the middle of a value", byte)
  case .missingValue: return ("the \(what) is not JSON", endOfWord(at: byte, in: bytes))
  case .trailingComma(isInObject: false), .missingDigit: return ("the \(what) is not JSON", byte)
  case .missingKey, .trailingComma(isInObject: true): return ("a name is missing", byte)
  case .missingColon: return ("a ':' is missing", byte)
  case .missingComma: return ("a ',' is missing", byte)
  case .trailingText: return ("unexpected text after the \(what)'s object", byte)
  case .nestedTooDeeply: return ("the \(what) is nested too deeply", byte)
  case .controlCharacter: return ("a string contains an unescaped control character", byte)
  case .unfinishedString: return ("the \(what) ends in the middle of a string", bytes.count)
  case .unknownEscape: return ("'\\' begins an unknown escape sequence", byte + 1)
  case .badUnicodeEscape:
    let digits = bytes[(byte + 2)...].prefix(4).prefix { JSONScanner.hexadecimalDigit($0) != nil }
    return ("'\\u' is not followed by four hexadecimal digits", digits.endIndex)
  case .halfSurrogate:
    return ("half of a surrogate pair is missing", endOfHalf(at: byte, in: bytes))
  case .tooLarge: return ("the \(what) exceeds 4 GB", byte)
  }
}

/// The offset up to which a misspelt `true`, `false` or `null` is correct.
private func endOfWord(at byte: Int, in bytes: [UInt8]) -> Int {
  let word = ["true", "false", "null"].first { $0.utf8.first == bytes[byte] } ?? ""
  return byte + zip(bytes[byte...], word.utf8).prefix { $0 == $1 }.count
}

/// The offset at which the second half of a surrogate pair is missing.
private func endOfHalf(at byte: Int, in bytes: [UInt8]) -> Int {
  let scanner = JSONScanner(bytes, deepest: 0)
  let next = byte + 6
  let isLead = scanner.escapedUnit(at: byte).map(UTF16.isLeadSurrogate) ?? false
  guard isLead, next < bytes.count, bytes[next] == UInt8(ascii: "\\") else { return next }
  return scanner.escapedUnit(at: next) == nil ? next + 1 : next + 6
}
