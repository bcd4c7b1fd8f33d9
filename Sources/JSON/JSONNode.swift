/// A JSON value of which every part knows the byte it starts at. Objects keep the order of their
/// members and duplicate keys, which are the reader's to judge.
///
/// Keys and strings stay bytes: a vocabulary may hold two pieces that differ only in their Unicode
/// composition ("é" and "e" + U+0301), and Swift's `String`, and with it every dictionary of strings,
/// calls them equal.
package struct JSONNode: Sendable {
  package enum Value: Sendable {
    case null
    case bool(Bool)
    /// The characters of a number.
    case number(String)
    case string([UInt8])
    case array([JSONNode])
    case object([Member])
  }

  /// A key with its value.
  package struct Member: Sendable {
    package var key: [UInt8]
    package var node: JSONNode

    /// The key as text.
    package var name: String { String(decoding: key, as: UTF8.self) }
  }

  /// The byte it starts at.
  package var byte: Int
  package var value: Value

  /// The value of `key`, the last one where it is a duplicate; nil where it is missing or this is
  /// not an object.
  package subscript(_ key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    let wanted = Array(key.utf8)
    return members.last { $0.key == wanted }?.node
  }

  /// Whether the value is `null`.
  package var isNull: Bool { if case .null = value { true } else { false } }

  /// The text of a string; nil for any other value.
  package var text: String? {
    if case .string(let text) = value { String(decoding: text, as: UTF8.self) } else { nil }
  }

  /// The value of a number; nil for any other value.
  package var double: Double? { if case .number(let text) = value { Double(text) } else { nil } }
}

extension JSONNode {
  /// Reads all of a text, whose one value this is.
  ///
  /// `isNumber` judges what stands where a number belongs, a run of digits, signs, points and
  /// exponents; what it rejects is no value.
  package init(
    _ bytes: [UInt8], from position: Int = 0, deepest: Int, isNumber: (String) -> Bool
  ) throws(JSONMistake) {
    var scanner = JSONScanner(bytes, from: position, deepest: deepest, numbers: .unchecked)
    let event = try scanner.next()
    self = try JSONNode(event, of: &scanner, isNumber)
    _ = try scanner.next()
  }

  /// The value that begins with an event, up to its end. The depth of recursion is the scanner's.
  private init(
    _ event: JSONScanner.Event, of scanner: inout JSONScanner, _ isNumber: (String) -> Bool
  ) throws(JSONMistake) {
    byte = scanner.start
    switch event {
    case .null: value = .null
    case .bool(let flag): value = .bool(flag)
    case .number(let range):
      let text = String(decoding: scanner.bytes[range], as: UTF8.self)
      guard isNumber(text) else { throw JSONMistake(.missingValue, byte: byte) }
      value = .number(text)
    case .string(let text), .key(let text): value = .string(scanner.decoded(text))
    case .openArray:
      var items: [JSONNode] = []
      while case let event = try scanner.next(), event != .closeArray {
        items.append(try JSONNode(event, of: &scanner, isNumber))
      }
      value = .array(items)
    case .openObject:
      var members: [Member] = []
      while case .key(let key) = try scanner.next() {
        let event = try scanner.next()
        members.append(
          .init(key: scanner.decoded(key), node: try JSONNode(event, of: &scanner, isNumber)))
      }
      value = .object(members)
    case .closeArray, .closeObject, .end:
      preconditionFailure("the scanner returned no value")
    }
  }
}
