public import Diagnostics
import JSON

extension SentencePieceModel {
  /// The `tokenizer.json` of a model of `family` with these pieces, as transformers would save it.
  ///
  /// - Parameters:
  ///   - lowercases: whether texts are lowercased, a setting of DeBERTa's configuration.
  ///   - splitsPunctuation: whether each punctuation mark is a word, another such setting.
  ///   - sentinels: the number of sentinel tokens behind T5's pieces.
  /// - Throws: `badData` if the file lacks a token of the family.
  public func tokenizerJSON(
    _ family: SentencePieceFamily, lowercases: Bool = false, splitsPunctuation: Bool = false,
    sentinels: Int = SentencePieceFamily.usualSentinels
  ) throws(Failure) -> [UInt8] {
    let frame = family.frame(sentinels: sentinels)
    guard pieces.count >= frame.dropped,
      pieces.prefix(frame.dropped).allSatisfy({ $0.kind == .control || $0.kind == .unknown })
    else {
      throw Failure(
        .badData, "this SentencePiece model does not begin with \(frame.dropped) special tokens",
        at: Place(name), expected: "the model of a tokenizer of the family \(family.rawValue)",
        remedy: "check model_type in config.json, or use the model's tokenizer.json")
    }
    var vocabulary = frame.first.map { (Array($0.text.utf8), $0.score) }
    vocabulary += pieces.dropFirst(frame.dropped).map { ($0.text, Double($0.score)) }
    vocabulary += frame.last.map { (Array($0.utf8), 0) }
    var ids: [[UInt8]: Int] = [:]
    for (id, piece) in vocabulary.enumerated() { ids[piece.0] = id }
    func id(of token: String) throws(Failure) -> Int {
      // DeBERTa's mask token is the only one that is not a piece: it gets the next id.
      if let id = ids[Array(token.utf8)] { return id }
      if token == "[MASK]" { return vocabulary.count }
      throw Failure(
        .badData, "this SentencePiece model lacks the token \(token)", at: Place(name),
        expected: "the model of a tokenizer of the family \(family.rawValue)",
        remedy: "check model_type in config.json, or use the model's tokenizer.json")
    }
    let ownUnknown = pieces.firstIndex { $0.kind == .unknown }
    let unknown: Int
    if let text = frame.unknown {
      unknown = try id(of: text)
    } else if let ownUnknown {
      unknown = ownUnknown
    } else {
      unknown = try id(of: "<unk>")
    }
    var added: [(id: Int, text: [UInt8], isSpecial: Bool)] = []
    for role in frame.roles { added.append((try id(of: role), Array(role.utf8), true)) }
    var numbered = Set(added.map(\.id))
    for piece in pieces where piece.kind == .control || piece.kind == .userDefined {
      guard let id = ids[piece.text], numbered.insert(id).inserted else { continue }
      added.append((id, piece.text, piece.kind == .control))
    }
    added.sort { $0.id < $1.id }

    var json = Text()
    json.add(#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#)
    for (index, token) in added.enumerated() {
      var entry = AddedTokenEntry(String(decoding: token.text, as: UTF8.self))
      entry.stripsLeft = frame.stripping.contains(entry.text)
      entry.isSpecial = token.isSpecial
      json.add((index > 0 ? "," : "") + entry.json(id: Int32(token.id)))
    }
    json.add(#"],"normalizer":\#(normalizer(family, lowercases: lowercases)),"pre_tokenizer":"#)
    json.add(
      #"{"type":"Sequence","pretokenizers":[\#(family.splits(punctuation: splitsPunctuation))"#)
    json.add(#"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}]},"#)
    json.add(#""post_processor":{"type":"TemplateProcessing","single":["#)
    json.add(frame.single.map { Self.step($0, type: 0) }.joined(separator: ","))
    json.add(#"],"pair":["#)
    let pair =
      frame.single.map { Self.step($0, type: 0) }
      + frame.second.map { Self.step($0, type: frame.secondType) }
    json.add(pair.joined(separator: ",") + #"],"special_tokens":{"#)
    let fixed = Set(frame.single + frame.second).subtracting(["A", "B"]).sorted()
    for (index, token) in fixed.enumerated() {
      json.add(
        (index > 0 ? "," : "") + #""\#(token)":{"id":"\#(token)","ids":[\#(try id(of: token))],"#)
      json.add(#""tokens":["\#(token)"]}"#)
    }
    json.add(#"}},"decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","#)
    json.add(#""split":true},"model":{"type":"Unigram","unk_id":\#(unknown),"vocab":["#)
    for (index, piece) in vocabulary.enumerated() {
      json.add(index > 0 ? ",[" : "[")
      json.add(quoted: piece.0)
      json.add(",\(piece.1)]")
    }
    json.add(#"],"byte_fallback":false}}"#)
    return json.bytes
  }

  private func normalizer(_ family: SentencePieceFamily, lowercases: Bool) -> String {
    if family == .deBERTa {
      return #"{"type":"Sequence","normalizers":["# + (lowercases ? #"{"type":"Lowercase"},"# : "")
        + #"{"type":"Replace","pattern":{"Regex":"\\s{2,}|[\\n\\r\\t]"},"content":" "},"#
        + #"{"type":"NFC"},{"type":"Strip","strip_left":false,"strip_right":true}]}"#
    }
    if characterMap.isEmpty { return "null" }
    return #"{"type":"Precompiled","precompiled_charsmap":"\#(Base64.text(characterMap))"}"#
  }

  private static func step(_ part: String, type: Int) -> String {
    let kind = part == "A" || part == "B" ? "Sequence" : "SpecialToken"
    return #"{"\#(kind)":{"id":"\#(part)","type_id":\#(type)}}"#
  }

  private struct Text {
    var bytes: [UInt8] = []
    mutating func add(_ text: String) { bytes += text.utf8 }
    mutating func add(quoted text: [UInt8]) {
      bytes.append(quoted: String(decoding: text, as: UTF8.self))
    }
  }
}

extension SentencePieceFamily {
  /// The pre-tokenizers before the marks for spaces, each with a comma.
  fileprivate func splits(punctuation: Bool) -> String {
    if self != .deBERTa { return #"{"type":"WhitespaceSplit"},"# }
    return punctuation ? #"{"type":"Punctuation","behavior":"Isolated"},"# : ""
  }
}
