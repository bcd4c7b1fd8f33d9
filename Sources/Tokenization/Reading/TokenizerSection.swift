import Diagnostics
import JSON

/// A value of `tokenizer.json` with its path, such as `model.vocab`, from which a stage is read.
struct TokenizerSection: Sendable {
  private let document: JSONDocument
  /// The value.
  let node: JSONNode
  /// The path of the value in the file, for failures.
  let key: String

  /// The whole file.
  init(_ document: JSONDocument) {
    self.init(document, document.root, key: "")
  }

  private init(_ document: JSONDocument, _ node: JSONNode, key: String) {
    self.document = document
    self.node = node
    self.key = key
  }

  /// The member `name`, or nil if it is missing or null.
  subscript(name: String) -> TokenizerSection? {
    guard let member = node[name], !member.isNull else { return nil }
    return TokenizerSection(document, member, key: path(of: name))
  }

  /// The member `name`, which may be null.
  ///
  /// - Throws: a failure if it is missing.
  func member(_ name: String) throws(Failure) -> TokenizerSection {
    guard let member = node[name] else {
      throw Failure(
        .badData, "this tokenizer lacks '\(path(of: name))'",
        at: document.place(of: node, key: path(of: name)),
        remedy: "save the tokenizer again with Hugging Face's tokenizers"
          + (isOfWordPiece ? ", or remove this file if the model has a vocab.txt" : ""))
    }
    return TokenizerSection(document, member, key: path(of: name))
  }

  /// Whether the file is of a WordPiece model, whose vocabulary may also be in a `vocab.txt`.
  private var isOfWordPiece: Bool { document.root["model"]?["type"]?.text == "WordPiece" }

  /// The same value under a different path.
  func named(_ key: String) -> TokenizerSection {
    TokenizerSection(document, node, key: key)
  }

  private func path(of name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

  /// The position of the value.
  var place: Place { document.place(of: node, key: key) }

  /// A failure that names the value and the supported ones.
  func unsupported(expected: String) -> Failure {
    Failure(
      .badData, "this tokenizer's \(key.isEmpty ? "file" : "'\(key)'") is \(words)", at: place,
      expected: expected)
  }

  /// The bytes of a string value, or nil.
  var bytes: [UInt8]? { if case .string(let text) = node.value { text } else { nil } }

  /// The text of a string value.
  func string() throws(Failure) -> String {
    guard let bytes else { throw unsupported(expected: "a string") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A non-negative integer in the range of ids.
  func integer() throws(Failure) -> Int32 {
    guard case .number(let text) = node.value,
      let value = Int32(text) ?? Double(text).flatMap(Int32.init(exactly:)), value >= 0
    else { throw unsupported(expected: "an integer from 0") }
    return value
  }

  /// The member `name`, true or false.
  func flag(_ name: String) throws(Failure) -> Bool {
    let member = try member(name)
    guard case .bool(let flag) = member.node.value else {
      throw member.unsupported(expected: "true or false")
    }
    return flag
  }

  /// The member `name`, true or false; `standard` where it is missing or null.
  func flag(_ name: String, default standard: Bool) throws(Failure) -> Bool {
    if self[name] == nil { return standard }
    return try flag(name)
  }

  /// The items of a list, under the path of the list.
  func items() throws(Failure) -> [TokenizerSection] {
    guard case .array(let items) = node.value else { throw unsupported(expected: "a list") }
    return items.map { TokenizerSection(document, $0, key: key) }
  }

  /// The members of an object in their order in the file; `expected` describes the object in a
  /// failure.
  func members(
    expected: String = "an object"
  ) throws(Failure) -> [(name: [UInt8], value: TokenizerSection)] {
    guard case .object(let members) = node.value else { throw unsupported(expected: expected) }
    return members.map { ($0.key, TokenizerSection(document, $0.node, key: path(of: $0.name))) }
  }

  /// A short description of the value, for failures.
  var words: String {
    switch node.value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let text):
      node.double.map { number in Int(exactly: number).map { "\($0)" } ?? "\(number)" } ?? text
    case .string(let text): "'\(String(decoding: text, as: UTF8.self))'"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
