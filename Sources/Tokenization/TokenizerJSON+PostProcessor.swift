import Diagnostics
import JSON

extension TokenizerJSON {
  /// The post-processor; none where the section is null.
  func postProcessor() throws(Failure) -> PostProcessor {
    let key = "post_processor"
    guard let section = document.root[key], !section.isNull else { return .plain }
    try checkType(of: section, key: key, supported: ["TemplateProcessing", "BertProcessing"])
    if case .string(let type) = section["type"]?.value, type == Array("BertProcessing".utf8) {
      return .bert(
        cls: try bertToken("cls", of: section, key: key),
        sep: try bertToken("sep", of: section, key: key))
    }
    let specials = try specialIDs(of: section, key: "\(key).special_tokens")
    return PostProcessor(
      single: try template("single", of: section, key: key, specials: specials),
      pair: try template("pair", of: section, key: key, specials: specials))
  }

  /// The id in `["[CLS]", 101]`.
  private func bertToken(_ name: String, of node: Node, key: String) throws(Failure) -> Int32 {
    let path = "\(key).\(name)"
    let pair = try member(name, of: node, key: path)
    let items = try items(pair, key: path)
    guard items.count == 2 else {
      throw unsupported(pair, key: path, expected: "a token and its id")
    }
    return try integer(items[1], key: path)
  }

  /// The ids that each name in a template stands for.
  private func specialIDs(
    of section: Node, key: String
  ) throws(Failure) -> [String: [Int32]] {
    let node = try member("special_tokens", of: section, key: key)
    guard case .object(let members) = node.value else {
      throw unsupported(node, key: key, expected: "an object")
    }
    var specials: [String: [Int32]] = [:]
    for special in members {
      let name = String(decoding: special.key, as: UTF8.self)
      let path = "\(key).\(name).ids"
      let list = try items(try member("ids", of: special.node, key: path), key: path)
      var ids: [Int32] = []
      for id in list { ids.append(try integer(id, key: path)) }
      specials[name] = ids
    }
    return specials
  }

  private func template(
    _ name: String, of section: Node, key: String, specials: [String: [Int32]]
  ) throws(Failure) -> [PostProcessor.Part] {
    let path = "\(key).\(name)"
    var parts: [PostProcessor.Part] = []
    for node in try items(try member(name, of: section, key: path), key: path) {
      let sequence = node["Sequence"]
      guard let piece = sequence ?? node["SpecialToken"] else {
        throw unsupported(node, key: path, expected: "a list of 'Sequence' and 'SpecialToken'")
      }
      let idNode = try member("id", of: piece, key: "\(path).id")
      let id = try string(idNode, key: "\(path).id")
      let typeID = try integer(
        try member("type_id", of: piece, key: "\(path).type_id"), key: "\(path).type_id")
      if sequence == nil {
        guard let ids = specials[id] else {
          throw unsupported(
            idNode, key: "\(path).id", expected: "one of the names in '\(key).special_tokens'")
        }
        parts += ids.map { .special(id: $0, typeID: typeID) }
      } else if id == "A" {
        parts.append(.first(typeID: typeID))
      } else if id == "B", name == "pair" {
        parts.append(.second(typeID: typeID))
      } else {
        throw unsupported(
          idNode, key: "\(path).id", expected: name == "pair" ? "'A' or 'B'" : "'A'")
      }
    }
    return parts
  }
}
