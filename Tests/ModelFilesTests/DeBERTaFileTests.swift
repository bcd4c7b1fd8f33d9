import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Tensors
import Testing

/// Files of DeBERTa. `FamilyReferenceTests` compares what they compute.
@Suite struct DeBERTaFileTests {
  private func tiny(
    shared: Bool = true, head: Bool = true, convolution: Int = 0
  ) -> TinyModel {
    TinyModel(width: 8, layers: 2, heads: 2, inner: 6, positions: 10, head: head)
      .deberta(shared: shared, convolution: convolution)
  }

  private func positions(_ model: CrossEncoder) throws -> DisentangledBlueprint {
    guard case .disentangled(let parts) = model.blueprint.layers[0].attention.positions else {
      throw Failure(.badData, "a model without relative positions")
    }
    return parts
  }

  @Test(arguments: [true, false], [0, 3])
  func everyTensorIsRead(shared: Bool, convolution: Int) throws {
    let tiny = tiny(shared: shared, convolution: convolution)
    let model = try tiny.loaded()
    #expect(model.fresh.isEmpty && model.notices.isEmpty, "\(model.notices)")
    #expect(model.maximumLength == 10 && !model.blueprint.hasTokenTypes)
    tiny.expectTensors(in: model)
  }

  /// As microsoft/deberta-v3-small has it: a head of pretraining, and tables that are not used.
  @Test func pretrainedModel() throws {
    var tiny = tiny(head: false)
    for name in ["lm_predictions.lm_head.dense", "mask_predictions.dense"] {
      tiny.tensors[name + ".weight"] = .init(
        shape: [8, 8], values: [Float](repeating: 1, count: 64))
    }
    tiny.tensors["deberta.embeddings.position_embeddings.weight"] = .init(
      shape: [10, 8], values: [Float](repeating: 1, count: 80))
    tiny.tensors["deberta.embeddings.position_ids"] = .init(
      shape: [1, 10], values: [Float](repeating: 1, count: 10))
    let fresh: Set = [
      "pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias",
    ]
    for use in [HeadUse.base, .scoring(label: nil)] {
      let model = try tiny.loaded(for: use)
      #expect(model.fresh == fresh)
      let heads = model.notices.filter { $0.hasPrefix("the head '") }
      #expect(heads.count == 2, "\(model.notices)")
      #expect(!model.notices.contains { $0.contains("position_embeddings") })
    }
  }

