import Autodiff
import Diagnostics
import Models
import Tensors

/// A family that no file has: everything that a blueprint can say and BERT's does not. Norms in front
/// of sublayers and none before the first attention, RMSNorm, projections in one matrix or apart,
/// fewer heads for keys, rotations in some layers and biases by distance in others, a window, gates,
/// tables narrower than the layers, and a head with an activation and a norm.
struct InventedArchitecture: Architecture {
  static let modelTypes = ["invented"]
  static let name = "invented model"
  static let examples = "none"
  static let classPrefix = "Invented"

  static func check(_ keys: ConfigurationKeys) throws(Failure) {}
  static func notice(_ keys: ConfigurationKeys) -> String? { nil }

  var blueprint: Blueprint

  init(_ keys: ConfigurationKeys) throws(Failure) { self.init(vocabularySize: 1) }

  init(vocabularySize: Int, pooling: SequencePooling = .mean) {
    let (width, narrow, inner, heads, keyHeads, head) = (24, 16, 20, 4, 2, 6)
    let (queries, keys) = (heads * head, keyHeads * head)
    func norm(_ name: String, _ kind: NormKind = .rms) -> NormBlueprint {
      NormBlueprint(name, kind, hasBias: kind == .layer, epsilon: 1e-5)
    }
    func layer(_ number: Int) -> LayerBlueprint {
      let name = "model.layers.\(number)."
      func dense(_ part: String, _ inputs: Int, _ outputs: Int, bias: Bool = false)
        -> DenseBlueprint
      {
        DenseBlueprint(name + part, from: inputs, to: outputs, hasBias: bias)
      }
      let isGlobal = number % 2 == 0
      let projection: AttentionBlueprint.Projection =
        isGlobal
        ? .joined(dense("attention.all", width, queries + 2 * keys))
        : .separate(
          query: dense("attention.q", width, queries, bias: true),
          key: dense("attention.k", width, keys, bias: true),
          value: dense("attention.v", width, keys, bias: true))
      return LayerBlueprint(
        name, norms: .pre,
        AttentionBlueprint(
          projection, output: dense("attention.out", queries, width),
          norm: number == 0 ? nil : norm(name + "attention_norm"), heads: heads,
          keyValueHeads: keyHeads, headWidth: head, mask: isGlobal ? .full : .window(radius: 3),
          positions: isGlobal
            ? .rotary(base: 10_000)
            : .relative(name: "model.bias", buckets: 8, maximumDistance: 16, isBidirectional: true)),
        FeedForwardBlueprint(
          isGlobal
            ? .joined(dense("feed.in", width, 2 * inner))
            : .gated(gate: dense("feed.gate", width, inner), up: dense("feed.up", width, inner)),
          down: dense("feed.down", inner, width, bias: true), activation: isGlobal ? .gelu : .silu,
          norm: norm(name + "feed_norm")))
    }
    blueprint = Blueprint(
      embeddings: EmbeddingBlueprint(
        "model.embeddings.", width: narrow,
        words: TableBlueprint("model.embeddings.tokens", rows: vocabularySize),
        norm: norm("model.embeddings.norm", .layer),
        projection: DenseBlueprint("model.embeddings.projection", from: narrow, to: width)),
      layers: (0..<4).map(layer), finalNorm: norm("model.final_norm"), pooling: pooling,
      head: [
        .dense(DenseBlueprint("head.dense", from: width, to: 10, hasBias: false)),
        .activation(.geluTanh), .norm(norm("head.norm", .layer)), .dropout,
        .dense(DenseBlueprint("classifier", from: 10, to: 1)),
      ],
      names: WeightNaming(
        prefix: "model.", encoderParts: ["embeddings.", "layers.", "final_norm."], family: Self.name
      ),
      maximumPositions: 64, hiddenDropout: 0.2, attentionDropout: 0.1, headDropout: 0.3,
      initializerRange: 0.3)
  }

  mutating func replaceDropout(by rate: Float) {
    (blueprint.hiddenDropout, blueprint.attentionDropout) = (rate, rate)
    (blueprint.embeddingDropout, blueprint.attentionOutputDropout) = (rate, rate)
    blueprint.headDropout = rate
  }

  mutating func keep(layers: [Int]) {
    blueprint.layers = layers.map { blueprint.layers[$0] }
  }

  var exported: ExportedFamily {
    ExportedFamily(members: [:], className: "InventedForSequenceClassification", llamaName: nil)
  }
}
