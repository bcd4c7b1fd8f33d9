import Autodiff
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Testing

/// Files of the family RoBERTa.
@Suite struct RoBERTaFileTests {
  private func tiny(head: Bool = true) -> TinyModel {
    TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 10, head: head).roberta()
  }

  @Test(arguments: RoBERTa.Kind.allCases)
  func everyTensorIsRead(_ kind: RoBERTa.Kind) throws {
    var tiny = tiny()
    tiny.configuration?["model_type"] = "\"\(kind.rawValue)\""
    let model = try tiny.loaded()
    #expect(model.fresh.isEmpty && model.notices.isEmpty)
    #expect(model.maximumLength == 8)
    #expect((model.architecture as? RoBERTa)?.kind == kind)
    tiny.expectTensors(in: model)
  }

  /// As xlm-roberta-base has it: the head of its pretraining, buffers, and a pooler that no
  /// classifier reads.
  @Test func pretrainedModel() throws {
    var tiny = tiny(head: false)
    for (name, shape) in [
      ("lm_head.bias", [656]), ("lm_head.dense.weight", [8, 8]), ("lm_head.layer_norm.weight", [8]),
      ("roberta.pooler.dense.weight", [8, 8]), ("roberta.pooler.dense.bias", [8]),
      ("roberta.embeddings.position_ids", [1, 10]),
    ] {
      tiny.tensors[name] = .init(
        shape: shape, values: [Float](repeating: 0.5, count: shape.reduce(1, *)))
    }
    let head = ["dense", "out_proj"].flatMap {
      ["classifier.\($0).weight", "classifier.\($0).bias"]
    }
    for use in [HeadUse.base, .scoring(label: nil)] {
      let model = try tiny.loaded(for: use)
      #expect(model.fresh == Set(head))
      #expect(
        model.notices.contains { $0.hasPrefix("the head 'lm_head' of the model is not used") })
      #expect(!model.notices.contains { $0.contains("pooler") })
      let bias = try #require(model.parameters.table["classifier.dense.bias"])
      #expect(model.parameters.array(of: bias) == [Float](repeating: 0, count: 8))
      let weight = try #require(model.parameters.table["classifier.dense.weight"])
      #expect(Set(model.parameters.array(of: weight)).count > 32)
    }
  }

  /// As multilingual E5 and other encoders of sentences have it: no prefix.
  @Test func bareEncoder() throws {
    var tiny = tiny(head: false)
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { (String($0.key.dropFirst(8)), $0.value) })
    tiny.tensors["pooler.dense.weight"] = .init(
      shape: [8, 8], values: [Float](repeating: 1, count: 64))
    #expect(try tiny.loaded(for: .base).fresh.count == 4)
    let encoder = try BiEncoder(ModelSource(tiny.written()))
    #expect(encoder.width == 8 && encoder.maximumLength == 8)
  }

  /// A head for tokens is named `classifier` and is no score head.
  @Test func headForTokens() throws {
    var tiny = tiny(head: false)
    tiny.tensors["classifier.weight"] = .init(
      shape: [3, 8], values: [Float](repeating: 1, count: 24))
    tiny.tensors["classifier.bias"] = .init(shape: [3], values: [1, 2, 3])
    #expect(try tiny.loaded(for: .base).fresh.count == 4)
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(
      failure?.problem.hasPrefix("the model has no score head; it has the head 'classifier'")
        == true)
    #expect(failure?.expected == "a tensor 'classifier.out_proj.weight'")
  }

  /// The difference of two logits, by the names of the labels.
  @Test func twoLabels() throws {
    var tiny = tiny()
    tiny.configuration?["num_labels"] = "2"
    tiny.configuration?["id2label"] = #"{"0": "no", "1": "yes"}"#
    let rows = (0..<16).map { Float($0 * $0) }
    tiny.tensors["classifier.out_proj.weight"] = .init(shape: [2, 8], values: rows)
    tiny.tensors["classifier.out_proj.bias"] = .init(shape: [2], values: [1, 4])
    let model = try tiny.loaded()
    let weight = try #require(model.parameters.table["classifier.out_proj.weight"])
    #expect(model.parameters.array(of: weight) == (0..<8).map { rows[8 + $0] - rows[$0] })
    let bias = try #require(model.parameters.table["classifier.out_proj.bias"])
    #expect(model.parameters.array(of: bias) == [3])
  }

  @Test(arguments: [
    ("is_decoder", "true", "is_decoder is true: a token would attend only to those before it"),
    ("position_embedding_type", "\"relative_key\"", "position_embedding_type is 'relative_key'"),
    (
      "auto_map", #"{"AutoModel": "modeling_x.M"}"#,
      "the model uses custom code: 'modeling_x.M'"
    ),
    ("pad_token_id", "-1", "the value is -1"),
    ("use_sliding_window", "true", "use_sliding_window is true, but a RoBERTa has no windows"),
    ("hidden_act", "\"silu\"", "hidden_act is 'silu'"),
    (
      "max_position_embeddings", "2",
      "the model has 2 positions, but a sequence begins at position 2, after the padding token's"
    ),
    ("model_type", "\"xlm-roberta-xl\"", "model_type is 'xlm-roberta-xl'"),
  ])
  func refused(_ key: String, _ value: String, _ problem: String) throws {
    #expect(try tiny().refusal(key, value)?.problem == problem)
  }

  /// What transformers takes where a file does not say.
  @Test func defaults() throws {
    var tiny = tiny()
    tiny.configuration?["pad_token_id"] = nil
    tiny.configuration?["rope_theta"] = "10000.0"
    let model = try tiny.loaded()
    #expect((model.architecture as? RoBERTa)?.encoder.paddingID == 1)
    #expect(
      model.notices == ["keys of config.json without effect on a RoBERTa: rope_theta"])
  }

  /// As klue/roberta-base has it: BERT's tokenizer, whose documents have the type 1, and one row of
  /// types.
  @Test(arguments: [HeadUse.base, .scoring(label: nil)])
  func oneTokenType(_ use: HeadUse) throws {
    let model = try CrossEncoder(ModelSource(tiny().written()), seed: 1, for: use)
    #expect(model.tokenTypes == 1 && model.pairTypes.allSatisfy { $0 == 0 })
    #expect(!model.blueprint.hasTokenTypes)
    #expect(
      model.notices == [
        "the tokenizer has several token types and the model has one, which all tokens get"
      ])
    // Exports and checkpoints have the tokenizer that pairs were made with.
    #expect(
      try model.sidecar.tokenizer().encodePair(query: [5], text: [6], maxLength: 5).typeIDs
        == [0, 0, 0, 0, 0])
  }
}
