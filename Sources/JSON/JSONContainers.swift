/// The members of an object.
struct JSONKeyedValues<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let tape: JSONTape
  private let place: Int
  /// The values by their keys, where there are many.
  private let places: [String: Int]?

  /// In objects with so few members a search is faster than a table.
  private static var few: Int { 16 }

  init(_ tape: JSONTape, _ place: Int) throws {
    guard tape.entries[place].kind == .object else {
      throw tape.mismatch([String: Any].self, place)
    }
    self.tape = tape
    self.place = place
    places = try tape.members(of: place, moreThan: Self.few)
  }

  var codingPath: [any CodingKey] { tape.path(to: place) }

  var allKeys: [Key] {
    var keys: [Key] = []
    tape.forEachMember(of: place) { key, _ in
      if let key = tape.text(key).flatMap(Key.init(stringValue:)) { keys.append(key) }
    }
    return keys
  }

  private func find(_ name: String) -> Int? {
    if let places { places[name] } else { tape.member(name, of: place) }
  }

  private func found(_ key: some CodingKey) -> Int? {
    let name = key.stringValue
    if let value = find(name) { return value }
    return tape.reader.keys == .underscored ? find(underscored(name)) : nil
  }

  private func reading(_ key: some CodingKey) throws -> JSONTapeReading {
    guard let place = found(key) else {
      throw DecodingError.keyNotFound(
        key,
        .init(codingPath: codingPath, debugDescription: "'\(key.stringValue)' is missing"))
    }
    return JSONTapeReading(tape: tape, place: place)
  }

  func contains(_ key: Key) -> Bool { found(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try reading(key).decodeNil() }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try reading(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try reading(key).decode(type)
  }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    try reading(key).decode(type)
  }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try reading(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try reading(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try reading(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try reading(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try reading(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try reading(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try reading(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try reading(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
    try reading(key).decode(type)
  }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try reading(key).decode(type)
  }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
    try reading(key).decode(type)
  }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try reading(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try reading(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try reading(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try reading(JSONPathKey("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try reading(key) }
}

/// The values of a list, one after the other. A value that could not be decoded is the next one
/// still.
struct JSONListValues: UnkeyedDecodingContainer {
  private let tape: JSONTape
  private let place: Int
  private var next: Int
  private(set) var currentIndex = 0

  init(_ tape: JSONTape, _ place: Int) throws {
    guard tape.entries[place].kind == .array else { throw tape.mismatch([Any].self, place) }
    self.tape = tape
    self.place = place
    next = place + 1
  }

  var codingPath: [any CodingKey] { tape.path(to: place) }
  var isAtEnd: Bool { next == tape.entries[place].next }

  var count: Int? {
    var (entry, count) = (place + 1, 0)
    while entry < tape.entries[place].next {
      (entry, count) = (tape.entries[entry].next, count + 1)
    }
    return count
  }

  private mutating func take<Value>(
    _ type: any Any.Type, _ read: (JSONTapeReading) throws -> Value
  ) throws -> Value {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type,
        .init(
          codingPath: codingPath + [JSONPathKey(currentIndex)],
          debugDescription: "the list has no more values"))
    }
    let value = try read(JSONTapeReading(tape: tape, place: next))
    next = tape.entries[next].next
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    guard isAtEnd || tape.entries[next].kind == .null else { return false }
    return try take(Any?.self) { $0.decodeNil() }
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try take(type) { try $0.decode(type) } }
  mutating func decode(_ type: String.Type) throws -> String {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: Double.Type) throws -> Double {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: Float.Type) throws -> Float {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: Int.Type) throws -> Int { try take(type) { try $0.decode(type) } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try take(type) { try $0.decode(type) } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: Int32.Type) throws -> Int32 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: Int64.Type) throws -> Int64 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try take(type) { try $0.decode(type) } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
    try take(type) { try $0.decode(type) }
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try take(type) { try $0.decode(type) }
  }

  mutating func nestedContainer<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    try take([String: Any].self) { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take([Any].self) { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try take((any Decoder).self) { $0 } }
}

/// `minScore` as `min_score`, `p95Latency` as `p95_latency`: an underscore before each letter that
/// begins a word, as Foundation's encoder writes keys.
private func underscored(_ key: String) -> String {
  let letters = Array(key)
  var text = ""
  for (place, letter) in letters.enumerated() {
    if letter.isUppercase, place > 0 {
      let isAfterWord = !letters[place - 1].isUppercase
      let isBeforeWord = place + 1 < letters.count && letters[place + 1].isLowercase
      if (isAfterWord && letters[place - 1] != "_") || isBeforeWord && !text.hasSuffix("_") {
        text += "_"
      }
    }
    text += letter.lowercased()
  }
  return text
}
