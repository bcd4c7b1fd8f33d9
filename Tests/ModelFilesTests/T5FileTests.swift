import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import Testing

/// Files of T5. `FamilyReferenceTests` and `AnswerReferenceTests` compare what they compute.
@Suite struct T5FileTests {
  private func load(
    _ tiny: TinyModel, for use: HeadUse = .base, answers: AnswerHead? = nil
  ) throws -> CrossEncoder {
    var source = try ModelSource(tiny.written())
    source.answers = answers
    return try CrossEncoder(source, seed: 1, for: use)
  }

  private func failure(_ change: (inout TinyModel) -> Void) throws -> Failure {
    var tiny = TinyModel().t5()
    change(&tiny)
    return try #require(throws: Failure.self) { try load(tiny) }
  }

  @Test(arguments: [false, true])
  func everyTensorIsRead(_ isGated: Bool) throws {
    let tiny = TinyModel().t5(gated: isGated)
    let model = try load(tiny)
    #expect(model.fresh.isEmpty && model.notices.isEmpty, "\(model.notices)")
    #expect(model.maximumLength == 42)
    let entries = model.parameters.table.entries
    #expect(Set(entries.map(\.name)) == Set(tiny.tensors.keys))
    for entry in entries {
      #expect(model.parameters.array(of: entry.parameter) == tiny.tensors[entry.name]?.values)
    }
    // A step reads the row that the decoder begins with beside those of the tokens.
    #expect(model.lookupTable?.shape.array == [tiny.vocabulary?.count ?? 0, 24])
  }

