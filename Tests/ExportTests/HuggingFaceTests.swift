import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import Models
import Persistence
import TestSupport
import Testing
import Tokenization
import Verification

@Suite struct HuggingFaceTests {
  private let folder: URL
  private var model: String { folder.appending(path: "model").path }
  private var output: String { folder.appending(path: "out").path }

  init() throws { folder = try Material.temporaryFolder() }

  private func load(_ path: String) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(path), seed: 1)
  }

  private func text(_ name: String) throws -> String { try readFile("\(output)/\(name)").text }

  private func object(_ name: String) throws -> [String: JSONValue] {
    try #require(JSONValue(readFile("\(output)/\(name)").array, name: name).members)
  }

  private func values(_ model: CrossEncoder) -> [Float] { model.parameters.values.floats.array }

  @Test func writesEveryFileAndNoOther() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    try export(load(model), notes: ModelNotes(maximumLength: 20), to: output)
    #expect(
      try Folder(opening: output).names() == [
        "config.json", "ltr.json", "model.safetensors", "sentence_bert_config.json",
        "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
      ])
    // What text-embeddings-inference cuts by.
    #expect(try object("sentence_bert_config.json")["max_seq_length"] == 20)
  }

  @Test func configurationSaysWhatReadersAskFor() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    try export(load(model), notes: ModelNotes(maximumLength: 20), to: output, precision: .bf16)
    let config = try object("config.json")
    let identity: JSONValue = "torch.nn.modules.linear.Identity"
    let expected: [String: JSONValue] = [
      "architectures": ["BertForSequenceClassification"], "model_type": "bert",
      "vocab_size": .whole(HandwrittenModel.tokens.count), "hidden_size": 16,
      "num_hidden_layers": 2,
      "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 24,
      "type_vocab_size": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
      "attention_probs_dropout_prob": 0.1, "classifier_dropout": nil, "layer_norm_eps": 1e-12,
      "initializer_range": 0.02, "pad_token_id": 0, "position_embedding_type": "absolute",
      "id2label": ["0": "LABEL_0"], "label2id": ["LABEL_0": 0], "num_labels": 1,
      "sentence_transformers": ["activation_fn": identity, "version": "4.0.1"],
      "sbert_ce_default_activation_function": identity, "torch_dtype": "bfloat16",
      "colour": "blue",
    ]
    #expect(config == expected)
    let tokenizer = try object("tokenizer_config.json")
    #expect(tokenizer["model_max_length"] == 20)
    #expect(tokenizer["tokenizer_class"] == "BertTokenizer")
    #expect(tokenizer["do_lower_case"] == true)
    #expect(try object("special_tokens_map.json")["cls_token"] == "[CLS]")
    #expect(try object("ltr.json") == ["max_length": 20])
    #expect(try text("vocab.txt") == HandwrittenModel.tokens.joined(separator: "\n") + "\n")
  }

  @Test func tokenizerChangesOnlyWhereItCutsAndFills() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    try export(load(model), notes: ModelNotes(maximumLength: 20), to: output)
    let own = HandwrittenModel.tokenizerJSON
    let start = try #require(own.range(of: #""truncation":"#)).upperBound
    let end = try #require(own.range(of: #","# + "\n \"added_tokens\"")).lowerBound
    let expected =
      own[..<start]
      + #"{"direction":"Right","max_length":20,"strategy":"LongestFirst","stride":0},"#
      + "\n \"padding\":null" + own[end...]
    #expect(try text("tokenizer.json") == expected)
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .bf16])
  func readsBackTheSame(precision: ExportPrecision) throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    let before = try load(model)
    try export(before, notes: ModelNotes(), to: output, precision: precision)
    let after = try load(output)
    // Half a unit in the last place, relative, for numbers that are not tiny.
    let tolerance: Float =
      switch precision {
      case .f32: 0
      case .f16: 0x1p-11
      case .bf16, .int8: 0x1p-8
      }
    for (a, b) in zip(values(before), values(after)) {
      #expect(abs(a - b) <= tolerance * abs(a) + (precision == .f16 ? 0x1p-25 : 0))
    }
    #expect(values(before).count == HandwrittenModel.values().joined().count)
    // Of the key that no program knows, and nothing else.
    #expect(after.notices == ["keys of config.json without effect on a BERT: colour"])
  }

  @Test func equalModelsAreEqualBytes() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    let other = folder.appending(path: "other").path
    try export(load(model), notes: ModelNotes(), to: output)
    try export(load(output), notes: ModelNotes(of: ModelSource(output)), to: other)
    for name in try Folder(opening: output).names() {
      #expect(
        try readFile("\(output)/\(name)").array == readFile("\(other)/\(name)").array, "\(name)")
    }
  }

  @Test func makesATokenizerFromAVocabulary() throws {
    try HandwrittenModel.write(to: URL(filePath: model), withTokenizerJSON: false)
    let before = try load(model)
    try export(before, notes: ModelNotes(), to: output)
    let after = try load(output).tokenizer
    for line in ["How to restore a deleted file?", "[MASK] CATS, dogs. \u{1F600}", "", "é boiling"]
    {
      let ids = before.tokenizer.tokenize(line)
      #expect(after.tokenize(line) == ids)
      #expect(
        after.encodePair(query: ids, text: ids, maxLength: 9)
          == before.tokenizer.encodePair(query: ids, text: ids, maxLength: 9))
    }
    #expect(after.specialTokens == before.tokenizer.specialTokens)
    // Nothing was said about a length: the positions are the limit.
    #expect(try object("tokenizer_config.json")["model_max_length"] == 24)
  }

  /// What BERT's own tokenizer can be told beside lower case stays as it was told, and is done.
  @Test func keepsTheSettingsOfAVocabulary() throws {
    try HandwrittenModel.write(to: URL(filePath: model), withTokenizerJSON: false)
    let vocabulary = try readFile(model + "/vocab.txt").text
    try writeAtomically(
      vocabulary.replacing("dog", with: "café").replacing("cat", with: "水water"),
      to: model + "/vocab.txt")
    let plain = try load(model).tokenizer
    #expect(plain.tokenize("café 水water") == [1, 1, 16])
    try writeAtomically(
      #"{"strip_accents": false, "tokenize_chinese_chars": false, "pad_token": {"content": "[PAD]"}}"#,
      to: model + "/tokenizer_config.json")
    #expect(try load(model).tokenizer.tokenize("Café 水water") == [20, 19])
    try export(load(model), notes: ModelNotes(), to: output)
    #expect(try load(output).tokenizer.tokenize("Café 水water") == [20, 19])
    #expect(try object("tokenizer_config.json")["strip_accents"] == false)
    #expect(try object("tokenizer_config.json")["tokenize_chinese_chars"] == false)
    #expect(try object("tokenizer_config.json")["pad_token"] == "[PAD]")
  }

  @Test func keepsTokensApartThatStringsCallEqual() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    let path = model + "/tokenizer.json"
    let composed = #""caf\u00e9":19,"cafe\u0301":20"#
    let changed = try readFile(path).text.replacing(#""cat":19,"dog":20"#, with: composed)
    try writeAtomically(changed, to: path)
    try export(load(model), notes: ModelNotes(), to: output)
    let after = try load(output).tokenizer
    #expect(after.id(of: "caf\u{E9}") == 19)
    #expect(after.id(of: "cafe\u{301}") == 20)
    let lines = try readFile("\(output)/vocab.txt").array.split(separator: 0x0A)
    #expect(Array(lines[19]) == Array("caf\u{E9}".utf8))
    #expect(Array(lines[20]) == Array("cafe\u{301}".utf8))
  }

  @Test func refusesWhatHalfPrecisionCannotHold() throws {
    try HandwrittenModel.write(
      to: URL(filePath: model),
      changing: { name, values in
        if name == "classifier.weight" { values[3] = 70_000 }
      })
    let encoder = try load(model)
    let failure = #expect(throws: Failure.self) {
      try export(encoder, notes: ModelNotes(), to: output, precision: .f16)
    }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem == "value 3 of 'classifier.weight' is 70000.0")
    // Neither the folder nor a part of it is left.
    #expect(try Folder(opening: folder.path).names().allSatisfy { $0.hasPrefix("model/") })
    try export(encoder, notes: ModelNotes(), to: output, precision: .bf16)
  }

  @Test func replacesAFolderOnlyWhenAsked() throws {
    try HandwrittenModel.write(to: URL(filePath: model))
    let encoder = try load(model)
    try export(encoder, notes: ModelNotes(maximumLength: 10), to: output)
    let failure = #expect(throws: Failure.self) {
      try export(encoder, notes: ModelNotes(maximumLength: 12), to: output)
    }
    #expect(failure?.kind == .cannotCreate)
    #expect(try object("ltr.json") == ["max_length": 10])
    try export(encoder, notes: ModelNotes(maximumLength: 12), to: output, overwrite: true)
    #expect(try object("ltr.json") == ["max_length": 12])
  }

  @Test(.enabled(if: Material.hasEncoder, "needs the encoder of make encoder"))
  func realEncoderReadsBackTheSame() throws {
    let before = try load(Material.encoder)
    try export(before, notes: ModelNotes(maximumLength: 256), to: output)
    let after = try load(output)
    #expect(values(before) == values(after))
    let line = "Naïve Bayes — “quotes”, 東京, and pneumonoultramicroscopic words."
    #expect(after.tokenizer.tokenize(line) == before.tokenizer.tokenize(line))
    #expect(try ModelNotes(of: ModelSource(output)).maximumLength == 256)
  }

  @Test func configurationAsksForASigmoidWhereCalibrated() throws {
    var notes = ModelNotes()
    notes.isCalibrated = true
    try HandwrittenModel.write(to: URL(filePath: model))
    try export(load(model), notes: notes, to: output)
    let config = try text("config.json")
    #expect(config.contains(#""activation_fn" : "torch.nn.modules.activation.Sigmoid""#))
    #expect(
      config.contains(
        #""sbert_ce_default_activation_function" : "torch.nn.modules.activation.Sigmoid""#))
    #expect(try ModelNotes(of: ModelSource(output)).isCalibrated)
  }
}
