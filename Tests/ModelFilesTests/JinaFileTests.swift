import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Testing

/// Files in the layout of jina-reranker-v2. `FamilyReferenceTests` compares what they compute.
@Suite struct JinaFileTests {
  private func bert(head: Bool = true) -> TinyModel {
    TinyModel(width: 8, layers: 2, heads: 2, inner: 6, positions: 12, head: head)
  }

  /// The parameters are those of a plain XLM-RoBERTa: names, order and values.
  @Test func everyTensorIsRead() throws {
    let (stored, plain) = (try bert().jina().loaded(), try bert().roberta().loaded())
    #expect(stored.fresh.isEmpty && stored.notices.isEmpty && stored.maximumLength == 10)
    let names = plain.parameters.table.entries.map(\.name)
    #expect(stored.parameters.table.entries.map(\.name) == names)
    #expect(stored.parameters.array == plain.parameters.array)
    let projection = bert().jina().tensors["roberta.encoder.layers.1.mixer.Wqkv.weight"]
    let key = try #require(
      stored.parameters.table["roberta.encoder.layer.1.attention.self.key.weight"])
    #expect(projection?.shape == [24, 8])
    #expect(stored.parameters.array(of: key) == projection.map { Array($0.values[64..<128]) })
  }

  @Test func otherPrefix() throws {
    var tiny = bert().jina()
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { ("model." + $0.key, $0.value) })
    #expect(try tiny.loaded().parameters.array == bert().roberta().loaded().parameters.array)
    try expectEncoder(of: tiny)
  }

  @Test func bareEncoder() throws {
    var tiny = bert(head: false).jina()
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { (String($0.key.dropFirst(8)), $0.value) })
    try expectEncoder(of: tiny)
  }

  private func expectEncoder(of tiny: TinyModel) throws {
    let encoder = try BiEncoder(ModelSource(tiny.written()))
    let plain = try BiEncoder(ModelSource(bert().roberta().written()))
    #expect(encoder.parameters.array == plain.parameters.array)
  }

  /// What tells the layout where there is no `model_type`.
  @Test func recognition() throws {
    var tiny = bert().jina()
    tiny.configuration?["model_type"] = "\"\""
    #expect(try tiny.loaded().fresh.isEmpty)
    tiny.configuration?["auto_map"] = nil
    #expect(try tiny.loaded().fresh.isEmpty)
    tiny.configuration?["use_flash_attn"] = nil
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.problem.hasPrefix("the key 'model_type' is missing; architectures") == true)
  }

  @Test func wrongTensors() throws {
    var tiny = bert().jina()
    let name = "roberta.encoder.layers.0.mixer.Wqkv.weight"
    let values = tiny.tensors[name]?.values ?? []
    tiny.tensors[name] = .init(shape: [16, 8], values: Array(values[..<128]))
    let shape = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(shape?.problem == "the tensor '\(name)' has shape [16, 8]")
    #expect(shape?.expected == "[24, 8], as config.json says")
    tiny = bert().jina()
    let plain = "roberta.encoder.layer.0.attention.self.key.weight"
    tiny.tensors[plain] = .init(shape: [8, 8], values: Array(values[..<64]))
    let twice = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(twice?.problem.hasSuffix("name the same tensor") == true)
    tiny = bert().jina()
    tiny.tensors[name] = nil
    let missing = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(
      missing?.problem
        == "the tensor 'roberta.encoder.layer.0.attention.self.query.weight' is missing")
    tiny = bert().jina()
    tiny.tensors[name]?.values[70] = .nan
    let number = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(number?.place?.key == name)
    tiny = bert().jina()
    tiny.tensors["roberta.encoder.layers.0.mixer.Wq.weight"] = tiny.tensors["classifier.dense.bias"]
    let unknown = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(unknown?.problem.hasSuffix("is not part of this model") == true)
  }

  @Test(arguments: [
    ("position_embedding_type", "\"rotary\"", "position_embedding_type is 'rotary'"),
    (
      "lora_adaptations", #"["retrieval", "matching"]"#,
      "the weights have adapters for retrieval, matching"
    ),
    ("hidden_act", "\"relu\"", "hidden_act is 'relu', which Jina's code computes as gelu"),
    (
      "auto_map",
      #"{"AutoConfig": "x.XLMRobertaFlashConfig", "AutoModel": "modeling_lora.Adapted"}"#,
      "the model uses custom code: 'modeling_lora.Adapted'"
    ),
    (
      "max_position_embeddings", "2",
      "the model has 2 positions, but a sequence begins at position 2, after the padding token's"
    ),
    (
      "local_attention", "8", "local_attention is 8, but a Jina XLM-RoBERTa has no windows"
    ),
  ])
  func refused(_ key: String, _ value: String, _ problem: String) throws {
    #expect(try bert().jina().refusal(key, value)?.problem == problem)
  }

  @Test func keysWithoutEffectAreNamed() throws {
    var tiny = bert().jina()
    tiny.configuration?["rope_theta"] = "10000.0"
    #expect(
      try tiny.loaded().notices == [
        "keys of config.json without effect on a Jina XLM-RoBERTa: rope_theta"
      ])
  }
}
