/// The first step of a decoder behind an encoder (T5: Raffel et al., 2020): one token, with which
/// every sequence begins, attends to the encoder's states of its sequence.
///
/// A score that is a logit of this step needs no other token of the decoder. A token that attends to
/// itself alone has its own value as the result, whatever its query, its key and a bias by distance
/// are: these parameters stay in files and have gradients of zero.
public struct FirstStepBlueprint: Sendable, Equatable {
  /// One layer: attention of the token to itself, attention to the encoder's states, and a
  /// feed-forward layer, each behind a norm and with a residual connection.
  public struct Layer: Sendable, Equatable {
    /// The prefix of all parameter names.
    public var name: String
    /// Attention of the token to itself.
    public var selfAttention: AttentionBlueprint
    /// Attention of the token to the encoder's states.
    public var crossAttention: AttentionBlueprint
    /// The feed-forward layer.
    public var feedForward: FeedForwardBlueprint

    package init(
      _ name: String, selfAttention: AttentionBlueprint, crossAttention: AttentionBlueprint,
      _ feedForward: FeedForwardBlueprint
    ) {
      (self.name, self.selfAttention, self.crossAttention) = (name, selfAttention, crossAttention)
      self.feedForward = feedForward
    }
  }

  /// The prefix of all parameter names.
  public var name: String
  /// The id of the token, a row of the encoder's token embeddings.
  public var start: Int
  /// The layers, from the bottom up.
  public var layers: [Layer]
  /// The norm behind the last layer.
  public var finalNorm: NormBlueprint

  package init(_ name: String, start: Int, layers: [Layer], finalNorm: NormBlueprint) {
    (self.name, self.start, self.layers, self.finalNorm) = (name, start, layers, finalNorm)
  }
}

extension Blueprint {
  /// The same encoder without a decoder behind it, whose tensors files may have.
  package var encoderAlone: Blueprint {
    guard let decoder else { return self }
    var blueprint = self
    blueprint.decoder = nil
    blueprint.languageHead = nil
    blueprint.names.unusedParts.append(decoder.name)
    return blueprint
  }
}
