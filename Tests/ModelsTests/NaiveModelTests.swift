import Autodiff
import Batches
import Models
import Tensors
import Testing
import Tokenization

/// Scores and gradients of blueprints against those of `NaiveModel`, in double precision.
@Suite struct NaiveModelTests {
  static let words = 50

  static let all: [any Architecture] =
    SequencePooling.allCases.map { InventedArchitecture(vocabularySize: words, pooling: $0) }
    + SequencePooling.allCases.map { InventedArchitecture.postNorm($0) }
    + [
      BERT(
        vocabularySize: words, hiddenSize: 24, layers: 2, heads: 4, innerSize: 20,
        maximumPositions: 16, tokenTypes: 2, activation: .gelu, hiddenDropout: 0.1,
        attentionDropout: 0.1, classifierDropout: 0.1, layerNormEpsilon: 1e-12,
        initializerRange: 0.02, paddingID: 0),
      RoBERTa(
        .xlmRoberta,
        encoder: BERT(
          vocabularySize: words, hiddenSize: 24, layers: 2, heads: 4, innerSize: 20,
          maximumPositions: 16, tokenTypes: 2, activation: .gelu, hiddenDropout: 0.1,
          attentionDropout: 0.1, classifierDropout: 0.1, layerNormEpsilon: 1e-5,
          initializerRange: 0.02, paddingID: 1)),
      ELECTRA(
        encoder: BERT(
          vocabularySize: words, hiddenSize: 24, layers: 1, heads: 3, innerSize: 20,
          maximumPositions: 16, tokenTypes: 2, activation: .relu, hiddenDropout: 0.1,
          attentionDropout: 0.1, classifierDropout: 0.1, layerNormEpsilon: 1e-12,
          initializerRange: 0.02, paddingID: 0), embeddingSize: 10),
      ModernBERT(
        vocabularySize: words, hiddenSize: 24, layerKinds: [.global, .local, .global], heads: 3,
        innerSize: 20, maximumPositions: 16, window: 6, globalBase: 900, localBase: 40,
        activation: .gelu, headActivation: .gelu, poolsMean: false, normEpsilon: 1e-5,
        initializerRange: 0.02, paddingID: 0),
      MPNet(
        vocabularySize: words, hiddenSize: 24, layers: 3, heads: 3, innerSize: 20,
        positionRows: 16, activation: .gelu, hiddenDropout: 0.1, attentionDropout: 0.1,
        layerNormEpsilon: 1e-5, initializerRange: 0.02, paddingID: 1),
      DeBERTa.small(words, keys: true, queries: true, shared: true, buckets: 6),
      DeBERTa.small(words, keys: true, queries: false, shared: false, buckets: nil),
      DeBERTa.small(words, keys: false, queries: true, shared: false, buckets: 4),
      DeBERTa.small(words, keys: true, queries: true, shared: true, buckets: 6, convolution: 3),
    ] + DecoderModels.all(vocabularySize: words)

  static let sequences: [(ids: [Int], types: [Int])] = [1, 7, 12, 3].enumerated().map {
    (member, length) in
    (
      (0..<length).map { (member * 13 + $0 * 7 + 1) % words },
      (0..<length).map { $0 > length / 2 ? 1 : 0 }
    )
  }

  private func batch() -> PackedBatch { Self.batch(Array(Self.sequences.indices)) }

