import Tensors

/// A family with BERT's layers, under names of its own.
protocol PostNormFamily {
  /// The names of the parts of a layer.
  static var layerNames: LayerBlueprint.PostNormNames { get }
  /// The width of a token's representation.
  var hiddenSize: Int { get }
  /// The width between the two products of a feed-forward layer.
  var innerSize: Int { get }
  /// The number of attention heads per layer.
  var heads: Int { get }
  /// The activation of the feed-forward layers.
  var activation: Activation { get }
  /// The constant that LayerNorm adds to the variance.
  var layerNormEpsilon: Float { get }
}

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
}

extension PostNormFamily {
  /// BERT's layer: separate projections of one width, a plain feed-forward layer, biases
  /// everywhere, and LayerNorm after each residual sum.
  func postNormLayer(
    _ name: String, positions: AttentionBlueprint.Positions = .none
  ) -> LayerBlueprint {
    let (names, width, inner) = (Self.layerNames, hiddenSize, innerSize)
    func square(_ part: String) -> DenseBlueprint {
      DenseBlueprint(name + part, from: width, to: width)
    }
    func norm(_ part: String) -> NormBlueprint {
      NormBlueprint(name + part, epsilon: layerNormEpsilon)
    }
    return LayerBlueprint(
      name, norms: .post,
      AttentionBlueprint(
        .separate(
          query: square(names.query), key: square(names.key), value: square(names.value)),
        output: square(names.attentionOutput), norm: norm(names.attentionNorm),
        heads: heads, headWidth: width / heads, positions: positions),
      FeedForwardBlueprint(
        .plain(DenseBlueprint(name + names.up, from: width, to: inner)),
        down: DenseBlueprint(name + names.down, from: inner, to: width),
        activation: activation, norm: norm(names.norm)))
  }
}
