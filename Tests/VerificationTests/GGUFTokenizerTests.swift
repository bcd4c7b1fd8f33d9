import Diagnostics
import Export
import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing
import TestSupport
import Verification

/// Tokenizers other than WordPiece in GGUF files.
@Suite struct GGUFTokenizerTests {
  private static let roles: String = {
    let tokens = [(0, "<s>"), (1, "<pad>"), (2, "</s>"), (3, "<unk>"), (8, "<x>")].map { id, text in
      #"{"id":\#(id),"content":"\#(text)","single_word":false,"lstrip":false,"rstrip":false,"#
        + #""normalized":false,"special":\#(id < 8)}"#
    }
    return #""added_tokens":[\#(tokens.joined(separator: ","))],"post_processor":{"#
      + #""type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"#
      + #""add_prefix_space":false}"#
  }()

  /// The pieces: roles, `▁`, `▁a`, `b` and, by its id alone, an added token.
  private static func unigramJSON(
    normalizer: String = "null",
    words: String = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}"#,
    more: String = ""
  ) -> String {
    """
    {\(roles),"normalizer":\(normalizer),"pre_tokenizer":\(words),"model":{"type":"Unigram",\
    "unk_id":3,\(more)"vocab":[["<s>",0.0],["<pad>",0.0],["</s>",0.0],["<unk>",0.0],["▁",-2.5],\
    ["▁a",-1.25],["b",-3.5],["c",-4.0]]}}
    """
  }

  private static func byteLevelJSON(
    normalizer: String = "null", space: Bool = false, more: String = ""
  ) -> String {
    """
    {\(roles),"normalizer":\(normalizer),"pre_tokenizer":{"type":"ByteLevel",\
    "add_prefix_space":\(space),"trim_offsets":true,"use_regex":true},"model":{"type":"BPE",\(more)\
    "vocab":{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"Ġ":6,"ab":7},\
    "merges":["a b"]}}
    """
  }

  /// A model with this `tokenizer.json`.
  private func model(_ json: String) throws -> CrossEncoder {
    let path = try TinyModel(positions: 42).roberta().written()
    try Data(json.utf8).write(to: URL(filePath: path).appending(path: "tokenizer.json"))
    try FileManager.default.removeItem(atPath: path + "/vocab.txt")
    return try CrossEncoder(ModelSource(path), seed: 1)
  }

  private func metadata(_ json: String) throws -> [String: GGUFValue] {
    let output = try Material.temporaryFolder().appending(path: "out").path
    try export(
      model(json), notes: ModelNotes(), as: .gguf, to: output, precision: .f32, overwrite: true)
    return try GGUFReader(path: "\(output)/model-f32.gguf").metadata
  }

  @Test func unigram() throws {
    let found = try metadata(Self.unigramJSON())
    guard case .texts(let tokens)? = found["tokenizer.ggml.tokens"],
      case .float32s(let scores)? = found["tokenizer.ggml.scores"],
      case .int32s(let kinds)? = found["tokenizer.ggml.token_type"]
    else { throw CocoaError(.fileReadUnknown) }
    #expect(
      tokens.prefix(10)
        == ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁a", "b", "c", "<x>", "[PAD9]"])
    #expect(kinds.prefix(10) == [3, 3, 3, 2, 1, 1, 1, 1, 4, 5])
    #expect(scores.prefix(10) == [0, 0, 0, 0, -2.5, -1.25, -3.5, -4, 0, -10_000])
    #expect(tokens.count == 656 && scores.count == 656 && kinds.count == 656)
    let expected: [String: GGUFValue] = [
      "tokenizer.ggml.model": "t5", "tokenizer.ggml.add_space_prefix": .flag(true),
      "tokenizer.ggml.remove_extra_whitespaces": .flag(false),
      "tokenizer.ggml.add_sep_token": .flag(true), "tokenizer.ggml.token_type_count": .uint32(1),
      "tokenizer.ggml.bos_token_id": .uint32(0), "tokenizer.ggml.eos_token_id": .uint32(2),
      "tokenizer.ggml.seperator_token_id": .uint32(2),
      "tokenizer.ggml.unknown_token_id": .uint32(3),
    ]
    for (key, value) in expected { #expect(found[key] == value, "\(key)") }
    #expect(found["tokenizer.ggml.precompiled_charsmap"] == nil)
  }

  @Test func wordsOfUnigram() throws {
    let spaced = try metadata(
      Self.unigramJSON(
        words: #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},"#
          + #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]}"#))
    #expect(spaced["tokenizer.ggml.remove_extra_whitespaces"] == .flag(true))
    let bare = try metadata(
      Self.unigramJSON(
        words: #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}"#))
    #expect(bare["tokenizer.ggml.add_space_prefix"] == .flag(false))
  }

  @Test func byteLevel() throws {
    let found = try metadata(Self.byteLevelJSON())
    guard case .texts(let tokens)? = found["tokenizer.ggml.tokens"],
      case .int32s(let kinds)? = found["tokenizer.ggml.token_type"]
    else { throw CocoaError(.fileReadUnknown) }
    #expect(
      tokens.prefix(10)
        == ["<s>", "<pad>", "</s>", "<unk>", "a", "b", "Ġ", "ab", "<x>", "[PAD9]"])
    #expect(kinds.prefix(10) == [3, 3, 3, 3, 1, 1, 1, 1, 4, 5])
    #expect(found["tokenizer.ggml.model"] == "gpt2" && found["tokenizer.ggml.pre"] == "gpt-2")
    #expect(found["tokenizer.ggml.merges"] == .texts(["a b"]))
    #expect(found["tokenizer.ggml.add_sep_token"] == .flag(true))
  }

  @Test func limits() throws {
    func limits(_ json: String) throws -> [String] {
      ExportFormat.gguf.limits(try ExportRequest(model: model(json), notes: ModelNotes()))
    }
    #expect(try limits(Self.unigramJSON()).contains { $0.contains("combining marks") })
    #expect(try !limits(Self.byteLevelJSON()).contains { $0.contains("NFC") })
    #expect(
      try limits(Self.byteLevelJSON(normalizer: #"{"type":"NFC"}"#)).contains { $0.contains("NFC") }
    )
    #expect(
      try limits(Self.byteLevelJSON()).contains {
        $0.contains("special tokens in texts: it splits '<s>'")
      })
  }

  private static let others = [
    unigramJSON(more: #""byte_fallback":true,"#), unigramJSON(normalizer: #"{"type":"NFKC"}"#),
    unigramJSON(words: #"{"type":"WhitespaceSplit"}"#), byteLevelJSON(space: true),
    byteLevelJSON(more: #""ignore_merges":true,"#),
    byteLevelJSON(normalizer: #"{"type":"Lowercase"}"#),
  ]

  /// What llama.cpp's tokenizers do not do is refused.
  @Test(arguments: others)
  func refusesOthers(json: String) throws {
    let model = try model(json)
    #expect(!model.loadsInLlama)
    let failure = #expect(throws: Failure.self) { try metadata(json) }
    #expect(failure?.problem == "llama.cpp cannot split texts as this model's tokenizer does")
    #expect(failure?.remedy == "export the model in another format")
  }
}