  /// The sequences of these numbers, whose rows are those of all sequences.
  static func batch(_ numbers: [Int]) -> PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, sequence) in Self.sequences.enumerated() {
      defer { row += sequence.ids.count }
      guard numbers.contains(member) else { continue }
      batch.append(member: member, firstRow: row) { ids, types in
        ids += sequence.ids.map(Int32.init)
        types += sequence.types.map(Int32.init)
      }
    }
    return batch
  }

  private func model(_ number: Int) throws -> CrossEncoder {
    try CrossEncoder(random: Self.all[number], words: Self.words)
  }

  private func naive(_ model: CrossEncoder) -> NaiveModel { Self.naive(model) }

  /// The same computation in double precision.
  static func naive(_ model: CrossEncoder) -> NaiveModel {
    let values = model.parameters.table.entries.map { entry in
      (entry.name, model.parameters.array(of: entry.parameter).map(Double.init))
    }
    return NaiveModel(blueprint: model.blueprint, values: Dictionary(uniqueKeysWithValues: values))
  }

  @Test(arguments: all.indices)
  func scores(_ number: Int) throws {
    let model = try model(number)
    let naive = naive(model)
    let expected = Self.sequences.map { naive.score($0.ids, types: $0.types) }
    // Without gradients memory is given back on the way: both ways have to read the same values.
    for isRecording in [false, true] {
      var tape = Tape(
        model.parameters,
        gradients: isRecording ? Storage(count: model.parameters.table.count) : nil)
      let placed = PlacedBatch(batch(), on: &tape)
      let scores = tape.array(of: model.scores(placed, on: &tape))
      for (score, right) in zip(scores, expected) {
        #expect(abs(Double(score) - right) < 2e-5, "\(scores) for \(expected)")
      }
      #expect(Set(scores).count == scores.count)
    }
  }

  /// The gradient of Σ wᵢ · scoreᵢ by some values of every parameter, against central differences of
  /// the naive model in double precision, whose own error is below 1e-8.
  @Test(arguments: all.indices)
  func gradients(_ number: Int) throws {
    let model = try model(number)
    let weights: [Float] = [0.5, -1, 0.75, 1.25]
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    let placed = PlacedBatch(batch(), on: &tape)
    tape.backward(from: model.scores(placed, on: &tape), gradient: weights.span)

    var naive = naive(model)
    func sum() -> Double {
      zip(Self.sequences, weights).reduce(0) {
        $0 + Double($1.1) * naive.score($1.0.ids, types: $1.0.types)
      }
    }
    let step = 1e-4
    var largest = 0.0
    for entry in model.parameters.table.entries {
      let own = gradients.floats[entry.parameter.range].array
      // The largest of a parameter's gradients is one that its formula cannot miss.
      let places = own.indices.sorted { abs(own[$0]) > abs(own[$1]) }
      for place in [places[0], places[places.count / 3], places[places.count / 2]] {
        let value = naive.values[entry.name]?[place] ?? 0
        naive.values[entry.name]?[place] = value + step
        let above = sum()
        naive.values[entry.name]?[place] = value - step
        let difference = (above - sum()) / (2 * step)
        naive.values[entry.name]?[place] = value
        largest = max(largest, abs(difference))
        #expect(
          abs(difference - Double(own[place])) < 5e-5 * max(1, abs(difference)),
          "\(entry.name)[\(place)]: \(own[place]), differences say \(difference)")
      }
    }
    #expect(largest > 0.1)
  }

  /// Of what is frozen from the bottom up nothing is recorded, and the rest has the same gradients.
  @Test(arguments: [0, 4, 8, all.count - 4, all.count - 1])
  func freezing(_ number: Int) throws {
    let model = try model(number)
    func gradients(_ frozen: FrozenParts) -> [String: [Float]] {
      let gradients = Storage(count: model.parameters.table.count)
      var tape = Tape(model.parameters, gradients: gradients)
      let placed = PlacedBatch(batch(), on: &tape)
      let weights: [Float] = [0.5, -1, 0.75, 1.25]
      tape.backward(from: model.scores(placed, frozen: frozen, on: &tape), gradient: weights.span)
      return Dictionary(
        uniqueKeysWithValues: model.parameters.table.entries.map {
          ($0.name, gradients.floats[$0.parameter.range].array)
        })
    }
    let parts = FrozenParts(embeddings: true, layers: [0])
    let (whole, some) = (gradients(FrozenParts()), gradients(parts))
    var count = 0
    for (name, values) in some {
      if model.isFrozen(name, by: parts) {
        count += 1
      } else if !name.hasSuffix("bias.weight"), !name.hasPrefix("deberta.encoder.rel_"),
        !name.hasPrefix("deberta.encoder.LayerNorm")
      {
        // Tables that layers share have gradients from the trained ones alone.
        let isSame = values == whole[name]
        #expect(isSame, "\(name)")
      }
    }
    let embeddings = model.parameters.table.entries.count {
      model.isFrozen($0.name, by: FrozenParts(embeddings: true))
    }
    #expect(embeddings > 0 && count > embeddings && count < some.count)
    #expect(some[model.blueprint.embeddings.words.name + ".weight"]?.allSatisfy { $0 == 0 } == true)
    #expect(model.allParts.layers.count == model.blueprint.layers.count)
  }

  @Test func whatLayersShareIsFrozenWithAllOfThem() throws {
    let model = try model(4)
    #expect(!model.isFrozen("old.bias.weight", by: FrozenParts(embeddings: true, layers: [0])))
    #expect(model.isFrozen("old.bias.weight", by: FrozenParts(layers: [0, 1])))
  }

  /// A norm of a new head passes on what it normalizes.
  @Test func initialValues() throws {
    let model = try model(0)
    let values = Dictionary(
      uniqueKeysWithValues: model.parameters.table.entries.map {
        ($0.name, InitialValues(of: $0, in: model.blueprint))
      })
    #expect(values["head.norm.weight"] == .ones && values["head.norm.bias"] == .zeros)
    #expect(values["classifier.weight"] == .normal && values["classifier.bias"] == .zeros)
  }
}

