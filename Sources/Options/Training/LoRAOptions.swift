/// `model.lora`: low-rank adapters of the encoder's linear layers, which are trained with the score
/// head in place of the encoder's own weights (Hu et al., 2022).
public struct LoRAOptions: Sendable, Equatable {
  /// The rank of an adapter.
  public var rank = 16
  /// The factor of an adapter is alpha / rank.
  public var alpha = 32.0
  /// Whether the factor is alpha / √rank instead (rsLoRA: Kalajdzievski, 2023).
  public var isRankStabilized = false
  /// The dropout rate of what adapters read.
  public var dropout = 0.0
  /// The linear layers with adapters, by the last parts of their names; empty for all.
  public var targets: [String] = []
  /// The layers of the encoder with adapters, from 0; empty for all.
  public var layers: [ClosedRange<Int>] = []

  /// Adapters of all linear layers.
  public init() {}
}
