/// `model.exits`: scores after some of the layers below the last, trained with the model's own.
public struct ExitOptions: Sendable, Equatable {
  /// The head of an exit.
  public enum Head: String, Sendable, CaseIterable {
    /// A head of its own, which starts as a copy of the model's.
    case own
    /// The model's head.
    case shared
  }

  /// The numbers of layers after which there is an exit, in ascending order.
  public var layers: [Int] = []
  /// The head of an exit.
  public var head = Head.own
  /// The weights of the exits' losses, beside 1 for the last layer's: one for all of them, or one for
  /// each.
  public var weights = [0.5]
  /// How much the selecting measure may fall on dev when candidates leave at exits.
  public var loss = 0.002

  /// No exits.
  public init() {}

  /// The weight of the loss of an exit, by its place among the layers.
  public func weight(of exit: Int) -> Double { weights.count == 1 ? weights[0] : weights[exit] }
}
