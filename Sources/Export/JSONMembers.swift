import Diagnostics

/// Where the members of a JSON object are in its bytes, so that one of them can be changed and all
/// others stay as they are to the byte. A vocabulary must not go through dictionaries of `String`,
/// for which two tokens that differ only in their Unicode composition are one.
struct JSONMembers {
  struct Member {
    /// The key as it is written, without quotes.
    let key: String
    /// The bytes of the value.
    let value: Range<Int>
  }

  private(set) var bytes: [UInt8]
  private let name: String

  /// The object in `bytes`, which some other reader has found to be well-formed.
  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// Replaces the value of a key, or adds the member at the front where the key is not there.
  mutating func set(_ key: String, to json: String) throws(Failure) {
    let (members, start) = try scan()
    let found = members.filter { $0.key == key }
    // A key that is written twice counts by its last value; the same value twice is unambiguous.
    for member in found.reversed() { bytes.replaceSubrange(member.value, with: json.utf8) }
    if found.isEmpty {
      let comma = members.isEmpty ? "" : ","
      bytes.insert(contentsOf: "\"\(key)\":\(json)\(comma)".utf8, at: start)
    }
  }

  /// The members, and the byte behind the opening brace.
  private func scan() throws(Failure) -> (members: [Member], start: Int) {
    var members: [Member] = []
    var at = try skip(to: UInt8(ascii: "{"), from: 0)
    let start = at + 1
    at = start
    while true {
      at = space(at)
      guard at < bytes.count, bytes[at] != UInt8(ascii: "}") else { return (members, start) }
      if bytes[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      let keyEnd = end(from: at)
      guard keyEnd > at + 1 else { throw malformed(at) }
      let key = String(decoding: bytes[at + 1..<keyEnd - 1], as: UTF8.self)
      let value = space(try skip(to: UInt8(ascii: ":"), from: keyEnd) + 1)
      let valueEnd = end(from: value)
      guard valueEnd > value else { throw malformed(value) }
      members.append(Member(key: key, value: value..<valueEnd))
      at = valueEnd
    }
  }

  /// The end of the value that starts at a byte.
  private func end(from start: Int) -> Int {
    var depth = 0
    var at = start
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
          at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        at = min(at + 1, bytes.count)
        if depth == 0 { return at }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return at }
        depth -= 1
        if depth == 0 { return at + 1 }
      case UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
        UInt8(ascii: "\t"):
        if depth == 0 { return at }
      default: break
      }
      at += 1
    }
    return at
  }

  private func space(_ start: Int) -> Int {
    var at = start
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    return at
  }

  private func skip(to byte: UInt8, from start: Int) throws(Failure) -> Int {
    guard let found = bytes[start...].firstIndex(of: byte) else { throw malformed(start) }
    return found
  }

  private func malformed(_ byte: Int) -> Failure {
    Failure(.badData, "this is not a JSON object", at: Place(name, byte: byte))
  }
}
