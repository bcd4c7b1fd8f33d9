import Autodiff
import Batches
import ModelSupport
import Models
import Randomness
import Tensors
import Testing
import Tokenization

/// The interpreter of blueprints, on a model that shares next to nothing with BERT.
@Suite struct BlueprintTests {
  private static let vocabulary = 50

  private func batch(_ lengths: [Int]) -> PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, length) in lengths.enumerated() {
      batch.append(member: member, firstRow: row) { ids, types in
        for i in 0..<length {
          ids.append(Int32((member * 31 + i * 17) % Self.vocabulary))
          types.append(0)
        }
      }
      row += length
    }
    return batch
  }

  private func model(
    _ pooling: SequencePooling, _ change: (inout Blueprint) -> Void = { _ in }
  ) throws -> CrossEncoder {
    var table = ParameterTable()
    var architecture = InventedArchitecture(vocabularySize: Self.vocabulary, pooling: pooling)
    change(&architecture.blueprint)
    let layers = CrossEncoderLayers(architecture, in: &table)
    let parameters = Parameters(table)
    var random = SplitMix64(seed: 5)
    for entry in table.entries {
      let values = parameters[entry.parameter]
      // Scales of norms lie around 1, all else around 0.
      let centre: Float = entry.name.hasSuffix("norm.weight") ? 1 : 0
      for i in 0..<values.count {
        values[i] = centre + Float.random(in: -0.4...0.4, using: &random)
      }
    }
    let words = TinyModel().vocabulary ?? []
    return CrossEncoder(
      layers, parameters,
      tokenizer: try Tokenizer(
        vocabulary: Array(words.joined(separator: "\n").utf8), lowercase: true,
        stripsAccents: true, separatesIdeographs: true, name: "vocab.txt"),
      sidecar: ModelSidecar(place: "memory", files: [:]))
  }

  @Test func parameters() throws {
    let names = try model(.mean).parameters.table.entries.map(\.name)
    #expect(names.first == "model.embeddings.tokens.weight")
    #expect(names.last == "classifier.bias")
    #expect(!names.contains("model.layers.0.attention_norm.weight"))
    #expect(!names.contains("model.layers.1.attention_norm.bias"), "RMSNorm has no shift")
    #expect(names.count { $0 == "model.bias.weight" } == 1, "layers share the table of biases")
    #expect(names.contains("model.layers.1.attention.k.bias"))
    #expect(!names.contains("model.layers.0.attention.all.bias"))
  }

  @Test func freezing() throws {
    let model = try model(.mean)
    let parts = FrozenParts(embeddings: true, layers: [1])
    let frozen = model.parameters.table.entries.map(\.name).filter {
      model.isFrozen($0, by: parts)
    }
    #expect(frozen.contains("model.embeddings.projection.weight"))
    #expect(frozen.contains("model.layers.1.feed.up.weight"))
    #expect(!frozen.contains { $0.hasPrefix("model.layers.2.") || $0.hasPrefix("head.") })
  }

  /// Layers count from the top down, what layers share counts as the topmost of them, and the norm
  /// before the head as the head.
  @Test func depths() throws {
    let model = try model(.mean)
    for (name, depth) in [
      ("classifier.weight", 0), ("head.dense.weight", 0), ("head.norm.bias", 0),
      ("model.final_norm.weight", 0), ("model.layers.3.feed.up.weight", 1),
      ("model.bias.weight", 1), ("model.layers.2.attention.all.weight", 2),
      ("model.layers.0.feed_norm.weight", 4), ("model.embeddings.tokens.weight", 5),
      ("model.embeddings.projection.bias", 5), ("model.embeddings.norm.weight", 5),
    ] {
      #expect(model.parameters.table[name] != nil && model.depth(of: name) == depth, "\(name)")
    }
  }

  /// Segments give the scores and gradients of a tape that stores everything, bit for bit, with
  /// dropout, biases that layers share and frozen layers below, in less memory.
  @Test(arguments: SequencePooling.allCases, [FrozenParts(), .init(embeddings: true, layers: [0])])
  func segments(_ pooling: SequencePooling, _ frozen: FrozenParts) throws {
    let model = try model(pooling)
    let batch = batch([1, 9, 2, 17])
    let weights: [Float] = [0.7, -1.1, 0.4, 0.9]
    func pass(_ layers: Int?) -> (scores: [Float], gradients: [Float]) {
      let gradients = Storage(count: model.parameters.table.count)
      var tape = Tape(model.parameters, gradients: gradients)
      tape.layersPerSegment = layers
      var scores: [Float] = []
      for round in 0..<2 {
        gradients.floats.fill(0)
        tape.reset()
        tape.dropoutKey = DropoutKey(seed: 3, step: 4)
        let value = model.scores(batch, frozen: frozen, on: &tape)
        scores = tape.array(of: value)
        tape.backward(from: value, gradient: weights.span) { segment, x, tape in
          model.recompute(segment, from: x, batch, on: &tape)
        }
        #expect(round == 0 || gradients.array.contains { $0 != 0 })
      }
      return (scores, gradients.array)
    }
    let whole = pass(nil)
    for layers in [1, 2, 3, 4, 9] {
      let found = pass(layers)
      #expect(found.scores == whole.scores && found.gradients == whole.gradients, "\(layers)")
    }
  }

  /// Every kind of parameter, by central differences of the scores' sum.
  @Test(arguments: SequencePooling.allCases)
  func gradients(_ pooling: SequencePooling) throws {
    let model = try model(pooling)
    let batch = batch([1, 9, 2, 17])
    let weights: [Float] = [0.7, -1.1, 0.4, 0.9]
    func total() -> Double {
      var tape = Tape(model.parameters)
      let placed = PlacedBatch(batch, on: &tape)
      let scores = tape.values(of: model.scores(placed, on: &tape)).array
      return zip(scores, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    let placed = PlacedBatch(batch, on: &tape)
    tape.backward(from: model.scores(placed, on: &tape), gradient: weights.span)
    var largest = 0.0
    for entry in model.parameters.table.entries {
      let values = model.parameters[entry.parameter]
      let found = gradients.floats[entry.parameter.range]
      for i in [0, values.count / 2, values.count - 1] {
        let kept = values[i]
        let step: Float = 1e-2
        values[i] = kept + step
        let above = total()
        values[i] = kept - step
        let below = total()
        values[i] = kept
        let difference = (above - below) / Double(2 * step)
        largest = max(largest, abs(difference))
        // Scores are in 32 bits, which leaves about 1e-4 of a difference over 2e-2; the step's square
        // times the third derivative is the rest.
        #expect(
          abs(difference - Double(found[i])) < 5e-3 + 0.03 * abs(difference),
          "\(entry.name)[\(i)]: \(found[i]), by differences \(difference)")
      }
    }
    #expect(largest > 0.1, "gradients that are next to nothing prove nothing")
  }

  /// The short way to the first or last rows gives the values of the long one.
  @Test(arguments: [SequencePooling.first, .last])
  func someRows(_ pooling: SequencePooling) throws {
    let model = try model(pooling)
    var table = ParameterTable()
    let encoder = Encoder(model.blueprint, in: &table)
    let parameters = Parameters(table)
    for entry in table.entries {
      let own = try #require(model.parameters.table[entry.name])
      parameters[entry.parameter].copy(from: model.parameters[own])
    }
    let batch = batch([1, 9, 33, 2])
    var tape = Tape(parameters)
    let some = encoder.pooled(PlacedBatch(batch, on: &tape), by: pooling, on: &tape)
    let short = tape.values(of: some).array
    var other = Tape(parameters)
    let all = encoder(PlacedBatch(batch, on: &other), on: &other)
    let rows = other.values(of: all).array
    let width = model.blueprint.hiddenSize
    for s in 0..<batch.sequences {
      let row = pooling == .first ? Int(batch.offsets[s]) : Int(batch.offsets[s + 1]) - 1
      for i in 0..<width {
        #expect(abs(short[s * width + i] - rows[row * width + i]) < 2e-5)
      }
    }
  }

  /// Every rate drops in its own place: what the place gives is 0 in the second model, and dropping
  /// some of it changes nothing there.
  @Test(arguments: [
    ("embeddings", "model.embeddings.norm"), ("attention", "attention"),
    ("attention's output", "attention.out"), ("feed-forward layers", "feed.down"),
    ("head", "head.norm"),
  ])
  func rates(_ place: String, _ zeroed: String) throws {
    func changes(_ isZeroed: Bool) throws -> Bool {
      let model = try model(.mean) { blueprint in
        blueprint.embeddingDropout = place == "embeddings" ? 0.5 : 0
        blueprint.attentionDropout = place == "attention" ? 0.5 : 0
        blueprint.attentionOutputDropout = place == "attention's output" ? 0.5 : 0
        blueprint.hiddenDropout = place == "feed-forward layers" ? 0.5 : 0
        blueprint.headDropout = place == "head" ? 0.5 : 0
      }
      for entry in model.parameters.table.entries where isZeroed && entry.name.contains(zeroed) {
        model.parameters[entry.parameter].fill(0)
      }
      func scores(_ key: DropoutKey?) -> [Float] {
        var tape = Tape(model.parameters)
        tape.dropoutKey = key
        let placed = PlacedBatch(batch([5, 9]), on: &tape)
        return tape.array(of: model.scores(placed, on: &tape))
      }
      return scores(nil) != scores(DropoutKey(seed: 7, step: 1))
    }
    #expect(try changes(false))
    #expect(try !changes(true))
  }

  @Test func sequencesAreApart() throws {
    let model = try model(.mean)
    func scores(_ lengths: [Int]) -> [Float] {
      var tape = Tape(model.parameters)
      let placed = PlacedBatch(batch(lengths), on: &tape)
      return tape.values(of: model.scores(placed, on: &tape)).array
    }
    let together = scores([5, 40, 7, 64])
    let fewer = scores([5, 40])
    for i in 0..<2 { #expect(abs(together[i] - fewer[i]) < 1e-5) }
    #expect(Set(together).count == 4)
  }
}
