import Diagnostics
import JSON

/// `vocab.json` and `merges.txt`: tokens with their ids, and one merge per line. The stages of the
/// tokenizer are RoBERTa's.
struct MergesFile {
  private let vocabulary: [UInt8]
  private let pieces: Vocabulary
  /// The merges as a JSON list of strings.
  private let merges: String
  private let name: String

  /// Reads an object of tokens and ids from `vocabulary`, and `merges`, whose lines that start with
  /// `#version` are comments. The names are the file names in failures.
  init(
    vocabulary: [UInt8], name: String, merges: [UInt8], mergesName: String
  ) throws(Failure) {
    let pieces = try BPE.pieces(TokenizerSection(JSONDocument(vocabulary, name: name)))
    let lines = merges.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var list = MergeList(pieces: pieces, prefix: 0, others: [], capacity: lines.count)
    var texts: [JSONValue] = []
    var results: Set<[UInt8]> = []
    for (index, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      let place = Place(mergesName, line: index + 1)
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2, let text = String(validating: line, as: UTF8.self) else {
        throw Failure(
          .badData, "this line is not a merge", at: place,
          expected: "two tokens in UTF-8 with a space between them")
      }
      do throws(MergeList.Problem) {
        try list.add(Array(parts[0]), Array(parts[1]))
      } catch {
        throw Failure(
          .badData, "this merge \(error.words)", at: place, expected: MergeList.Problem.expected,
          remedy: "use the vocab.json and merges.txt of one model")
      }
      texts.append(.text(text))
      results.insert(Array(parts[0] + parts[1]))
    }
    try Self.checkMerges(making: results, of: pieces, name: name, mergesName: mergesName)
    self.vocabulary = vocabulary
    self.pieces = pieces
    self.merges = try JSONValue.list(texts).json()
    self.name = name
  }

  /// Rejects merges that are too few for the vocabulary: a truncated file can be read, and divides
  /// words into smaller tokens.
  ///
  /// Of a complete one, special tokens alone are no merge's result, and a few that fill a
  /// vocabulary up.
  private static func checkMerges(
    making results: Set<[UInt8]>, of pieces: Vocabulary, name: String, mergesName: String
  ) throws(Failure) {
    let unmade = pieces.all.count { piece, _ in
      piece.count > UTF8Text.scalar(at: 0, of: piece.span).length && !results.contains(piece)
    }
    guard unmade > 16, unmade > pieces.count / 10 else { return }
    throw Failure(
      .badData, "\(unmade) of the \(pieces.count) tokens of \(name) are not made by a merge",
      at: Place(mergesName), expected: "a merge for each token of several letters",
      remedy: "download merges.txt again; it may be truncated, or of another model")
  }

  /// The equivalent `tokenizer.json`. `addsSpace` adds a space before texts that do not start with
  /// one.
  func tokenizerJSON(tokens: MergesTokens, addsSpace: Bool) throws(Failure) -> [UInt8] {
    let added = try numbered(tokens)
    func pair(_ role: MergesTokens.Role) -> String {
      let text = tokens.token(of: role).text
      let id = added.first { $0.token.text.utf8.elementsEqual(text.utf8) }?.id ?? 0
      return "[\(text.quotedJSON),\(id)]"
    }
    let entries = added.map { $0.token.json(id: $0.id) }
    let front = #"""
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\#(entries.joined(separator: ","))],\#
      "normalizer":null,\#
      "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":\#(addsSpace),"trim_offsets":true,"use_regex":true},\#
      "post_processor":{"type":"RobertaProcessing","sep":\#(pair(.sep)),"cls":\#(pair(.cls)),\#
      "trim_offsets":true,"add_prefix_space":\#(addsSpace)},\#
      "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},\#
      "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":"",\#
      "end_of_word_suffix":"","fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":
      """#
    let back = #","merges":\#(merges)}}"# + "\n"
    return Array(front.utf8) + vocabulary + Array(back.utf8)
  }

  /// The added tokens with their ids: those of the vocabulary by id, then the others in order.
  private func numbered(
    _ tokens: MergesTokens
  ) throws(Failure) -> [(token: AddedTokenEntry, id: Int32)] {
    var all = tokens.added
    for role in MergesTokens.Role.allCases {
      let token = tokens.token(of: role)
      if all.contains(where: { $0.text.utf8.elementsEqual(token.text.utf8) }) { continue }
      guard pieces.id(of: token.text.utf8) != nil else {
        if tokens.roles[role] == nil, !role.isRequired { continue }
        throw missing(role, tokens)
      }
      all.append(token)
    }
    var known: [(token: AddedTokenEntry, id: Int32)] = []
    var others: [(token: AddedTokenEntry, id: Int32)] = []
    for token in all {
      if let id = pieces.id(of: token.text.utf8) {
        known.append((token, id))
      } else {
        others.append((token, Int32(pieces.count + others.count)))
      }
    }
    return known.sorted { $0.id < $1.id } + others
  }

  private func missing(_ role: MergesTokens.Role, _ tokens: MergesTokens) -> Failure {
    let text = tokens.token(of: role).text
    if tokens.roles[role] != nil {
      return Failure(
        .badData, "this vocabulary has no token \(text)", at: Place(name),
        expected: "the \(role.rawValue)_token of tokenizer_config.json or special_tokens_map.json",
        remedy: "use the files of one model, or its tokenizer.json")
    }
    return Failure(
      .badData, "this vocabulary has no token \(text)", at: Place(name),
      expected: "the tokens <s>, </s> and <unk>",
      remedy: "name the model's tokens in tokenizer_config.json, or use its tokenizer.json")
  }
}
