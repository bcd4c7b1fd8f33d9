import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Tensors
import Testing

/// Files of ELECTRA, DistilBERT and MPNet. `FamilyReferenceTests` compares what they compute.
@Suite struct SmallFamilyFileTests {
  enum Family: String, CaseIterable { case electra, distilBERT, mpnet }

  private func tiny(_ family: Family, head: Bool = true) -> TinyModel {
    func model(positions: Int) -> TinyModel {
      TinyModel(width: 8, layers: 2, heads: 2, inner: 6, positions: positions, head: head)
    }
    return switch family {
    case .electra: model(positions: 10).electra(columns: 4)
    case .distilBERT: model(positions: 10).distilBERT()
    case .mpnet: model(positions: 12).mpnet()
    }
  }

  private func load(
    _ family: Family, _ model: TinyModel, for use: HeadUse = .scoring(label: nil)
  ) throws -> CrossEncoder {
    let source = try ModelSource(model.written())
    let types = family == .electra ? 2 : 1
    return try CrossEncoder(source.withTokenTypes(types), seed: 1, for: use)
  }

  @Test(arguments: Family.allCases)
  func everyTensorIsRead(_ family: Family) throws {
    let tiny = tiny(family)
    let model = try load(family, tiny)
    #expect(model.fresh.isEmpty && model.notices.isEmpty)
    #expect(model.maximumLength == 10)
    #expect(model.blueprint.hasTokenTypes == (family == .electra))
    let entries = model.parameters.table.entries
    #expect(Set(entries.map(\.name)) == Set(tiny.tensors.keys))
    for entry in entries {
      #expect(model.parameters.array(of: entry.parameter) == tiny.tensors[entry.name]?.values)
    }
  }

  /// As google/electra-small-discriminator, distilbert-base-uncased and microsoft/mpnet-base have it.
  @Test(arguments: Family.allCases)
  func pretrainedModel(_ family: Family) throws {
    var tiny = tiny(family, head: false)
    let dense: Set = [
      "classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight",
      "classifier.out_proj.bias",
    ]
    let (head, fresh): (String, Set<String>) =
      switch family {
      case .electra: ("discriminator_predictions", dense)
      case .mpnet: ("lm_head", dense)
      case .distilBERT:
        (
          "vocab_transform",
          ["pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"]
        )
      }
    tiny.tensors[head + ".weight"] = .init(shape: [8, 8], values: [Float](repeating: 1, count: 64))
    for use in [HeadUse.base, .scoring(label: nil)] {
      let model = try load(family, tiny, for: use)
      #expect(model.fresh == fresh)
      #expect(
        model.notices.contains { $0.hasPrefix("the head '\(head)' of the model is not used") })
    }
  }

  /// As encoders of sentences have it: no prefix, no head.
  @Test(arguments: Family.allCases)
  func bareEncoder(_ family: Family) throws {
    var tiny = tiny(family, head: false)
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { name, tensor in
        (name.split(separator: ".").dropFirst().joined(separator: "."), tensor)
      })
    if family == .mpnet {
      tiny.tensors["pooler.dense.weight"] = .init(
        shape: [8, 8], values: [Float](repeating: 1, count: 64))
    }
    #expect(try load(family, tiny, for: .base).fresh.count == 4)
    #expect(try BiEncoder(ModelSource(tiny.written())).width == 8)
  }

  /// What lies below the layers is frozen with the embeddings.
  @Test func projectionIsFrozenWithTheTables() throws {
    let model = try load(.electra, tiny(.electra))
    let parts = FrozenParts(embeddings: true)
    let frozen = model.parameters.table.entries.map(\.name).filter {
      parts.contains($0, of: model.blueprint)
    }
    #expect(frozen.count == 7 && frozen.contains("electra.embeddings_project.weight"))
  }

  /// One table of biases for all layers, which is frozen with all of them.
  @Test func sharedBiases() throws {
    let model = try load(.mpnet, tiny(.mpnet))
    let name = "mpnet.encoder.relative_attention_bias.weight"
    let table = try #require(model.parameters.table.entries.first { $0.name == name })
    #expect(table.parameter.shape.array == [32, 2])
    #expect(!FrozenParts(embeddings: true).contains(name, of: model.blueprint))
    #expect(FrozenParts(layers: [0, 1]).contains(name, of: model.blueprint))
  }

  /// Positions are counted from the third row, whatever the padding token's id.
  @Test func positions() throws {
    var tiny = tiny(.mpnet)
    tiny.configuration?["pad_token_id"] = "0"
    let model = try load(.mpnet, tiny)
    #expect(model.maximumLength == 10 && model.blueprint.embeddings.positions?.offset == 2)
  }

  /// Attention's output has no dropout in a DistilBERT.
  @Test func dropout() throws {
    var tiny = tiny(.distilBERT)
    tiny.configuration?["attention_dropout"] = "0.3"
    tiny.configuration?["seq_classif_dropout"] = "0.4"
    let model = try load(.distilBERT, tiny)
    let blueprint = model.blueprint
    #expect(blueprint.embeddingDropout == 0.1 && blueprint.hiddenDropout == 0.1)
    #expect(blueprint.attentionDropout == 0.3 && blueprint.attentionOutputDropout == 0)
    #expect(blueprint.headDropout == 0.4)
    var family = model.architecture
    family.replaceDropout(by: 0.2)
    #expect(family.blueprint.attentionOutputDropout == 0.2 && family.blueprint.headDropout == 0.2)
  }

  @Test(arguments: [
    (Family.electra, "embedding_size", "0", "the value is 0"),
    (
      .electra, "position_embedding_type", "\"relative_key\"",
      "position_embedding_type is 'relative_key'"
    ),
    (.distilBERT, "n_heads", "3", "dim 8 is not a multiple of 3 attention heads"),
    (.distilBERT, "activation", "\"tanh\"", "activation is 'tanh'"),
    (
      .mpnet, "relative_attention_num_buckets", "64",
      "the model has 64 buckets of distances, of which transformers uses 32"
    ),
    (.mpnet, "max_position_embeddings", "2", "the value is 2"),
    (.mpnet, "position_embedding_type", "\"alibi\"", "position_embedding_type is 'alibi'"),
    (.mpnet, "local_attention", "4", "local_attention is 4, but an MPNet has no windows"),
    (.electra, "sliding_window", "4", "sliding_window is 4, but an ELECTRA has no windows"),
    (
      .distilBERT, "position_embedding_type", "\"rotary\"", "position_embedding_type is 'rotary'"
    ),
    (
      .distilBERT, "rope_scaling", #"{"type": "linear"}"#,
      "rope_scaling is there, but a DistilBERT has no rotary positions"
    ),
    (.distilBERT, "pad_token_id", "100000", "pad_token_id is 100000, but the model has 656 tokens"),
    (.distilBERT, "pruned_heads", #"{"1": [0]}"#, "some attention heads have been pruned"),
  ])
  func refused(_ family: Family, _ key: String, _ value: String, _ problem: String) throws {
    #expect(try tiny(family).refusal(key, value)?.problem == problem)
  }

  /// A projection that config.json does not ask for, and the other way round.
  @Test func widthOfEmbeddings() throws {
    var tiny = tiny(.electra)
    tiny.configuration?["embedding_size"] = "8"
    let failure = #expect(throws: Failure.self) { try load(.electra, tiny) }
    #expect(failure?.problem.contains("has shape [656, 4]") == true)
  }
}
