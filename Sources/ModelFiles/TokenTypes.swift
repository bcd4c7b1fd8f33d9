public import Diagnostics
import JSON
public import Models
import Tokenization

extension ModelSource {
  /// The same model with `count` token types in a pair: 1 if the document shares the query's token
  /// type, 2 if it has its own. The setting is stored in the tokenizer's file, so that every
  /// program that reads the model follows it.
  ///
  /// - Throws: `badData` if the tokenizer is malformed.
  public func withTokenTypes(_ count: Int) throws(Failure) -> ModelSource {
    var source = self
    let tokenizer = try sidecar.plainTokenizer()
    let files = try TokenizerFiles(sidecar, tokenizer)
    source.sidecar.files["tokenizer.json"] = try files.tokenizerJSON(tokenTypes: count)
    return source
  }
}

extension CrossEncoder {
  /// The token types of a pair of one token each, special tokens included.
  package var pairTypes: [Int32] { tokenizer.pairTypes }

  /// The number of token types in a pair.
  public var tokenTypes: Int { Set(pairTypes).count }

  /// Copies the embedding of a pair's token type to all others if pairs have only one: the scores
  /// are then the same for any token types that a program passes.
  public func unifyTokenTypes() {
    guard tokenTypes == 1, let type = pairTypes.first.map(Int.init),
      let types = blueprint.embeddings.types,
      let table = parameters.table[types.name + ".weight"],
      type >= 0, type < types.rows
    else { return }
    let own = parameters[table.rows(type..<type + 1)]
    for other in 0..<types.rows where other != type {
      parameters[table.rows(other..<other + 1)].copy(from: own)
    }
  }
}

extension Tokenizer {
  /// The token types of a pair of one token each, special tokens included.
  var pairTypes: [Int32] {
    encodePair(query: [probeToken], text: [probeToken], maxLength: specialTokensInPair + 2).typeIDs
  }
}

extension TokenizerFiles {
  /// `tokenizer.json` with only the token types of a pair changed.
  func tokenizerJSON(tokenTypes: Int) throws(Failure) -> [UInt8] {
    let name = sidecar.place + "/tokenizer.json"
    let own: [UInt8]
    if let found = sidecar.files["tokenizer.json"] {
      own = found
    } else {
      own = Array(try madeJSON().utf8)
    }
    let sections = try JSONReader().decode(Sections.self, from: own, name: name)
    var json = JSONMembers(own, name: name)
    try json.set(
      "post_processor", to: try postProcessor(sections.processor, tokenTypes: tokenTypes).json())
    return json.bytes
  }

  /// The section with other token types: the parts of a template, or a template that replaces
  /// another kind of section.
  private func postProcessor(
    _ own: JSONValue?, tokenTypes: Int
  ) throws(Failure) -> JSONValue {
    var members = own?.members ?? [:]
    if own?["type"] != "TemplateProcessing" {
      guard case .template(let pair) = tokenizer.pairFormat, pair.fixedTokens > 0 else {
        throw Failure(
          .badData, "the tokenizer adds no special tokens to a pair", at: Place(sidecar.place))
      }
      let single = tokenizer.singleTemplate
      var entries: [String: JSONValue] = [:]
      for id in Set(single.fixedIDs + pair.fixedIDs) {
        let name = tokenizer.token(of: id) ?? ""
        entries[name] = [
          "id": .text(name), "ids": .list([.whole(Int(id))]), "tokens": .list([.text(name)]),
        ]
      }
      members = [
        "type": "TemplateProcessing", "single": .list(parts(of: single)),
        "pair": .list(parts(of: pair)), "special_tokens": .object(entries),
      ]
    }
    guard case .list(let parts)? = members["pair"] else {
      throw Failure(
        .badData, "the template of a pair is not a list",
        at: Place(sidecar.place + "/tokenizer.json", key: "post_processor.pair"))
    }
    var isSecond = false
    members["pair"] = .list(
      parts.map { part in
        if part["Sequence"]?["id"] == "B" { isSecond = true }
        let type: JSONValue = isSecond && tokenTypes == 2 ? 1 : 0
        return .object(
          (part.members ?? [:]).mapValues { piece in
            var piece = piece.members ?? [:]
            piece["type_id"] = type
            return .object(piece)
          })
      })
    return .object(members)
  }

  /// A template as `TemplateProcessing` writes it, all of type 0.
  private func parts(of template: SequenceTemplate) -> [JSONValue] {
    template.parts.map { part in
      switch part {
      case .first: ["Sequence": ["id": "A", "type_id": 0]]
      case .second: ["Sequence": ["id": "B", "type_id": 0]]
      case .token(let id, _):
        ["SpecialToken": ["id": .text(tokenizer.token(of: id) ?? ""), "type_id": 0]]
      }
    }
  }
}
