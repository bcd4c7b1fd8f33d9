import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import Models
import TestSupport
import Testing
import Tokenization
import Verification

/// transformers 5 makes a `BertTokenizer` from the vocabulary alone: what differs from BERT's own has to
/// be loaded by the class that takes `tokenizer.json` as it is. Which is which was found by loading
/// exports with transformers 5.24 (`Scripts/check_export.py --tokenizers`).
@Suite struct TokenizerClassTests {
  private let folder: URL
  private var model: URL { folder.appending(path: "model") }
  private var output: String { folder.appending(path: "out").path }

  init() throws { folder = try Material.temporaryFolder() }

  /// Exports the handwritten model with a part of its `tokenizer.json` replaced.
  private func exported(
    _ part: String = "", by replacement: String = "", configuration: String? = nil
  ) throws -> [String: JSONValue] {
    try HandwrittenModel.write(to: model)
    var json = HandwrittenModel.tokenizerJSON
    if !part.isEmpty {
      try #require(json.contains(part))
      json = json.replacing(part, with: replacement)
    }
    try Data(json.utf8).write(to: model.appending(path: "tokenizer.json"))
    if let configuration {
      try Data(configuration.utf8).write(to: model.appending(path: "tokenizer_config.json"))
    }
    try export(load(), notes: ModelNotes(maximumLength: 20), to: output, overwrite: true)
    return try object("tokenizer_config.json")
  }

  private func load() throws -> CrossEncoder {
    try CrossEncoder(ModelSource(model.path), seed: 1)
  }

  private func object(_ name: String) throws -> [String: JSONValue] {
    try #require(JSONValue(readFile("\(output)/\(name)").array, name: name).members)
  }

  private func limits(_ format: ExportFormat) throws -> [String] {
    format.limits(try ExportRequest(model: load(), notes: ModelNotes(maximumLength: 20)))
  }

  /// An added token that is a word of the vocabulary, with flags.
  private static func added(_ content: String, _ flag: String = "", special: Bool = false) -> String
  {
    let flags = ["single_word", "lstrip", "rstrip", "normalized"]
      .map { "\"\($0)\":\($0 == flag)" }.joined(separator: ",")
    return #"{"id":10,"special":\#(special),"content":"\#(content)",\#(flags)}"#
  }