extension DeBERTa {
  /// A model of narrow embeddings with positions and types.
  fileprivate static func small(
    _ words: Int, keys: Bool, queries: Bool, shared: Bool, buckets: Int?,
    convolution: Int = 0
  ) -> DeBERTa {
    var model = DeBERTa(
      vocabularySize: words, hiddenSize: 24, embeddingSize: shared ? 10 : 24, layers: 2, heads: 3,
      innerSize: 20, maximumPositions: 16, hasPositions: shared, tokenTypes: shared ? 2 : 0,
      relative: Relative(
        span: buckets ?? 5, buckets: buckets, maximum: buckets == nil ? 5 : 9, hasKeys: keys,
        hasQueries: queries, sharesProjections: shared, isNormed: shared || keys),
      activation: .gelu, poolerActivation: shared ? .activation(.gelu) : .tanh,
      hiddenDropout: 0.1, attentionDropout: 0.1, dropsPooled: shared, classifierDropout: 0.1,
      layerNormEpsilon: 1e-7, initializerRange: 0.02, paddingID: 0)
    model.convolutionWidth = convolution
    return model
  }
}

extension InventedArchitecture {
  /// Norms behind, narrow tables with a projection, positions that begin behind rows of the table,
  /// one table of biases by distance for all layers, a causal mask. ELECTRA, XLM-R and MPNet have
  /// these parts.
  fileprivate static func postNorm(_ pooling: SequencePooling) -> Self {
    let (words, width, positions) = (NaiveModelTests.words, 24, 32)
    func norm(_ name: String) -> NormBlueprint { NormBlueprint(name, epsilon: 1e-5) }
    let layers = (0..<2).map { number in
      let name = "old.layer.\(number)."
      return LayerBlueprint(
        name, norms: .post,
        AttentionBlueprint(
          .separate(
            query: DenseBlueprint(name + "q", from: width, to: width),
            key: DenseBlueprint(name + "k", from: width, to: width),
            value: DenseBlueprint(name + "v", from: width, to: width)),
          output: DenseBlueprint(name + "o", from: width, to: width), norm: norm(name + "norm1"),
          heads: 3, headWidth: 8, mask: number == 0 ? .causal : .full,
          positions: .relative(
            name: "old.bias", buckets: 8, maximumDistance: 6, isBidirectional: true)),
        FeedForwardBlueprint(
          .plain(DenseBlueprint(name + "up", from: width, to: 14)),
          down: DenseBlueprint(name + "down", from: 14, to: width), activation: .geluTanh,
          norm: norm(name + "norm2")))
    }
    var other = Self(vocabularySize: words)
    other.blueprint = Blueprint(
      embeddings: EmbeddingBlueprint(
        "old.tables.", width: 16, words: TableBlueprint("old.tables.words", rows: words),
        positions: TableBlueprint("old.tables.places", rows: positions + 2, offset: 2),
        types: TableBlueprint("old.tables.types", rows: 2), norm: norm("old.tables.norm"),
        projection: DenseBlueprint("old.tables.projection", from: 16, to: width)),
      layers: layers, pooling: pooling,
      head: [
        .dropout, .dense(DenseBlueprint("top.dense", from: width, to: width)), .activation(.silu),
        .dense(DenseBlueprint("top.score", from: width, to: 1)),
      ],
      names: WeightNaming(
        prefix: "old.", encoderParts: ["tables.", "layer.", "bias."],
        family: "Other"),
      maximumPositions: positions, hiddenDropout: 0, attentionDropout: 0, headDropout: 0,
      initializerRange: 0.02)
    return other
  }
}
