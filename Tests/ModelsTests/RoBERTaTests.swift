import Autodiff
import Batches
import Models
import Tensors
import Testing
import Tokenization

/// What RoBERTa adds to BERT's encoder. `NaiveModelTests` compares its scores and gradients with those
/// in double precision.
@Suite struct RoBERTaTests {
  private static let width = 12
  private static let padding = 3

  private static let family = RoBERTa(
    .camembert,
    encoder: BERT(
      vocabularySize: 30, hiddenSize: width, layers: 1, heads: 3, innerSize: 20,
      maximumPositions: 16, tokenTypes: 1, activation: .gelu, hiddenDropout: 0.1,
      attentionDropout: 0.1, classifierDropout: 0.1, layerNormEpsilon: 1e-5,
      initializerRange: 0.02, paddingID: padding))

  /// The names and shapes of `RobertaForSequenceClassification` of transformers.
  @Test func parameters() {
    var table = ParameterTable()
    _ = CrossEncoderLayers(Self.family, in: &table)
    let shapes = Dictionary(
      uniqueKeysWithValues: table.entries.map { ($0.name, $0.parameter.shape.array) })
    let (width, inner) = (Self.width, 20)
    var expected = [
      "roberta.embeddings.word_embeddings.weight": [30, width],
      "roberta.embeddings.position_embeddings.weight": [16, width],
      "roberta.embeddings.token_type_embeddings.weight": [1, width],
      "roberta.embeddings.LayerNorm.weight": [width], "roberta.embeddings.LayerNorm.bias": [width],
      "classifier.dense.weight": [width, width], "classifier.dense.bias": [width],
      "classifier.out_proj.weight": [1, width], "classifier.out_proj.bias": [1],
    ]
    let layer = "roberta.encoder.layer.0."
    for (name, from, to) in [
      ("attention.self.query", width, width), ("attention.self.key", width, width),
      ("attention.self.value", width, width), ("attention.output.dense", width, width),
      ("intermediate.dense", width, inner), ("output.dense", inner, width),
    ] {
      expected[layer + name + ".weight"] = [to, from]
      expected[layer + name + ".bias"] = [to]
    }
    for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
      expected[layer + name + ".weight"] = [width]
      expected[layer + name + ".bias"] = [width]
    }
    #expect(shapes == expected)
  }

  /// The first token has the row behind the padding token's, and each token after it the next one.
  @Test func positions() throws {
    #expect(Self.family.blueprint.maximumPositions == 16 - Self.padding - 1)
    var table = ParameterTable()
    let layers = CrossEncoderLayers(Self.family, in: &table)
    let parameters = Parameters(table)
    var state: UInt64 = 3
    for entry in table.entries {
      let isFactor = entry.name.hasSuffix("LayerNorm.weight")
      let values = parameters[entry.parameter]
      for i in 0..<values.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values[i] = (Float(state >> 40) / Float(1 << 24) - 0.5) * 0.8 + (isFactor ? 1 : 0)
      }
    }
    let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + (4..<30).map { "w\($0)" }
    let model = CrossEncoder(
      layers, parameters,
      tokenizer: try Tokenizer(
        vocabulary: Array(vocabulary.joined(separator: "\n").utf8), lowercase: true,
        stripsAccents: true, separatesIdeographs: true, name: "vocab.txt"),
      sidecar: ModelSidecar(place: "memory", files: [:]))
    func score(_ length: Int) -> Float {
      var batch = PackedBatch()
      batch.append(member: 0, firstRow: 0) { ids, types in
        for i in 0..<length {
          ids.append(Int32((i * 7 + 5) % 30))
          types.append(0)
        }
      }
      var tape = Tape(parameters)
      return tape.array(of: model.scores(PlacedBatch(batch, on: &tape), on: &tape))[0]
    }
    let rows = try #require(table["roberta.embeddings.position_embeddings.weight"])
    for length in [1, 5, Self.family.blueprint.maximumPositions] {
      let own = score(length)
      let read = (0..<16).filter { row in
        let values = parameters[rows.rows(row..<row + 1)]
        // Not the same for all columns, which the norm would take away.
        let kept = values[0]
        values[0] = kept + 1
        defer { values[0] = kept }
        return score(length) != own
      }
      let first = Self.padding + 1
      #expect(read == Array(first..<first + length), "of \(length) tokens")
    }
  }
}