  @Test func bertsOwnStaysBerts() throws {
    for lowercase in [true, false] {
      let found = try exported(#""lowercase":true"#, by: #""lowercase":\#(lowercase)"#)
      #expect(found["tokenizer_class"] == "BertTokenizer")
      #expect(found["do_lower_case"] == .flag(lowercase))
      #expect(found["model_input_names"] == nil)
    }
    let separate = try exported(
      #""handle_chinese_chars":true"#, by: #""handle_chinese_chars":false"#)
    #expect(separate["tokenizer_class"] == "BertTokenizer")
    let old = try exported(configuration: #"{"tokenizer_class": "BertTokenizerFast"}"#)
    #expect(old["tokenizer_class"] == "BertTokenizerFast")
  }

  @Test(arguments: [
    (#""clean_text":true"#, #""clean_text":false"#),
    (#""max_input_chars_per_word":100"#, #""max_input_chars_per_word":20"#),
    (#""type_id":1"#, #""type_id":0"#),
    (#""added_tokens":["#, #""added_tokens":[\#(added("trash"))"# + ","),
    (#""added_tokens":["#, #""added_tokens":[\#(added("dog", "lstrip", special: true))"# + ","),
    (#""content":"[MASK]","single_word":false"#, #""content":"[MASK]","single_word":true"#),
    (#""pad_token":"[PAD]"},"#, #""pad_token":"how"},"#),
    (#"{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Seq"#, #"{"Seq"#),
  ])
  func whatDiffersIsLoadedAsItIs(part: String, replacement: String) throws {
    let found = try exported(
      part, by: replacement,
      configuration: #"{"tokenizer_class": "BertTokenizer", "backend": "x", "colour": "blue"}"#)
    #expect(found["tokenizer_class"] == "PreTrainedTokenizerFast")
    #expect(found["model_input_names"] == ["input_ids", "token_type_ids", "attention_mask"])
    #expect(found["backend"] == nil && found["colour"] == "blue")
    #expect(found["sep_token"] == "[SEP]" && found["unk_token"] == "[UNK]")
  }

  /// The handwritten model's normalizer.
  private func normalizer() throws -> String {
    let json = HandwrittenModel.tokenizerJSON
    let start = try #require(json.range(of: #"{"type":"BertNormalizer""#)).lowerBound
    let end = try #require(json.range(of: #""lowercase":true}"#)).upperBound
    return String(json[start..<end])
  }

  @Test func noNormalizerIsLoadedAsItIs() throws {
    let found = try exported(normalizer(), by: "null")
    #expect(found["tokenizer_class"] == "PreTrainedTokenizerFast")
    #expect(found["do_lower_case"] == false)
  }

  @Test func keysOfBertsNormalizerAreNotWrittenForAnother() throws {
    let found = try exported(
      normalizer(), by: #"{"type":"Lowercase"}"#, configuration: #"{"do_lower_case": false}"#)
    #expect(found["tokenizer_class"] == "PreTrainedTokenizerFast")
    for key in ["do_lower_case", "strip_accents", "tokenize_chinese_chars"] {
      #expect(found[key] == nil)
    }
    #expect(try load().tokenizer.tokenize("HOW to") == load().tokenizer.tokenize("how to"))
  }

  /// Keys of `tokenizer_config.json` by which transformers loads something else.
  @Test(arguments: [
    #""tokenizer_class": "DistilBertTokenizer""#, #""model_input_names": ["input_ids"]"#,
    #""additional_special_tokens": ["[Q]"]"#, #""bos_token": "<s>""#, #""auto_map": {"a": "b"}"#,
    #""added_tokens_decoder": {"4": {"content": "[MASK]", "lstrip": true, "special": true}}"#,
  ])
  func misleadingKeysAreLeftOut(key: String) throws {
    let found = try exported(configuration: "{\(key)}")
    #expect(found["tokenizer_class"] == "PreTrainedTokenizerFast")
    for name in [
      "additional_special_tokens", "bos_token", "auto_map", "added_tokens_decoder",
    ] { #expect(found[name] == nil, "\(name)") }
  }

  /// Tokens that the vocabulary lacks would get ids for which there is no embedding.
  @Test(arguments: [
    #""image_token": "<image>""#, #""mask_token": "<mask>""#, #""split_special_tokens": true"#,
    #""add_special_tokens": true"#, #""chat_template": "x""#,
  ])
  func tokensOfOtherModelsAreLeftOut(key: String) throws {
    let found = try exported(configuration: "{\(key), \"colour\": \"blue\"}")
    let roles: Set = ["cls_token", "sep_token", "pad_token", "unk_token", "mask_token"]
    #expect(Set(found.keys.filter { $0.contains("_token") && $0 != "tokenizer_class" }) == roles)
    #expect(found["mask_token"] == "[MASK]" && found["colour"] == "blue")
    #expect(found["chat_template"] == nil)
    #expect(found["tokenizer_class"] == "BertTokenizer")
  }

  /// BERT's class would add the token to a vocabulary that lacks it.
  @Test(arguments: [
    (4, "PreTrainedTokenizerFast"), (0, "PreTrainedTokenizerFast"), (5, "BertTokenizer"),
  ])
  func vocabulariesWithoutARole(line: Int, name: String) throws {
    try HandwrittenModel.write(to: model)
    try? FileManager.default.removeItem(at: model.appending(path: "tokenizer.json"))
    var lines = HandwrittenModel.tokens
    lines[line] = "more"
    try Data(lines.joined(separator: "\n").utf8).write(to: model.appending(path: "vocab.txt"))
    try export(load(), notes: ModelNotes(maximumLength: 20), to: output)
    let found = try object("tokenizer_config.json")
    #expect(found["tokenizer_class"] == .text(name))
    #expect((found["mask_token"] == nil) == (line == 4))
    #expect((found["pad_token"] == nil) == (line == 0))
  }

  @Test func theMapHoldsOnlyTokensWithARole() throws {
    let own = #"{"cls_token":   "[CLS]"}"#
    let foreign = [
      #"{"eos_token": "</s>"}"#, #"{"mask_token": "<mask>"}"#, "[",
      #"{"cls_token": "[CLS]", "additional_special_tokens": ["<q>"]}"#,
    ]
    for text in [own] + foreign {
      try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: model.appending(path: "special_tokens_map.json"))
      _ = try exported()
      if text == own {
        #expect(try readFile("\(output)/special_tokens_map.json").array == Array(own.utf8))
        continue
      }
      #expect(
        try object("special_tokens_map.json") == [
          "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]",
          "mask_token": "[MASK]",
        ], "\(text)")
    }
  }

  @Test func textsAreCutAndFilledAtTheirEnd() throws {
    let found = try exported(
      configuration: #"{"padding_side": "left", "truncation_side": "left"}"#)
    #expect(found["padding_side"] == "right" && found["truncation_side"] == "right")
    #expect(found["tokenizer_class"] == "BertTokenizer")
  }

  /// FlashRank adds special tokens again: what has flags needs them there.
  @Test func specialTokensKeepTheirFlags() throws {
    _ = try exported(
      #""content":"[MASK]","single_word":false"#, by: #""content":"[MASK]","single_word":true"#)
    let map = try object("special_tokens_map.json")
    #expect(map["cls_token"] == "[CLS]")
    #expect(map["mask_token"]?["single_word"] == true)
    #expect(map["mask_token"]?["content"] == "[MASK]")
  }

  @Test func saysWhichTextsTransformersSplitsDifferently() throws {
    _ = try exported()
    for format in [ExportFormat.huggingFace, .onnx] {
      #expect(try !limits(format).contains { $0.contains("in a text as special tokens") })
    }
    _ = try exported(#""content":"[SEP]""#, by: #""content":"dog""#)
    for format in [ExportFormat.huggingFace, .onnx, .flashRank] {
      #expect(
        try limits(format).contains {
          $0.hasPrefix("transformers reads '[SEP]' in a text as special")
        })
    }
  }

  /// What llama.cpp does whatever the file says, each said only of a model to which it makes a difference.
  @Test(arguments: [
    (#""clean_text":true"#, #""clean_text":false"#, "clean_text"),
    (#""handle_chinese_chars":true"#, #""handle_chinese_chars":false"#, "handle_chinese_chars"),
    (#""lowercase":true"#, #""lowercase":false"#, "lowercase texts"),
    (#""strip_accents":null"#, #""strip_accents":false"#, "remove accents"),
    (#""added_tokens":["#, #""added_tokens":[\#(added("trash"))"# + ",", "'trash'"),
    (#""max_input_chars_per_word":100"#, #""max_input_chars_per_word":20"#, "more than 20"),
  ])
  func saysWhatLlamaSplitsDifferently(part: String, replacement: String, words: String) throws {
    _ = try exported()
    #expect(try !limits(.gguf).contains { $0.contains(words) })
    _ = try exported(part, by: replacement)
    #expect(try limits(.gguf).contains { $0.contains(words) })
  }
}
