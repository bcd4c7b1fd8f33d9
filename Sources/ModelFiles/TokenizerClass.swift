import JSON
import Tokenization

/// The class of transformers that loads a tokenizer with the ids of `tokenizer.json`.
///
/// Since version 5, `BertTokenizer` takes only the vocabulary and the special tokens from that file
/// and applies its own rules otherwise. `PreTrainedTokenizerFast` uses the file unchanged.
enum TokenizerClass {
  /// BERT's class, under its names in different versions.
  static let bert = ["BertTokenizer", "BertTokenizerFast"]
  /// The class that loads any `tokenizer.json` unchanged.
  static let general = "PreTrainedTokenizerFast"

  /// The keys of `tokenizer_config.json` that would change the tokenizer that `general` loads, or
  /// that no longer apply.
  static let misleading = [
    "added_tokens_decoder", "auto_map", "backend", "never_split", "do_basic_tokenize",
  ]

  /// Whether a key of `tokenizer_config.json` changes the tokenizer in every class: a template that
  /// replaces that of pairs, or tokens. Tokens with a role are written separately; to any other
  /// token that the vocabulary lacks, transformers gives an id that the embeddings lack too.
  static func isForeign(_ key: String) -> Bool {
    key == "chat_template" || key.hasSuffix("_token") || key.hasSuffix("_tokens")
  }
}

extension TokenizerFiles {
  /// Whether `tokenizer.json` equals the tokenizer that BERT's own class builds from the vocabulary
  /// and the tokens with a role.
  static func isBert(
    _ sections: Sections, roles: [(key: String, token: SpecialTokens.Token)]
  ) -> Bool {
    let texts = Dictionary(
      roles.map { ($0.key, $0.token) }, uniquingKeysWith: { first, _ in first })
    guard let cls = texts["cls_token"], let sep = texts["sep_token"], let unk = texts["unk_token"]
    else { return false }
    let model = sections.model
    return sections.normalizer?["type"] == "BertNormalizer"
      && sections.normalizer?["clean_text"] == true
      && sections.preTokenizer?["type"] == "BertPreTokenizer"
      && model?.unknown == unk.text && model?.prefix == "##" && model?.longestWord == 100
      && isBertsTemplate(sections.processor, cls: cls, sep: sep)
      && areRoles(sections.added, roles: roles)
  }

  private static func isBertsTemplate(
    _ processor: JSONValue?, cls: SpecialTokens.Token, sep: SpecialTokens.Token
  ) -> Bool {
    func names(_ token: SpecialTokens.Token) -> JSONValue {
      [.text(token.text), .whole(Int(token.id))]
    }
    if processor?["type"] == "BertProcessing" {
      return processor?["cls"] == names(cls) && processor?["sep"] == names(sep)
    }
    func special(_ token: SpecialTokens.Token, _ type: Int) -> JSONValue {
      ["SpecialToken": ["id": .text(token.text), "type_id": .whole(type)]]
    }
    func sequence(_ name: String, _ type: Int) -> JSONValue {
      ["Sequence": ["id": .text(name), "type_id": .whole(type)]]
    }
    let single = [special(cls, 0), sequence("A", 0), special(sep, 0)]
    func isOne(_ token: SpecialTokens.Token) -> Bool {
      processor?["special_tokens"]?[token.text]?["ids"] == [.whole(Int(token.id))]
    }
    return processor?["type"] == "TemplateProcessing" && processor?["single"] == .list(single)
      && processor?["pair"] == .list(single + [sequence("B", 1), special(sep, 1)])
      && isOne(cls) && isOne(sep)
  }

  /// Whether the added tokens are exactly those with a role, without flags, which BERT's class adds
  /// by itself.
  private static func areRoles(
    _ added: [AddedToken], roles: [(key: String, token: SpecialTokens.Token)]
  ) -> Bool {
    let texts = Set(roles.map { Array($0.token.text.utf8) })
    return Set(added.map { Array($0.content.utf8) }) == texts
      && added.allSatisfy { $0.isSpecial && !$0.hasFlags }
  }

  /// Whether `tokenizer_config.json` names a class that returns a pair's token types, and has no
  /// key that changes the tokenizer.
  static func isBert(configuration: [String: JSONValue], added: [AddedToken]) -> Bool {
    let inputs = configuration["model_input_names"] ?? .null
    let name = configuration["tokenizer_class"] ?? .null
    let decoder = configuration["added_tokens_decoder"]?.members ?? [:]
    let flags = Dictionary(
      added.map { (Array($0.content.utf8), $0) }, uniquingKeysWith: { _, last in last })
    return (name == .null || TokenizerClass.bert.contains { name == .text($0) })
      && configuration["auto_map"] ?? .null == .null
      && (inputs == .null || (inputs.texts ?? []).contains("token_type_ids"))
      && decoder.values.allSatisfy { value in
        guard let token = AddedToken(value) else { return false }
        return flags[Array(token.content.utf8)] == token
      }
      && ["additional_special_tokens", "extra_special_tokens", "bos_token", "eos_token"].allSatisfy
      {
        key in
        let value = configuration[key] ?? .null
        return value == .null || value == [] || value == .object([:])
      }
  }

  /// An added token, which is searched for in texts, with its flags.
  struct AddedToken: Decodable, Equatable {
    let content: String
    let isSpecial: Bool
    let isSingleWord: Bool
    let stripsLeft: Bool
    let stripsRight: Bool
    let isNormalized: Bool

    private enum CodingKeys: String, CodingKey {
      case content
      case isSpecial = "special"
      case isSingleWord = "single_word"
      case stripsLeft = "lstrip"
      case stripsRight = "rstrip"
      case isNormalized = "normalized"
    }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      content = try keys.decode(String.self, forKey: .content)
      func flag(_ key: CodingKeys) throws -> Bool {
        try keys.decodeIfPresent(Bool.self, forKey: key) ?? false
      }
      isSpecial = try flag(.isSpecial)
      isSingleWord = try flag(.isSingleWord)
      stripsLeft = try flag(.stripsLeft)
      stripsRight = try flag(.stripsRight)
      isNormalized = try flag(.isNormalized)
    }

    /// An entry of `added_tokens_decoder`; nil if the value is not one.
    init?(_ value: JSONValue) {
      guard let json = try? value.json(),
        let token = try? JSONReader().decode(Self.self, from: Array(json.utf8))
      else { return nil }
      self = token
    }

    /// The token in the form of `special_tokens_map.json`.
    var json: JSONValue {
      [
        "content": .text(content), "single_word": .flag(isSingleWord), "lstrip": .flag(stripsLeft),
        "rstrip": .flag(stripsRight), "normalized": .flag(isNormalized),
      ]
    }

    /// Whether a flag restricts or changes the token's matches in the unnormalised text.
    var hasFlags: Bool { isSingleWord || stripsLeft || stripsRight || isNormalized }
  }
}

extension JSONValue {
  /// The strings in a list; nil for a value that is not a list.
  fileprivate var texts: [String]? {
    guard case .list(let items) = self else { return nil }
    return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }
}
