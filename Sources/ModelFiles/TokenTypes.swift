public import Diagnostics
import Foundation
import JSON
public import Models
import Tokenization

extension ModelSource {
  /// The same model with so many token types in a pair: 1 where the document has that of the query,
  /// 2 where it has one of its own. The tokenizer's file says so afterwards, and with it every
  /// program that reads the model.
  ///
  /// - Throws: `badData` where the tokenizer is malformed.
  public func withTokenTypes(_ count: Int) throws(Failure) -> ModelSource {
    var source = self
    let tokenizer = try sidecar.tokenizer()
    let files = try TokenizerFiles(sidecar, tokenizer)
    source.sidecar.files["tokenizer.json"] = try files.tokenizerJSON(tokenTypes: count)
    return source
  }
}

extension CrossEncoder {
  /// The token types of a pair of one token each, special tokens included.
  package var pairTypes: [Int32] { tokenizer.pairTypes }

  /// How many token types a pair has.
  public var tokenTypes: Int { Set(pairTypes).count }

  /// Gives all token types the embedding of the one that pairs have, where they have one: the scores
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
  /// `tokenizer.json` with the token types of a pair changed, and nothing else.
  func tokenizerJSON(tokenTypes: Int) throws(Failure) -> [UInt8] {
    let name = sidecar.place + "/tokenizer.json"
    let own: [UInt8]
    if let found = sidecar.files["tokenizer.json"] {
      own = found
    } else {
      own = Array(try madeJSON().utf8)
    }
    guard let sections = try? JSONDecoder().decode(Sections.self, from: Data(own)) else {
      throw Failure(.badData, "this is not JSON", at: Place(name))
    }
    var json = JSONMembers(own, name: name)
    try json.set(
      "post_processor", to: try postProcessor(sections.processor, tokenTypes: tokenTypes).json())
    return json.bytes
  }

  /// The section with other types: a template's own parts, or those that stand for another kind of
  /// section.
  private func postProcessor(
    _ own: JSONValue?, tokenTypes: Int
  ) throws(Failure) -> JSONValue {
    var members = own?.members ?? [:]
    if own?["type"] != "TemplateProcessing" {
      guard case .template(let pair) = tokenizer.pairFormat, pair.fixedTokens > 0 else {
        throw Failure(
          .badData, "the tokenizer puts no special tokens around a pair", at: Place(sidecar.place))
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
        .badData, "the template of a pair is no list",
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
