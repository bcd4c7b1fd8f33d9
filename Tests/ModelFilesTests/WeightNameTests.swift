import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing

/// What weight files call the same parameters.
@Suite struct WeightNameTests {
  private let tiny = TinyModel(width: 8, layers: 2, heads: 2, inner: 8, positions: 8)

  private func named(_ rename: (String) -> String) throws -> CrossEncoder {
    var model = tiny
    model.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { (rename($0.key), $0.value) })
    return try CrossEncoder(ModelSource(model.written()), seed: 1)
  }

  private func isTheSame(_ model: CrossEncoder) -> Bool {
    model.fresh.isEmpty
      && model.parameters.table.entries.allSatisfy {
        model.parameters[$0.parameter].array == tiny.tensors[$0.name]?.values
      }
  }

  private func old(_ name: String) -> String {
    name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
      .replacing("LayerNorm.bias", with: "LayerNorm.beta")
  }

  /// Every LayerNorm of files from before 2019.
  @Test func gammaAndBeta() throws {
    let model = try named(old)
    #expect(isTheSame(model) && model.notices.isEmpty)
    // Some of them only.
    #expect(isTheSame(try named { $0.contains("layer.1.output") ? old($0) : $0 }))
    #expect(isTheSame(try named { old($0).replacing("bert.", with: "") }))
  }

  @Test(arguments: ["weight", "bias"]) func bothSpellings(_ part: String) throws {
    var model = tiny
    let name = "bert.encoder.layer.1.output.LayerNorm." + part
    model.tensors[old(name)] = model.tensors[name]
    let source = try ModelSource(model.written())
    let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.contains("'\(name)'") == true)
    #expect(failure?.problem.contains("'\(old(name))'") == true)
    #expect(failure?.problem.hasSuffix("name the same tensor") == true)
  }

  /// What wrappers put in front, with the head beside the encoder or above it.
  @Test(arguments: [
    ("", "classifier"), ("module.bert.", "module.classifier"), ("module.bert.", "classifier"),
    ("_orig_mod.bert.", "_orig_mod.classifier"), ("model.", "classifier"),
    ("0.auto_model.", "classifier"), ("model.encoder.", "model.classifier"),
  ])
  func prefixes(_ prefix: String, _ classifier: String) throws {
    let model = try named { name in
      name.hasPrefix("bert.")
        ? old(prefix + name.dropFirst(5)) : classifier + name.dropFirst("classifier".count)
    }
    #expect(isTheSame(model))
    #expect(
      model.notices
        == (prefix.isEmpty
          ? [] : ["the encoder's tensors are those whose names begin with '\(prefix)'"]))
  }

  @Test func twoEncoders() throws {
    var model = tiny
    for (name, tensor) in tiny.tensors where name.hasPrefix("bert.") {
      model.tensors["query_encoder." + name] = tensor
    }
    let source = try ModelSource(model.written())
    let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
    #expect(
      failure?.problem
        == "the weights contain 2 encoders: 'bert.embeddings.word_embeddings.weight', "
        + "'query_encoder.bert.embeddings.word_embeddings.weight'")
  }

  /// Positions that files repeat are not weights; anything else in the encoder is refused.
  @Test func buffersAndStrangeTensors() throws {
    var model = tiny
    model.tensors["bert.embeddings.position_ids"] = .init(shape: [1, 2], values: [0, 1])
    model.tensors["bert.embeddings.token_type_ids"] = .init(shape: [1, 2], values: [0, 0])
    #expect(isTheSame(try CrossEncoder(ModelSource(model.written()), seed: 1)))
    for name in [
      "bert.encoder.layer.0.crossattention.self.query.weight", "bert.embeddings.extra",
      "bert.extra",
    ] {
      var model = tiny
      model.tensors[name] = .init(shape: [1], values: [0])
      let source = try ModelSource(model.written())
      let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
      #expect(failure?.problem == "the tensor '\(name)' is not part of this model")
    }
  }

  /// What stands in the place of a tensor that is missing is named.
  @Test func weightNormalisation() throws {
    let module = "bert.encoder.layer.0.output.dense."
    var model = tiny
    model.tensors[module + "weight_g"] = .init(shape: [1], values: [0])
    model.tensors[module + "weight_v"] = model.tensors[module + "weight"]
    model.tensors[module + "weight"] = nil
    let source = try ModelSource(model.written())
    let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
    #expect(
      failure?.problem
        == "the tensor '\(module)weight' is missing; present instead: '\(module)weight_g', "
        + "'\(module)weight_v'")
  }

  /// The encoder alone is taken from a file with a head, whatever its names.
  @Test func biEncoders() throws {
    var model = tiny
    model.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { ("module." + old($0.key), $0.value) })
    let encoder = try BiEncoder(ModelSource(model.written()))
    #expect(
      encoder.parameters.table.entries.allSatisfy {
        encoder.parameters[$0.parameter].array == tiny.tensors[$0.name]?.values
      })
  }
}
