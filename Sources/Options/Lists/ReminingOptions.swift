/// How the first stage's candidates, or those of given lists, are refreshed between epochs.
public struct ReminingOptions: Sendable, Equatable {
  /// After how many epochs candidates are scored again.
  public var epochs: Int
  /// How many of a query's candidates lists are drawn from: those that the model scores highest.
  public var hardest: Int
  /// How far below a query's best positive, as a share of its score, a candidate has to be; nil for
  /// any distance.
  public var relativeMargin: Double?

  /// Options.
  public init(epochs: Int = 1, hardest: Int = 16, relativeMargin: Double? = 0.05) {
    precondition(epochs > 0 && hardest > 0)
    self.epochs = epochs
    self.hardest = hardest
    self.relativeMargin = relativeMargin
  }
}
