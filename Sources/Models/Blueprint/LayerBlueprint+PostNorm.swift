import Tensors

extension LayerBlueprint {
  /// The names of the parts of a post-norm layer, after the layer's own prefix. They are all that
  /// BERT's layers and those of several later families differ in.
  struct PostNormNames {
    var query: String
    var key: String
    var value: String
    var attentionOutput: String
    var attentionNorm: String
    var up: String
    var down: String
    var norm: String
  }

  /// The sizes and settings of a post-norm layer.
  struct PostNormSettings {
    var hiddenSize: Int
    var innerSize: Int
    var heads: Int
    var activation: Activation
    var epsilon: Float
    var positions = AttentionBlueprint.Positions.none
  }

  /// BERT's layer: separate projections of one width, a plain feed-forward layer, biases
  /// everywhere, and LayerNorm after each residual sum.
  static func postNorm(
    _ name: String, _ names: PostNormNames, _ settings: PostNormSettings
  ) -> LayerBlueprint {
    let (width, inner) = (settings.hiddenSize, settings.innerSize)
    func square(_ part: String) -> DenseBlueprint {
      DenseBlueprint(name + part, from: width, to: width)
    }
    func norm(_ part: String) -> NormBlueprint {
      NormBlueprint(name + part, epsilon: settings.epsilon)
    }
    return LayerBlueprint(
      name, norms: .post,
      AttentionBlueprint(
        .separate(
          query: square(names.query), key: square(names.key), value: square(names.value)),
        output: square(names.attentionOutput), norm: norm(names.attentionNorm),
        heads: settings.heads, headWidth: width / settings.heads, positions: settings.positions),
      FeedForwardBlueprint(
        .plain(DenseBlueprint(name + names.up, from: width, to: inner)),
        down: DenseBlueprint(name + names.down, from: inner, to: width),
        activation: settings.activation, norm: norm(names.norm)))
  }
}