  /// As an AutoModel saves it: no prefix, no head.
  @Test func bareEncoder() throws {
    var tiny = tiny(head: false)
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { name, tensor in
        (name.split(separator: ".").dropFirst().joined(separator: "."), tensor)
      })
    #expect(try tiny.loaded(for: .base).fresh.count == 4)
    #expect(try BiEncoder(ModelSource(tiny.written())).width == 8)
  }

  @Test(arguments: [
    ("\"p2c|c2p\"", true, true), ("\"c2p|p2c\"", true, true), ("\" C2P | p2c\"", true, true),
    (#"["p2c", "c2p"]"#, true, true), (#"["c2p", "p2c"]"#, true, true), ("\"c2p\"", true, false),
    (#"["c2p"]"#, true, false), ("\"p2c\"", false, true), (#"["p2c"]"#, false, true),
  ])
  func spellingsOfTerms(_ value: String, _ keys: Bool, _ queries: Bool) throws {
    var tiny = tiny()
    tiny.configuration?["pos_att_type"] = value
    let parts = try positions(tiny.loaded())
    #expect((parts.keys == .shared) == keys && (parts.queries == .shared) == queries)
    #expect(parts.table.rows == 12 && parts.maximumDistance == 10)
  }

  /// Without products the tables in the file are not used.
  @Test(arguments: ["\"none\"", "null", "[]", "\"\""])
  func noTerms(_ value: String) throws {
    var tiny = tiny()
    tiny.configuration?["pos_att_type"] = value
    let model = try tiny.loaded()
    #expect(model.blueprint.layers[0].attention.positions == .none && model.notices.isEmpty)
  }

  @Test func distances() throws {
    var tiny = tiny()
    for (buckets, maximum, rows) in [("-1", "6", 12), ("6", "9", 12)] {
      tiny.configuration?["position_buckets"] = buckets
      tiny.configuration?["max_relative_positions"] = maximum
      let parts = try positions(tiny.loaded())
      #expect(parts.table.rows == rows && parts.maximumDistance == (buckets == "-1" ? nil : 9))
    }
  }

  @Test func poolerAndDropout() throws {
    var tiny = tiny()
    tiny.configuration?["pooler_hidden_act"] = "\"tanh\""
    tiny.configuration?["pooler_dropout"] = "0.1"
    tiny.configuration?["cls_dropout"] = "0.3"
    let model = try tiny.loaded()
    #expect(model.blueprint.head.filter { $0 == .dropout }.count == 2)
    #expect(model.blueprint.head.contains(.tanh) && model.blueprint.headDropout == 0.3)
    var family = model.architecture
    family.replaceDropout(by: 0.2)
    #expect(family.blueprint.headDropout == 0.2 && family.blueprint.hiddenDropout == 0.2)
    let plain = try self.tiny().loaded()
    #expect(plain.blueprint.head.filter { $0 == .dropout }.count == 1)
    #expect(plain.blueprint.head.contains(.activation(.gelu)))
  }

  /// The table is frozen with all layers, and the embeddings alone do not freeze it.
  @Test func sharedTable() throws {
    let model = try tiny().loaded()
    for name in ["rel_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"] {
      let name = "deberta.encoder." + name
      #expect(model.parameters.table[name] != nil)
      #expect(!FrozenParts(embeddings: true, layers: [0]).contains(name, of: model.blueprint))
      #expect(FrozenParts(layers: [0, 1]).contains(name, of: model.blueprint))
    }
  }

  @Test(arguments: [
    ("conv_kernel_size", "4", "the convolution over 4 tokens shortens sequences"),
    ("conv_kernel_size", "-1", "the value is -1"),
    ("talking_head", "true", "talking_head is true: heads would be mixed before the softmax"),
    ("z_steps", "2", "z_steps repeats the last layer"),
    ("pos_att_type", "\"c2p|p2p\"", "pos_att_type contains 'p2p'"),
    ("pos_att_type", #"["p2c|c2p"]"#, "pos_att_type contains 'p2c|c2p'"),
    (
      "relative_attention", "false",
      "relative_attention is false, but pos_att_type asks for products with positions"
    ),
    ("position_buckets", "24", "24 buckets do not fit distances up to 10"),
    ("position_buckets", "1", "1 buckets do not fit distances up to 10"),
    ("position_buckets", "0.5", "the value is 0.5"),
    ("norm_rel_ebd", "\"rms_norm\"", "norm_rel_ebd is 'rms_norm'"),
    (
      "pooler_hidden_size", "16",
      "pooler_hidden_size is 16, but hidden_size 8 and 2 heads need 8"
    ),
    (
      "attention_head_size", "8",
      "attention_head_size is 8, but hidden_size 8 and 2 heads need 4"
    ),
    ("pooler_hidden_act", "\"mish\"", "pooler_hidden_act is 'mish'"),
    ("pooler_dropout", "1", "the value is 1"),
    ("num_attention_heads", "3", "hidden_size 8 is not a multiple of 3 attention heads"),
    ("local_attention", "4", "local_attention is 4, but a DeBERTa has no windows"),
    ("position_embedding_type", "\"alibi\"", "position_embedding_type is 'alibi'"),
  ])
  func refused(_ key: String, _ value: String, _ problem: String) throws {
    #expect(try tiny().refusal(key, value)?.problem == problem)
  }

  @Test func groupsOfTheConvolution() throws {
    var tiny = tiny(convolution: 3)
    tiny.configuration?["conv_groups"] = "2"
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.problem == "the convolution has 2 groups of columns")
    tiny.configuration?["conv_groups"] = "1"
    let model = try tiny.loaded()
    #expect(model.blueprint.layers[0].convolution?.width == 3)
    #expect(model.blueprint.layers[1].convolution == nil)
    // What lies beside the first layer is frozen with it.
    let name = "deberta.encoder.conv.conv.weight"
    #expect(FrozenParts(layers: [0]).contains(name, of: model.blueprint))
    #expect(!FrozenParts(layers: [1]).contains(name, of: model.blueprint))
  }

  @Test func unknownKeysAreNamed() throws {
    var tiny = tiny()
    tiny.configuration?["relative_bias"] = "true"
    #expect(
      try tiny.loaded().notices == [
        "keys of config.json without effect on a DeBERTa: relative_bias"
      ])
  }

  /// A table of another size than config.json asks for.
  @Test func rowsOfTheTable() throws {
    var tiny = tiny()
    tiny.configuration?["position_buckets"] = "8"
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.problem.contains("has shape [12, 8]") == true)
  }
}
