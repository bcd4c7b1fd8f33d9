/// A cascade within a model: which candidates of a query leave at its exits, and the scores that they
/// then get.
public struct ExitCascade: Sendable, Equatable {
  /// An exit at which candidates leave.
  public struct Stop: Sendable, Equatable {
    /// The number of layers before the exit.
    public var layer: Int
    /// The share of a query's candidates that go on.
    public var share: Double
    /// The line that maps the exit's scores onto those of the last layer; the slope is above 0.
    public var slope: Double
    /// The constant of that line.
    public var intercept: Double

    /// A stop.
    public init(layer: Int, share: Double, slope: Double = 1, intercept: Double = 0) {
      (self.layer, self.share, self.slope, self.intercept) = (layer, share, slope, intercept)
    }
  }

  /// The exits, from the bottom up.
  public var stops: [Stop]
  /// The number of candidates that go on at least: the order of the first ones is that of the last
  /// layer, which the choice of shares was measured by.
  public var least: Int

  /// A cascade over exits in ascending order of their layers.
  public init(_ stops: [Stop], least: Int = Self.usualLeast) {
    (self.stops, self.least) = (stops, least)
  }

  /// The number of candidates that go on at least.
  public static let usualLeast = 10

  /// The number of candidates that go on at a stop, of `count` candidates of a query before the first
  /// stop.
  public func kept(at stop: Int, of count: Int) -> Int {
    // 0.7 · 10 is a little more than 7 in binary.
    let share = (stops[stop].share * Double(count) - 1e-9).rounded(.up)
    return min(count, max(Int(share), least))
  }

  /// Of some candidates of a query, those that go on at a stop: the ones with the highest scores, of
  /// equal ones the first. A score that is not a number is the lowest.
  ///
  /// - Parameters:
  ///   - candidates: the numbers of the candidates that reached the stop.
  ///   - count: the number of the query's candidates before the first stop.
  ///   - score: the score of a candidate at the stop.
  public func survivors(
    of candidates: [Int], at stop: Int, ofQueryWith count: Int, score: (Int) -> Float
  ) -> [Int] {
    let kept = kept(at: stop, of: count)
    guard kept < candidates.count else { return candidates }
    func rank(_ candidate: Int) -> Float {
      let score = score(candidate)
      return score.isNaN ? -.infinity : score
    }
    let order = candidates.sorted { (rank($1), $0) < (rank($0), $1) }
    return order.prefix(kept).sorted()
  }

  /// One score for each candidate of a query: that of the last layer for those that reached it, and
  /// below all of them those that left, the ones that left later first.
  ///
  /// The scores of those that left at one exit are mapped onto the scale of the last layer. If the
  /// highest of them is not below the lowest of the candidates that went on, all of them are lowered
  /// by the difference, so that they keep their distances; equal numbers after rounding are moved
  /// apart, unless they were equal before.
  ///
  /// - Parameter scores: the scores of each candidate, `[stages]`: at every stop that it reached, and
  ///   of the last layer if it did.
  public func merged(_ scores: [[Float]]) -> [Float] {
    var result = scores.map { $0.last ?? 0 }
    var floor = Float.infinity
    for stage in (0...stops.count).reversed() {
      let members = scores.indices.filter { scores[$0].count == stage + 1 }
      guard !members.isEmpty else { continue }
      if stage < stops.count {
        let stop = stops[stage]
        let mapped = members.map { stop.slope * Double(scores[$0][stage]) + stop.intercept }
        let top = mapped.max() ?? 0
        let limit = Double(floor.nextDown)
        let shift = top > limit ? top - limit : 0
        let order = members.indices.sorted { mapped[$0] > mapped[$1] }
        var last: (mapped: Double, value: Float)?
        for place in order {
          var value = min(Float(mapped[place] - shift), floor.nextDown)
          if let last {
            value = last.mapped == mapped[place] ? last.value : min(value, last.value.nextDown)
          }
          last = (mapped[place], value)
          result[members[place]] = value
        }
      }
      floor = min(floor, members.map { result[$0] }.min() ?? floor)
    }
    return result
  }

  /// The share of the layers' work that a query's candidates do, of a model with this many layers;
  /// embeddings and heads count nothing.
  public func work(layers: Int, candidates count: Int) -> Double {
    var (work, left, below) = (0, count, 0)
    for (number, stop) in stops.enumerated() {
      work += left * (stop.layer - below)
      (left, below) = (min(left, kept(at: number, of: count)), stop.layer)
    }
    work += left * (layers - below)
    return Double(work) / Double(max(layers * count, 1))
  }
}
