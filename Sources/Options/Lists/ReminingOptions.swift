/// The refresh, between epochs, of the first stage's candidates or of those of given lists.
public struct ReminingOptions: Sendable, Equatable {
  /// The number of epochs between two refreshes.
  public var epochs: Int
  /// The number of candidates per query that lists are drawn from: the ones with the highest model
  /// scores.
  public var hardest: Int
  /// The minimum distance of a candidate's score from that of the query's best positive, as a share
  /// of the latter; nil for no minimum.
  public var relativeMargin: Double?

  /// Options of the refresh.
  public init(epochs: Int = 1, hardest: Int = 16, relativeMargin: Double? = 0.05) {
    precondition(epochs > 0 && hardest > 0)
    self.epochs = epochs
    self.hardest = hardest
    self.relativeMargin = relativeMargin
  }
}