  /// Files of old versions have copies of the token embeddings, and a table that nothing reads.
  @Test func tensorsWithoutEffect() throws {
    var tiny = TinyModel().t5()
    tiny.tensors["encoder.embed_tokens.weight"] = tiny.tensors["shared.weight"]
    tiny.tensors["decoder.embed_tokens.weight"] = tiny.tensors["shared.weight"]
    tiny.tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] =
      TinyModel.Tensor(shape: [8, 3], values: [Float](repeating: 1, count: 24))
    let model = try load(tiny)
    #expect(model.fresh.isEmpty && model.notices.isEmpty, "\(model.notices)")
  }

  /// The language model is the base of training, with a new head, whose scale is that of T5.
  @Test func aLanguageModelAsBase() throws {
    var tiny = TinyModel().t5(output: ["lm_head.weight"])
    tiny.configuration?["architectures"] = #"["T5ForConditionalGeneration"]"#
    #expect(try load(tiny).fresh == ["score.weight"])
    let failure = try #require(throws: Failure.self) {
      try load(tiny, for: .scoring(label: nil))
    }
    #expect(failure.problem.contains("language model without a score head"))
    #expect(try load(tiny, answers: AnswerHead(positive: 7)).fresh.isEmpty)
  }

  /// The encoder of a language model: T5EncoderModel reads the same files.
  @Test func anEncoderAlone() throws {
    var tiny = TinyModel().t5(output: ["lm_head.weight"])
    tiny.configuration?["architectures"] = #"["T5EncoderModel"]"#
    let model = try load(tiny)
    #expect(model.fresh == ["classifier.weight", "classifier.bias"])
    #expect(model.blueprint.decoder == nil)
    #expect(!model.parameters.table.entries.contains { $0.name.hasPrefix("decoder.") })
    let bi = try BiEncoder(ModelSource(TinyModel().t5().written()))
    #expect(bi.width == 24 && bi.blueprint.decoder == nil)
  }

  @Test func aMissingLayerOfTheDecoder() throws {
    let failure = try failure { $0.configuration?["num_decoder_layers"] = "2" }
    #expect(failure.problem == "the tensor 'decoder.block.1.layer.0.layer_norm.weight' is missing")
    #expect(failure.remedy == "use the config.json and weights of the same model")
    let other = try self.failure { tiny in
      tiny.tensors["decoder.block.1.layer.0.SelfAttention.q.weight"] =
        tiny.tensors["decoder.block.0.layer.0.SelfAttention.q.weight"]
    }
    #expect(other.problem.hasSuffix("SelfAttention.q.weight' is not part of this model"))
  }

  @Test func headsOfAnotherWidth() throws {
    let failure = try failure { $0.configuration?["d_kv"] = "8" }
    #expect(failure.problem.hasSuffix("SelfAttention.q.weight' has shape [30, 24]"))
    #expect(failure.expected == "[24, 24], as config.json says")
  }

  @Test(arguments: ["gated", "gated-tanh", "a-gelu", "gated-gated-gelu", "tanh", ""])
  func unknownFeedForward(_ name: String) throws {
    let failure = try failure { $0.configuration?["feed_forward_proj"] = "\"\(name)\"" }
    #expect(failure.problem == "feed_forward_proj is '\(name)'")
    #expect(failure.place?.key == "feed_forward_proj")
    #expect(failure.expected?.hasSuffix("swish, perhaps after gated-") == true)
  }

  @Test(arguments: [
    ("relative_attention_num_buckets", "7", "an even number"),
    ("relative_attention_max_distance", "2", "an integer from 3 to 1048576"),
    ("decoder_start_token_id", "9000", "an integer from 0 to 655"),
    ("is_decoder", "true", "false"),
  ])
  func keys(_ key: String, _ value: String, _ expected: String) throws {
    let failure = try failure { $0.configuration?[key] = value }
    #expect(failure.place?.key == key && failure.expected == expected, "\(failure)")
  }

  /// transformers' classifier reads the whole text with the decoder.
  @Test func aClassifierOfAnotherKind() throws {
    let failure = try failure {
      $0.configuration?["architectures"] = #"["T5ForSequenceClassification"]"#
    }
    #expect(failure.place?.key == "architectures")
    #expect(failure.remedy == "train from the language model that it was made of")
  }

  /// Layers of the decoder are above those of the encoder, and the embeddings below all.
  @Test func depths() throws {
    let model = try load(TinyModel().t5())
    #expect(model.depth(of: "score.weight") == 0)
    #expect(model.depth(of: "decoder.final_layer_norm.weight") == 0)
    #expect(model.depth(of: "decoder.block.0.layer.2.DenseReluDense.wo.weight") == 1)
    #expect(model.depth(of: "encoder.final_layer_norm.weight") == 1)
    #expect(model.depth(of: "encoder.block.1.layer.0.SelfAttention.q.weight") == 2)
    #expect(model.depth(of: "encoder.block.0.layer.0.SelfAttention.q.weight") == 3)
    #expect(model.depth(of: "shared.weight") == 4)
    #expect(model.isFrozen("shared.weight", by: model.allParts))
    #expect(!model.isFrozen("decoder.block.0.layer.1.EncDecAttention.k.weight", by: model.allParts))
  }

  /// Layers that are computed once more, and frozen ones, change no other gradient; the memory of a
  /// pass stays below its bound.
  @Test func segmentsAndFrozenParts() throws {
    let model = try load(TinyModel().t5(gated: true))
    let reference = Sequences()
    func gradients(_ layers: Int?, _ frozen: FrozenParts) -> [Float] {
      let gradients = Storage(count: model.parameters.table.count)
      gradients.floats.fill(0)
      let parts = model.parameters.table.entries.filter { model.isFrozen($0.name, by: frozen) }
      var tape = Tape(model.parameters, gradients: gradients, frozen: parts.map(\.parameter))
      tape.layersPerSegment = layers
      let scores = model.scores(reference.batch, frozen: frozen, on: &tape)
      let weights: [Float] = [0.5, -1, 0.75, 1.25]
      tape.backward(from: scores, gradient: weights.span) { segment, x, tape in
        model.recompute(segment, from: x, reference.batch, on: &tape)
      }
      return gradients.floats.array
    }
    let all = gradients(nil, FrozenParts())
    #expect(gradients(1, FrozenParts()) == all)
    let frozen = FrozenParts(embeddings: true, layers: [0])
    let some = gradients(nil, frozen)
    for entry in model.parameters.table.entries where !model.isFrozen(entry.name, by: frozen) {
      // A table that all layers share has no gradient of the frozen one.
      guard !entry.name.hasSuffix("relative_attention_bias.weight") else { continue }
      let (a, b) = (all[entry.parameter.range], some[entry.parameter.range])
      #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($0)) }, "\(entry.name)")
    }
    let words = try #require(model.lookupTable)
    #expect(some[words.range].allSatisfy { $0 == 0 })
  }

  private struct Sequences: ReferenceSequences {
    let sequences: [[Int32]] = [1, 7, 30, 19].map { count in
      (0..<count).map { Int32(5 + ($0 * 7 + count) % 90) }
    }
    var types: [[Int32]] { sequences.map { $0.map { _ in 0 } } }
  }
}
