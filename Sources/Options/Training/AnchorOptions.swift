/// The pull of the base model's scores on those of the model that is trained.
public struct AnchorOptions: Sendable, Equatable {
  /// How far the scores of a list are from the base's.
  public enum Distance: String, Sendable, CaseIterable {
    /// KL(softmax(base / temperature) ‖ softmax(model / temperature)), mean over lists.
    case kl
    /// The squared difference of the scores themselves, mean over documents.
    case mse
  }

  /// The distance.
  public var distance = Distance.kl
  /// The factor of the distance in the sum with the loss, above 0.
  public var weight = 0.5
  /// The divisor of the scores of both models in `kl`.
  public var temperature = 1.0

  /// The default options.
  public init() {}
}
