import Diagnostics
import JSON

extension TokenizerJSON {
  typealias Node = JSONNode

  /// A failure that says what stands at `key` and what is supported there.
  func unsupported(_ node: Node, key: String, expected: String) -> Failure {
    Failure(
      .badData, "this tokenizer's \(key.isEmpty ? "file" : "'\(key)'") is \(node.words)",
      at: document.place(of: node, key: key), expected: expected)
  }

  /// The member `name` of `node`, which must be there; `key` is its whole path.
  func member(_ name: String, of node: Node, key: String) throws(Failure) -> Node {
    guard let member = node[name] else {
      throw Failure(
        .badData, "this tokenizer lacks '\(key)'", at: document.place(of: node, key: key),
        remedy: "save the tokenizer again with Hugging Face's tokenizers, or use its vocab.txt")
    }
    return member
  }

  /// Throws unless the `type` of `node` is one of `supported`.
  func checkType(of node: Node, key: String, supported: [String]) throws(Failure) {
    let expected = supported.joined(separator: " or ")
    guard case .object = node.value else {
      throw unsupported(node, key: key, expected: "an object of type \(expected)")
    }
    let type = try member("type", of: node, key: "\(key).type")
    if case .string(let text) = type.value,
      supported.contains(String(decoding: text, as: UTF8.self))
    {
      return
    }
    throw Failure(
      .badData, "this tokenizer's '\(key)' is of type \(type.words), which is not supported",
      at: document.place(of: type, key: "\(key).type"), expected: expected,
      remedy: "use a model of the BERT family with WordPiece tokens")
  }

  /// The text of a string value.
  func string(_ node: Node, key: String) throws(Failure) -> String {
    guard case .string(let text) = node.value else {
      throw unsupported(node, key: key, expected: "a string")
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A whole number from 0 that fits an id.
  func integer(_ node: Node, key: String) throws(Failure) -> Int32 {
    guard case .number(let text) = node.value,
      let value = Int32(text) ?? Double(text).flatMap(Int32.init(exactly:)), value >= 0
    else { throw unsupported(node, key: key, expected: "a whole number from 0") }
    return value
  }

  /// The member `name` of `node`, true or false; `key` is the path of `node`.
  func flag(_ name: String, of node: Node, key: String) throws(Failure) -> Bool {
    let member = try member(name, of: node, key: "\(key).\(name)")
    guard case .bool(let flag) = member.value else {
      throw unsupported(member, key: "\(key).\(name)", expected: "true or false")
    }
    return flag
  }

  /// The items of a list.
  func items(_ node: Node, key: String) throws(Failure) -> [Node] {
    guard case .array(let items) = node.value else {
      throw unsupported(node, key: key, expected: "a list")
    }
    return items
  }
}

extension JSONNode {
  /// The value in a few words, for failures.
  fileprivate var words: String {
    switch value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let text):
      double.map { number in Int(exactly: number).map { "\($0)" } ?? "\(number)" } ?? text
    case .string(let text): "'\(String(decoding: text, as: UTF8.self))'"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
