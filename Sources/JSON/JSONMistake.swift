/// Why a text is not JSON, and at which byte.
///
/// Readers put their own words to it: what a request is answered with differs from what is printed
/// about a file.
package struct JSONMistake: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// No value where one belongs.
    case missingValue
    /// No key in quotation marks where one belongs.
    case missingKey
    /// No ':' after a key.
    case missingColon
    /// Neither a ',' nor the closing bracket after a value.
    case missingComma(isInObject: Bool)
    /// A closing bracket after a ','.
    case trailingComma(isInObject: Bool)
    /// Something after the end of the value.
    case trailingText
    /// More open brackets than the reader allows.
    case nestedTooDeeply
    /// A control character in a string.
    case controlCharacter
    /// The text ends inside a string.
    case unfinishedString
    /// A backslash before a character that cannot be escaped; the byte is the backslash's.
    case unknownEscape
    /// `\u` without four hexadecimal digits; the byte is the backslash's.
    case badUnicodeEscape
    /// An escape of half of a surrogate pair; the byte is the backslash's.
    case halfSurrogate
    /// No digit where a number needs one.
    case missingDigit
    /// More than 4 GB in one text.
    case tooLarge
  }

  /// What is wrong.
  package var kind: Kind
  /// Where, in bytes from 0.
  package var byte: Int

  /// Whether a value, a key, a ':' or a ',' is missing, be it because the text ends.
  package var isMissing: Bool {
    switch kind {
    case .missingValue, .missingKey, .missingColon, .missingComma: true
    default: false
    }
  }

  package init(_ kind: Kind, byte: Int) {
    self.kind = kind
    self.byte = byte
  }
}
