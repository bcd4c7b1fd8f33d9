package import Diagnostics
import JSON
package import Models
package import Tokenization

/// The four files that describe a tokenizer, derived from those of the loaded model.
package struct TokenizerFiles {
  let sidecar: ModelSidecar
  let tokenizer: Tokenizer
  private let steps: Steps
  /// Whether `tokenizer.json` truncates texts.
  private let truncates: Bool
  /// The sections of `tokenizer.json` other than the vocabulary; nil without the file.
  private let sections: Sections?
  /// Whether BERT's class of transformers loads the tokenizer with the same ids.
  private let isBert: Bool

  /// The sections of `tokenizer.json` that are needed; the vocabulary is skipped.
  struct Sections: Decodable {
    var normalizer: JSONValue?
    var truncation: JSONValue?
    var processor: JSONValue?
    var preTokenizer: JSONValue?
    var model: Model?
    private var addedTokens: [AddedToken]?

    /// The added tokens, which are searched for in texts.
    var added: [AddedToken] { addedTokens ?? [] }

    /// The model section: how words are divided into pieces.
    struct Model: Decodable {
      var unknown: String?
      var prefix: String?
      var longestWord: Int?

      private enum CodingKeys: String, CodingKey {
        case unknown = "unk_token"
        case prefix = "continuing_subword_prefix"
        case longestWord = "max_input_chars_per_word"
      }
    }

    private enum CodingKeys: String, CodingKey {
      case normalizer, truncation, model
      case processor = "post_processor"
      case preTokenizer = "pre_tokenizer"
      case addedTokens = "added_tokens"
    }
  }

  /// The normalizer's settings, under the names of `tokenizer_config.json`.
  private struct Steps {
    var lowercases: JSONValue = true
    var stripsAccents: JSONValue = .null
    var separatesIdeographs: JSONValue = true
  }

  /// Examines the tokenizer files of a model.
  ///
  /// - Throws: `badData` if a file is not JSON.
  package init(_ sidecar: ModelSidecar, _ tokenizer: Tokenizer) throws(Failure) {
    self.sidecar = sidecar
    self.tokenizer = tokenizer
    var steps = Steps()
    var truncates = false
    var isBert = true
    var found: Sections?
    let settings = try Self.read("tokenizer_config.json", of: sidecar)
    if let json = sidecar.files["tokenizer.json"] {
      let sections = try JSONReader().decode(
        Sections.self, from: json, name: sidecar.place + "/tokenizer.json")
      found = sections
      truncates = sections.truncation != nil
      isBert = Self.isBert(sections, roles: Self.roles(of: tokenizer))
      steps.lowercases = sections.normalizer?["lowercase"] ?? false
      steps.stripsAccents = sections.normalizer?["strip_accents"] ?? .null
      steps.separatesIdeographs = sections.normalizer?["handle_chinese_chars"] ?? false
    } else if let settings {
      steps.lowercases = settings["do_lower_case"] ?? true
      steps.stripsAccents = settings["strip_accents"] ?? .null
      steps.separatesIdeographs = settings["tokenize_chinese_chars"] ?? true
    }
    self.steps = steps
    self.truncates = truncates
    self.sections = found
    // BERT's class adds tokens for these roles to a vocabulary that lacks them.
    let hasRoles = tokenizer.specialTokens.pad != nil && tokenizer.specialTokens.mask != nil
    self.isBert =
      isBert && hasRoles
      && Self.isBert(configuration: settings?.members ?? [:], added: found?.added ?? [])
  }

  /// Whether texts are lowercased.
  package var lowercases: Bool { steps.lowercases == true }

  /// Whether accents are removed; by default they are if texts are lowercased.
  package var stripsAccents: Bool {
    steps.stripsAccents == .null ? lowercases : steps.stripsAccents == true
  }

  /// Whether control characters are removed from texts.
  package var cleansText: Bool { sections.map { $0.normalizer?["clean_text"] == true } ?? true }

  /// Whether every Chinese character is a word.
  package var separatesIdeographs: Bool { steps.separatesIdeographs == true }

  /// The maximum number of characters of a word; longer words become the unknown token.
  package var longestWord: Int { sections?.model?.longestWord ?? 100 }

  /// The added tokens, which are searched for in texts.
  package var addedTokens: [String] {
    sections.map { $0.added.map(\.content) } ?? roles.map(\.token.text)
  }

  /// The tokens with a role that are not searched for in texts here, although transformers searches
  /// for them.
  package var unmatchedRoles: [String] {
    let added = Set(addedTokens.map { Array($0.utf8) })
    return roles.map(\.token.text).filter { !added.contains(Array($0.utf8)) }
  }

  /// `tokenizer.json`: the model's own if it has one, without padding and, if it truncates or
  /// `mustCut` is true, with truncation to `maximumLength`; else one built from the vocabulary.
  package func tokenizerJSON(maximumLength: Int, mustCut: Bool = false) throws(Failure) -> [UInt8] {
    var bytes = sidecar.files["tokenizer.json"] ?? []
    if bytes.isEmpty { bytes = Array(try madeJSON().utf8) }
    var json = JSONMembers(bytes, name: sidecar.place + "/tokenizer.json")
    // Many encoders declare a fixed length of 128 here, to which some servers would pad or
    // truncate.
    try json.set(
      "truncation",
      to: truncates || mustCut
        ? #"{"direction":"Right","max_length":\#(maximumLength),"strategy":"LongestFirst","stride":0}"#
        : "null")
    try json.set("padding", to: "null")
    return json.bytes
  }

  /// `tokenizer_config.json`: the model's own, with the keys that must agree with the other files
  /// set.
  ///
  /// - Parameter takesTokenTypes: whether token types are an input of the model.
  package func tokenizerConfiguration(
    maximumLength: Int, takesTokenTypes: Bool
  ) throws(Failure) -> String {
    var members = try Self.read("tokenizer_config.json", of: sidecar)?.members ?? [:]
    for key in ["name_or_path", "special_tokens_map_file", "tokenizer_file", "max_length"] {
      members[key] = nil
    }
    for key in members.keys where TokenizerClass.isForeign(key) { members[key] = nil }
    members["model_max_length"] = .whole(maximumLength)
    // These keys describe BERT's normalizer only.
    let own: [(key: String, value: JSONValue)] = [
      ("do_lower_case", steps.lowercases), ("strip_accents", steps.stripsAccents),
      ("tokenize_chinese_chars", steps.separatesIdeographs),
    ]
    for (key, value) in own {
      if tokenizer.hasBertStages {
        members[key] = value
      } else {
        members.removeValue(forKey: key)
      }
    }
    members["tokenizer_class"] = members["tokenizer_class"] ?? "BertTokenizer"
    // BERT's class always returns token types; the general one only if they are named.
    if !isBert || !takesTokenTypes {
      for key in TokenizerClass.misleading { members[key] = nil }
      members["tokenizer_class"] = .text(TokenizerClass.general)
      members["model_input_names"] =
        takesTokenTypes
        ? ["input_ids", "token_type_ids", "attention_mask"] : ["input_ids", "attention_mask"]
    }
    // Positions are counted from the first token, and a text is truncated at its end.
    for key in ["padding_side", "truncation_side"] where members[key] != nil {
      members[key] = "right"
    }
    // Programs put query and document into the model's prompt by it.
    members["chat_template"] = tokenizer.chatTemplate.map { .text($0) }
    // As strings: some programs pass the values on unchanged, others would convert them to objects.
    for (key, token) in roles { members[key] = .text(token.text) }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  /// `special_tokens_map.json`: the model's own if it has only tokens with a role, else one built
  /// from those tokens.
  package func specialTokensMap() throws(Failure) -> [UInt8] {
    let name = "special_tokens_map.json"
    if isBert, let own = sidecar.files[name],
      let members = (try? Self.read(name, of: sidecar))?.members,
      members.allSatisfy({ key, value in
        roles.contains { $0.key == key && value == .text($0.token.text) }
      })
    {
      return own
    }
    var members: [String: JSONValue] = [:]
    for (key, token) in roles {
      // FlashRank adds these tokens again; a plain string would lose their flags.
      let added = sections?.added.last { $0.content.utf8.elementsEqual(token.text.utf8) }
      if let added, added.hasFlags {
        members[key] = added.json
      } else {
        members[key] = .text(token.text)
      }
    }
    return Array((try JSONValue.object(members).json(isPretty: true) + "\n").utf8)
  }

  /// `vocab.txt`: the model's own, or one built from the tokenizer: one token per line, by id. An
  /// id without a token, or whose token contains a line break, gets a line that no text can match.
  package func vocabularyLines() -> [UInt8] {
    if let own = sidecar.files["vocab.txt"] { return own }
    var lines: [UInt8] = []
    for id in 0..<Int32(tokenizer.vocabularySize) {
      var line = tokenizer.token(of: id) ?? ""
      let last = line.unicodeScalars.last?.properties.isWhitespace ?? true
      if last || line.utf8.contains(0x0A) { line = "[no token \(id)]" }
      lines += line.utf8
      lines.append(0x0A)
    }
    return lines
  }

  private var roles: [(key: String, token: SpecialTokens.Token)] { Self.roles(of: tokenizer) }

  private static func roles(
    of tokenizer: Tokenizer
  ) -> [(key: String, token: SpecialTokens.Token)] {
    let special = tokenizer.specialTokens
    let all: [(String, SpecialTokens.Token?)] = [
      ("cls_token", special.cls), ("sep_token", special.sep), ("pad_token", special.pad),
      ("unk_token", special.unk), ("mask_token", special.mask),
    ]
    return all.compactMap { key, token in token.map { (key, $0) } }
  }

  /// The `tokenizer.json` equivalent to a `vocab.txt`: BERT's tokenizer.
  func madeJSON() throws(Failure) -> String {
    let special = tokenizer.specialTokens
    guard let cls = special.cls, let sep = special.sep, let unk = special.unk else {
      throw Failure(
        .badData, "the tokenizer lacks a token for the role cls, sep or unk",
        at: Place(sidecar.place))
    }
    let c = cls.text.quotedJSON
    let s = sep.text.quotedJSON
    let first = #"{"Sequence":{"id":"A","type_id":0}}"#
    let single =
      #"{"SpecialToken":{"id":\#(c),"type_id":0}},\#(first),{"SpecialToken":{"id":\#(s),"type_id":0}}"#
    let second =
      #"{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":\#(s),"type_id":1}}"#
    var json = BertTokenizerJSON(
      unknown: unk.text, lowercases: steps.lowercases == true,
      stripsAccents: steps.stripsAccents == .null ? nil : steps.stripsAccents == true,
      separatesIdeographs: steps.separatesIdeographs == true,
      postProcessor: """
        {"type":"TemplateProcessing","single":[\(single)],"pair":[\(single),\(second)],\
        "special_tokens":{\(c):{"id":\(c),"ids":[\(cls.id)],"tokens":[\(c)]},\
        \(s):{"id":\(s),"ids":[\(sep.id)],"tokens":[\(s)]}}}
        """)
    json.added = roles.map { (AddedTokenEntry($0.token.text), $0.token.id) }.sorted { $0.1 < $1.1 }
    for id in 0..<Int32(tokenizer.vocabularySize) {
      // Of a duplicate line, the last counts.
      guard let token = tokenizer.token(of: id), tokenizer.id(of: token) == id else { continue }
      json.vocabulary.append((token, id))
    }
    return json.text
  }

  private static func read(
    _ name: String, of sidecar: ModelSidecar
  ) throws(Failure) -> JSONValue? {
    guard let bytes = sidecar.files[name] else { return nil }
    return try JSONValue(bytes, name: sidecar.place + "/" + name)
  }
}
