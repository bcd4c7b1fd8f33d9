import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import TestSupport
import Testing

import Models

/// What the files of a sentence-transformers directory say about embeddings.
@Suite struct SentenceLayoutTests {
  private static let modules = """
    [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
     {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    """

  /// A model with these files beside its own.
  private func model(
    _ files: [String: String], encoderIn folder: String = ""
  ) throws -> ModelSource {
    let root = try Material.temporaryFolder()
    try TinyModel().write(to: folder.isEmpty ? root : root.appending(path: folder))
    for (name, text) in files {
      let url = root.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    return try ModelSource(root.path(percentEncoded: false))
  }

  private func layout(_ files: [String: String]) throws -> SentenceLayout {
    let source = try model(files)
    let layout = try #require(try source.sentenceLayout())
    #expect(try BiEncoder(source).layout == layout)
    return layout
  }

  private func mean(_ more: [String: String]) -> [String: String] {
    ["modules.json": Self.modules, "1_Pooling/config.json": #"{"pooling_mode_mean_tokens": true}"#]
      .merging(more) { $1 }
  }

  @Test func modelsWithoutALayout() throws {
    let source = try model([:])
    #expect(try source.sentenceLayout() == nil)
    let encoder = try BiEncoder(source)
    #expect(encoder.layout == SentenceLayout() && encoder.pooling == .mean)
    #expect(encoder.layout.comparesCosines && encoder.maximumLength == 64)
  }

  @Test func lengthAndCase() throws {
    let file = "sentence_bert_config.json"
    let source = try model(mean([file: #"{"max_seq_length": 20, "do_lower_case": true}"#]))
    #expect(try BiEncoder(source).maximumLength == 20)
    #expect(try #require(try source.sentenceLayout()).lowercases)
    #expect(try layout(mean([file: #"{"max_seq_length": null}"#])).maximumLength == nil)
    let tokenizer = "tokenizer_config.json"
    for (length, expected) in [("12", 12), ("1e30", nil), ("null", nil)] as [(String, Int?)] {
      let found = try layout(mean([tokenizer: #"{"model_max_length": \#(length)}"#])).maximumLength
      #expect(found == expected)
    }
    let both = [tokenizer: #"{"model_max_length": 12}"#, file: #"{"max_seq_length": 20}"#]
    #expect(try layout(mean(both)).maximumLength == 20)
    // More than there are positions for.
    #expect(
      try BiEncoder(model(mean([file: #"{"max_seq_length": 4096}"#]))).maximumLength == 64)
  }

  @Test func waysOfPooling() throws {
    let cases: [(String, SequencePooling)] = [
      ("{}", .mean), (#"{"pooling_mode_cls_token": true}"#, .first),
      (#"{"pooling_mode_max_tokens": true}"#, .max), (#"{"pooling_mode": "cls"}"#, .first),
      (#"{"pooling_mode": "max", "include_prompt": true}"#, .max),
      (#"{"pooling_mode": ["cls"]}"#, .first),
    ]
    for (json, pooling) in cases {
      #expect(try layout(mean(["1_Pooling/config.json": json])).pooling == pooling)
    }
  }

  @Test func poolingOfOtherFiles() throws {
    for key in ["word_embedding_dimension", "embedding_dimension"] {
      #expect(try layout(mean(["1_Pooling/config.json": "{\"\(key)\": 32}"])).pooling == .mean)
      let source = try model(mean(["1_Pooling/config.json": "{\"\(key)\": 48}"]))
      let failure = #expect(throws: Failure.self) { try source.sentenceLayout() }
      #expect(failure?.problem == "the pooling module reads 48 columns, the encoder gives 32")
      #expect(failure?.place?.key == key)
    }
    // Mean pooling would give other embeddings than the missing file may ask for.
    let source = try model(["modules.json": Self.modules])
    let failure = #expect(throws: Failure.self) { try BiEncoder(source) }
    #expect(failure?.kind == .missingInput)
    #expect(failure?.problem == "the configuration of the pooling module is missing")
    #expect(failure?.place?.file.hasSuffix("/1_Pooling/config.json") == true)
  }

  @Test func similarities() throws {
    let file = "config_sentence_transformers.json"
    let dot = #"{"similarity_fn_name": "dot"}"#
    #expect(try layout(mean([:])).comparesCosines)
    #expect(try layout(mean([file: #"{"similarity_fn_name": null}"#])).comparesCosines)
    #expect(try !layout(mean([file: dot])).comparesCosines)
    let normalized =
      Self.modules.replacing("Pooling\"}]", with: "Pooling\"},") + """
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
        """
    #expect(try layout(mean([file: dot, "modules.json": normalized])).comparesCosines)
  }

  @Test func prompts() throws {
    func prompts(_ json: String) throws -> [String] {
      let layout = try layout(mean(["config_sentence_transformers.json": json]))
      return [layout.queryPrompt, layout.documentPrompt]
    }
    #expect(try prompts("{}") == ["", ""])
    #expect(try prompts(#"{"prompts": {"query": "q: ", "passage": "p: "}}"#) == ["q: ", "p: "])
    #expect(
      try prompts(#"{"prompts": {"query": null, "document": "d: ", "passage": "p: "}}"#)
        == ["", "d: "])
    #expect(
      try prompts(#"{"prompts": {"all": "a: "}, "default_prompt_name": "all"}"#) == ["a: ", "a: "])
    // What is usual for queries is not meant for documents.
    #expect(
      try prompts(#"{"prompts": {"query": "q: "}, "default_prompt_name": "query"}"#) == ["q: ", ""])
    #expect(
      try prompts(#"{"prompts": {"all": "a: ", "query": ""}, "default_prompt_name": "all"}"#)
        == ["", "a: "])
  }

  /// A tokenizer with ids that the token embeddings lack.
  @Test func vocabularyLargerThanTheTable() throws {
    var tiny = TinyModel()
    tiny.vocabulary?.append("zz")
    let source = try ModelSource(tiny.written())
    let failure = #expect(throws: Failure.self) { _ = try BiEncoder(source) }
    #expect(failure?.problem == "the tokenizer has 657 tokens, the model 656")
    #expect(failure?.expected == "a vocab_size of config.json of at least 657")
  }

  /// A truncated vocab.txt can be read; a table has no more rows than padding adds.
  @Test(arguments: [(591, true), (590, false)])
  func vocabularySmallerThanTheTable(_ tokens: Int, _ isEnough: Bool) throws {
    var tiny = TinyModel()
    tiny.vocabulary = tiny.vocabulary.map { Array($0.prefix(tokens)) }
    let path = try tiny.written()
    guard !isEnough else {
      #expect(try BiEncoder(ModelSource(path)).tokenizer.vocabularySize == tokens)
      return
    }
    let failure = #expect(throws: Failure.self) { _ = try BiEncoder(ModelSource(path)) }
    #expect(failure?.problem == "the tokenizer has 590 tokens, the model 656")
    #expect(failure?.place == Place(path + "/vocab.txt"))
  }

  /// The encoder may be in a folder of its own, as older versions wrote it.
  @Test func encoderInAFolder() throws {
    let modules = Self.modules.replacing(#""path": """#, with: #""path": "0_Transformer""#)
    let files = [
      "modules.json": modules, "1_Pooling/config.json": #"{"pooling_mode_cls_token": true}"#,
      "0_Transformer/sentence_bert_config.json": #"{"max_seq_length": 17}"#,
    ]
    let encoder = try BiEncoder(model(files, encoderIn: "0_Transformer"))
    #expect(encoder.pooling == .first && encoder.maximumLength == 17)
  }

  @Test(arguments: [
    ("modules.json", #"[{"path": "", "type": "a.Transformer"}, {"path": "d", "type": "a.Dense"}]"#),
    ("modules.json", #"[{"path": "", "type": "a.Transformer"}]"#),
    ("modules.json", #"{"path": ""}"#),
    ("1_Pooling/config.json", #"{"pooling_mode_lasttoken": true}"#),
    ("1_Pooling/config.json", #"{"pooling_mode": "weightedmean"}"#),
    ("1_Pooling/config.json", #"{"pooling_mode": ["cls", "mean"]}"#),
    ("tokenizer_config.json", #"{"model_max_length": "long"}"#),
    (
      "1_Pooling/config.json", #"{"pooling_mode_cls_token": true, "pooling_mode_max_tokens": true}"#
    ),
    ("1_Pooling/config.json", #"{"pooling_mode_mean_tokens": 3}"#),
    ("1_Pooling/config.json", #"{"include_prompt": false}"#),
    ("sentence_bert_config.json", #"{"max_seq_length": "long"}"#),
    ("config_sentence_transformers.json", #"{"similarity_fn_name": "euclidean"}"#),
    ("config_sentence_transformers.json", #"{"prompts": ["q"]}"#),
    ("config_sentence_transformers.json", #"{"default_prompt_name": "query"}"#),
  ])
  func whatIsNotKnown(_ file: String, _ json: String) throws {
    // Who reads pairs does not hear of it.
    let source = try model(mean([file: json]))
    #expect(try CrossEncoder(source, seed: 1).maximumLength == 64)
    #expect(source.pooling == nil)
    let failure = #expect(throws: Failure.self) { _ = try BiEncoder(source) }
    #expect(failure?.kind == .badData)
    #expect(failure?.place?.file.hasSuffix(file) ?? false, "\(failure.map { "\($0)" } ?? "")")
  }
}
