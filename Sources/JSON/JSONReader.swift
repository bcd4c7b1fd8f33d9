/// Decodes values from JSON (RFC 8259), over the same scanner as every other reader here.
///
/// - A text is UTF-8, perhaps with a byte order mark. Strings that are read have to be UTF-8.
/// - Of duplicate keys, the first counts.
/// - Whole numbers may be written as 1.0 or 1e3; a number that its type cannot hold is refused.
/// - More than 512 open brackets are refused. Nothing recurses over what is not asked for.
package struct JSONReader: Sendable {
  /// How keys are spelt.
  package enum Keys: Sendable {
    /// As the type has them.
    case asDeclared
    /// With underscores: `minScore` is `min_score`. A key that the text has as it is declared is
    /// taken first, so keys of dictionaries stay as they are.
    case underscored
  }

  /// How keys are spelt in the text.
  package var keys: Keys
  /// What becomes of halves of surrogate pairs in strings that are read.
  package var halves: JSONScanner.Halves
  /// What types can ask their decoder for.
  package var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// Deeper nesting than anything that is read has.
  static let deepest = 512

  /// A reader.
  package init(keys: Keys = .asDeclared, halves: JSONScanner.Halves = .refused) {
    self.keys = keys
    self.halves = halves
  }

  /// The value that all of a text is.
  ///
  /// - Throws: `DecodingError`: with the path of a value that does not fit, or, where the text is
  ///   not JSON, `dataCorrupted` without a path, over a `JSONMistake`; and what the type throws.
  package func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws -> Value {
    let tape: JSONTape
    do throws(JSONMistake) {
      tape = try JSONTape(bytes, self)
    } catch {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: [], debugDescription: "not JSON from byte \(error.byte)",
          underlyingError: error))
    }
    return try JSONTapeReading(tape: tape, place: 0).decode(type)
  }
}

/// The decoder of one value.
struct JSONTapeReading: Decoder {
  let tape: JSONTape
  let place: Int

  var codingPath: [any CodingKey] { tape.path(to: place) }
  var userInfo: [CodingUserInfoKey: Any] { tape.reader.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try JSONKeyedValues<Key>(tape, place))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try JSONListValues(tape, place)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension JSONTapeReading: SingleValueDecodingContainer {
  func decodeNil() -> Bool { tape.entries[place].kind == .null }
  func decode(_ type: Bool.Type) throws -> Bool { try tape.flag(place) }
  func decode(_ type: String.Type) throws -> String { try tape.string(place) }
  func decode(_ type: Double.Type) throws -> Double { try tape.real(place) }
  func decode(_ type: Float.Type) throws -> Float { try tape.real(place) }
  func decode(_ type: Int.Type) throws -> Int { try tape.whole(place) }
  func decode(_ type: Int8.Type) throws -> Int8 { try tape.whole(place) }
  func decode(_ type: Int16.Type) throws -> Int16 { try tape.whole(place) }
  func decode(_ type: Int32.Type) throws -> Int32 { try tape.whole(place) }
  func decode(_ type: Int64.Type) throws -> Int64 { try tape.whole(place) }
  func decode(_ type: UInt.Type) throws -> UInt { try tape.whole(place) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try tape.whole(place) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try tape.whole(place) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try tape.whole(place) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try tape.whole(place) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}
