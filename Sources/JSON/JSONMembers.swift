package import Diagnostics

/// Where the members of a JSON object are in its bytes, so that one of them can be changed and all
/// others stay as they are to the byte. A vocabulary must not go through dictionaries of `String`,
/// for which two tokens that differ only in their Unicode composition are one.
package struct JSONMembers {
  private struct Member {
    /// The key as it is written, without quotes.
    let key: String
    /// The bytes of the value.
    let value: Range<Int>
  }

  package private(set) var bytes: [UInt8]
  private let name: String

  /// The object in `bytes`, which some other reader has found to be well-formed.
  package init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// Replaces the value of a key, or adds the member at the front where the key is not there.
  ///
  /// - Throws: `badData` with the byte where the bytes are no JSON object.
  package mutating func set(_ key: String, to json: String) throws(Failure) {
    let members: [Member]
    let start: Int
    do {
      (members, start) = try scan()
    } catch {
      throw Failure(.badData, "this is not a JSON object", at: Place(name, byte: error.byte))
    }
    let found = members.filter { $0.key == key }
    // A duplicate key counts by its last value; the same value twice is unambiguous.
    for member in found.reversed() { bytes.replaceSubrange(member.value, with: json.utf8) }
    if found.isEmpty {
      let comma = members.isEmpty ? "" : ","
      bytes.insert(contentsOf: "\"\(key)\":\(json)\(comma)".utf8, at: start)
    }
  }

  /// The members, and the byte after the opening brace.
  private func scan() throws(JSONMistake) -> (members: [Member], start: Int) {
    var scanner = JSONScanner(
      bytes, from: JSONDocument.start(of: bytes), deepest: JSONDocument.deepest,
      numbers: .unchecked, halves: .listed)
    guard try scanner.next() == .openObject else { throw JSONMistake(.missingValue, byte: 0) }
    let start = scanner.position
    var members: [Member] = []
    while case .key(let key) = try scanner.next() {
      _ = try scanner.next()
      let first = scanner.start
      while scanner.depth > 1 { _ = try scanner.next() }
      members.append(
        Member(
          key: String(decoding: bytes[key.range], as: UTF8.self), value: first..<scanner.position))
    }
    return (members, start)
  }
}
