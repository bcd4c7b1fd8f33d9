import Diagnostics
import JSON

extension JSONNode {
  /// Reads a strict JSON text that is known to be UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: what the file is called in failures.
  ///   - base: the byte of the file the text starts at.
  ///   - what: what failures call the text.
  /// - Throws: `badData` with the byte of the file.
  init(
    _ bytes: [UInt8], file: String, base: Int, what: String = "header"
  ) throws(Failure) {
    do {
      // What a number may be is judged where one is read, with the name of its tensor.
      try self.init(bytes, deepest: 16) { number in
        number.utf8.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
      }
    } catch {
      let (problem, byte) = words(for: error, in: bytes, what)
      throw Failure(
        .badData, problem, at: Place(file, byte: base + byte), expected: "a JSON object",
        remedy: "fetch or export the file again")
    }
  }

  /// The value as an integer, or nil where it is none or too large.
  var integer: Int? {
    guard case .number(let text) = value, let integer = Int(text) else { return nil }
    // JSON has no leading zeros.
    return String(integer) == text ? integer : nil
  }
}

/// What is wrong in words, and at which byte.
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
  case .trailingText: return ("something follows the \(what)'s object", byte)
  case .nestedTooDeeply: return ("the \(what) is nested too deeply", byte)
  case .controlCharacter: return ("a text holds a control character", byte)
  case .unfinishedString: return ("the \(what) ends in the middle of a text", bytes.count)
  case .unknownEscape: return ("'\\' is followed by something it cannot escape", byte + 1)
  case .badUnicodeEscape:
    let digits = bytes[(byte + 2)...].prefix(4).prefix { JSONScanner.hexadecimalDigit($0) != nil }
    return ("'\\u' is not followed by four hexadecimal digits", digits.endIndex)
  case .halfSurrogate: return ("half a character is missing", endOfHalf(at: byte, in: bytes))
  }
}

/// How far 'true', 'false' or 'null' is written right.
private func endOfWord(at byte: Int, in bytes: [UInt8]) -> Int {
  let word = ["true", "false", "null"].first { $0.utf8.first == bytes[byte] } ?? ""
  return byte + zip(bytes[byte...], word.utf8).prefix { $0 == $1 }.count
}

/// Where the other half of a surrogate pair is missing.
private func endOfHalf(at byte: Int, in bytes: [UInt8]) -> Int {
  let scanner = JSONScanner(bytes, deepest: 0)
  let next = byte + 6
  let isLead = scanner.escapedUnit(at: byte).map(UTF16.isLeadSurrogate) ?? false
  guard isLead, next < bytes.count, bytes[next] == UInt8(ascii: "\\") else { return next }
  return scanner.escapedUnit(at: next) == nil ? next + 1 : next + 6
}
