import Diagnostics
import Files
import JSON
import Models
import Tokenization

extension ModelSidecar {
  /// The names of the two files that replace a missing `tokenizer.json`.
  static let mergesNames = ["vocab.json", "merges.txt"]

  /// Adds the `tokenizer.json` equivalent to `vocab.json` and `merges.txt` of `folder`, if the
  /// files have no other tokenizer. Special and added tokens are those of `added_tokens.json`,
  /// `tokenizer_config.json` and `special_tokens_map.json`; later files override earlier ones.
  ///
  /// - Throws: `badData` if a file is ill-formed, or if the vocabulary lacks a token; `missingInput`
  ///   if there is only one of the two.
  mutating func addMerges(of folder: Folder) throws(Failure) {
    guard files["tokenizer.json"] == nil, files["vocab.txt"] == nil else { return }
    let present = Self.mergesNames.filter(folder.contains)
    guard present.count == Self.mergesNames.count else {
      try checkHalf(present, of: folder)
      return
    }
    let settings = try value("tokenizer_config.json")
    var tokens = MergesTokens()
    for file in [settings, try value("special_tokens_map.json")] {
      for role in MergesTokens.Role.allCases {
        if let token = file?["\(role.rawValue)_token"].flatMap(Self.token) {
          tokens.roles[role] = token
        }
      }
    }
    tokens.added = try addedTokens(of: folder, settings)
    for key in ["additional_special_tokens", "extra_special_tokens"] {
      guard case .list(let items)? = settings?[key] else { continue }
      let known = Set(tokens.added.map { Array($0.text.utf8) })
      tokens.added += items.compactMap(Self.token).filter { !known.contains(Array($0.text.utf8)) }
    }
    var addsSpace = false
    if let json = files["tokenizer_config.json"] {
      let keys = try ConfigurationKeys(json, name: name(of: "tokenizer_config.json"))
      addsSpace = try keys.flag("add_prefix_space", default: false)
    }
    files["tokenizer.json"] = try Tokenizer.json(
      vocabulary: folder.readText("vocab.json").bytes.array, name: name(of: "vocab.json"),
      merges: folder.readText("merges.txt").bytes.array, mergesName: name(of: "merges.txt"),
      tokens: tokens, addsSpace: addsSpace)
  }

  /// - Throws: `missingInput` if one of the two files is there and no other tokenizer.
  private func checkHalf(_ present: [String], of folder: Folder) throws(Failure) {
    guard let file = present.first, let absent = Self.mergesNames.first(where: { $0 != file }),
      !Self.sentencePieceNames.contains(where: folder.contains)
    else { return }
    // A family that is not supported is the greater mistake.
    _ = try architecture()
    throw Failure(
      .missingInput, "'\(absent)' is missing beside '\(file)'", at: Place(name(of: absent)),
      expected: "both files, or a tokenizer.json",
      remedy: "copy it from the model that the weights belong to")
  }

  /// The tokens of `added_tokens_decoder` or, without that, of `added_tokens.json`, by id.
  private func addedTokens(
    of folder: Folder, _ settings: JSONValue?
  ) throws(Failure) -> [AddedTokenEntry] {
    var tokens: [(id: Int, token: AddedTokenEntry)] = []
    if let decoder = settings?["added_tokens_decoder"]?.members {
      for (id, entry) in decoder {
        guard let id = Int(id), let token = TokenizerFiles.AddedToken(entry) else {
          throw Failure(
            .badData, "an entry of 'added_tokens_decoder' is not a token",
            at: Place(name(of: "tokenizer_config.json"), key: "added_tokens_decoder.\(id)"),
            expected: "an id with an object that has 'content'",
            remedy: "save the tokenizer again with transformers")
        }
        tokens.append((id, AddedTokenEntry(token)))
      }
    } else if folder.contains("added_tokens.json") {
      let name = name(of: "added_tokens.json")
      let file = try JSONValue(folder.readText("added_tokens.json").bytes.array, name: name)
      for (text, id) in file.members ?? [:] {
        guard case .whole(let id) = id else {
          throw Failure(
            .badData, "a token of 'added_tokens.json' has no id", at: Place(name, key: text),
            expected: "an integer", remedy: "save the tokenizer again with transformers")
        }
        var token = AddedTokenEntry(text)
        token.isSpecial = false
        token.isNormalized = true
        tokens.append((id, token))
      }
    }
    return tokens.sorted { $0.id < $1.id }.map(\.token)
  }

  /// The token of a role: a string, or an object with flags.
  private static func token(_ value: JSONValue) -> AddedTokenEntry? {
    if case .text(let text) = value { return AddedTokenEntry(text) }
    var token = TokenizerFiles.AddedToken(value).map { AddedTokenEntry($0) }
    token?.isSpecial = true
    return token
  }
}

extension AddedTokenEntry {
  /// A token of `tokenizer_config.json`.
  fileprivate init(_ token: TokenizerFiles.AddedToken) {
    self.init(token.content)
    isSpecial = token.isSpecial
    isSingleWord = token.isSingleWord
    stripsLeft = token.stripsLeft
    stripsRight = token.stripsRight
    isNormalized = token.isNormalized
  }
}
