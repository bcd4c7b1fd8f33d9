/// The minimum distance of a negative's score below that of its query's positive.
public struct Margins: Sendable, Equatable {
  /// An absolute distance: positive − negative ≥ `absolute`.
  public var absolute: Double?
  /// A distance relative to the positive's magnitude: negative ≤ positive − |positive| ·
  /// `relative`. For positive scores that is negative ≤ positive · (1 − `relative`), where 0.05 is
  /// NV-Retriever's 95 % rule (Moreira et al. 2024); for positive scores below 0 the limit also is
  /// below the positive, not above.
  public var relative: Double?

  /// Margins; nil for none.
  public init(absolute: Double? = nil, relative: Double? = nil) {
    self.absolute = absolute
    self.relative = relative
  }

  /// Whether there is any margin.
  package var isAsked: Bool { absolute != nil || relative != nil }

  /// The kind of a margin.
  package enum Kind: Sendable { case absolute, relative }

  /// The margin that a negative's score violates, or nil. NaN violates every margin. Computed in
  /// the precision of the scores.
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
