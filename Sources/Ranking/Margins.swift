/// How far below its query's positive the score of a negative has to be.
public struct Margins: Sendable, Equatable {
  /// At least so much: positive − negative ≥ `absolute`.
  public var absolute: Double?
  /// At least this share of the positive's size: negative ≤ positive − |positive| · `relative`. For
  /// positive scores that is negative ≤ positive · (1 − `relative`), where 0.05 is the rule of
  /// 95 % of NV-Retriever (Moreira et al. 2024); a score below 0 gets lower, not higher, as well.
  public var relative: Double?

  /// Margins; nil for none.
  public init(absolute: Double? = nil, relative: Double? = nil) {
    self.absolute = absolute
    self.relative = relative
  }

  /// Whether there is a margin.
  package var isAsked: Bool { absolute != nil || relative != nil }

  /// Which margin it is.
  package enum Kind: Sendable { case absolute, relative }

  /// The margin that a negative's score is too close for, or nil. A score that is not a number
  /// breaks every margin. Computed in the precision of the scores.
  package func broken<Score: BinaryFloatingPoint>(
    by negative: Score, positive: Score
  ) -> Kind? {
    if let absolute, !(positive - negative >= Score(absolute)) { return .absolute }
    if let relative, !(negative <= positive - positive.magnitude * Score(relative)) {
      return .relative
    }
    return nil
  }
}
