import Diagnostics

/// A JSON text as a tree in which every value knows the byte it starts at.
///
/// Keys and strings stay bytes: a vocabulary may hold two pieces that differ only in their Unicode
/// composition ("é" and "e" + U+0301), and Swift's `String`, and with it every dictionary that
/// Foundation's reader returns, calls them equal.
struct JSONDocument: Sendable {
  /// A value and the byte it starts at.
  struct Node: Sendable {
    var byte: Int
    var value: Value
  }

  /// A key with its value.
  struct Member: Sendable {
    var key: [UInt8]
    var node: Node
  }

  enum Value: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string([UInt8])
    case array([Node])
    case object([Member])
  }

  let bytes: [UInt8]
  let name: String
  let root: Node

  /// Reads `bytes`; `name` is the file name in failures.
  init(_ bytes: [UInt8], name: String) throws(Failure) {
    var reader = JSONReader(bytes: bytes)
    do {
      root = try reader.document()
    } catch {
      throw Failure(
        .badData, "this is not JSON: \(error.problem)",
        at: Self.place(of: error.byte, in: bytes, name: name, key: nil),
        remedy: "fetch or write the file again; it may have been cut short")
    }
    self.bytes = bytes
    self.name = name
  }

  /// Where `node` is, for a failure that names `key`.
  func place(of node: Node, key: String) -> Place {
    Self.place(of: node.byte, in: bytes, name: name, key: key)
  }

  private static func place(of byte: Int, in bytes: [UInt8], name: String, key: String?) -> Place {
    let before = bytes[..<min(byte, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return Place(name, line: line, column: column, key: key)
  }
}

extension JSONDocument.Node {
  /// The value of `key`, the last one where it is written twice; nil where it is not there or
  /// this is not an object.
  subscript(_ key: String) -> JSONDocument.Node? {
    guard case .object(let members) = value else { return nil }
    let wanted = Array(key.utf8)
    return members.last { $0.key == wanted }?.node
  }

  /// Whether the value is `null`.
  var isNull: Bool { if case .null = value { true } else { false } }

  /// The value in a few words, for failures.
  var words: String {
    switch value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
    case .string(let text): "'\(String(decoding: text, as: UTF8.self))'"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
