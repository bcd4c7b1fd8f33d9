import Ranking

/// The search for non-negative weights of signals that sum to 1: coordinate ascent on the measure
/// itself (Metzler and Croft 2007, "Linear feature-based models for information retrieval"), on the
/// points of the simplex whose weights are integer multiples of 1 / `total`.
///
/// Such measures are step functions of the weights, without gradients. A step moves weight from one
/// signal to another and is taken only if it raises the mean: the search stays at equal weights
/// where the judgments show no reason to leave them.
struct SignalSearch {
  private let queries: [SignalScores]
  private let measure: Measure
  /// The number of signals.
  let signals: Int
  /// The units that are shared out: about 20, and a multiple of the signals, so that equal weights
  /// are a point of the grid.
  let total: Int
  /// The values of the queries for weights that were tried, which the folds share.
  private var known: [[Int]: [Double]] = [:]

  init(_ queries: [SignalScores], signals: Int, measure: Measure) {
    self.queries = queries
    self.measure = measure
    self.signals = signals
    total = (20 + signals - 1) / signals * signals
  }

  /// Equal weights, in units.
  var equal: [Int] { .init(repeating: total / signals, count: signals) }

  /// The whole weight for one signal, in units.
  func single(_ signal: Int) -> [Int] { (0..<signals).map { $0 == signal ? total : 0 } }

  /// Weights that sum to 1.
  func weights(_ units: [Int]) -> [Double] { units.map { Double($0) / Double(total) } }

  /// The measure of each query, `[queries]`.
  mutating func values(_ units: [Int]) -> [Double] {
    if let values = known[units] { return values }
    let weights = weights(units)
    let values = queries.map { $0.measured(measure, weights: weights) }
    known[units] = values
    return values
  }

  /// The sum of the measure over some of the queries.
  private mutating func sum(_ units: [Int], over places: [Int]) -> Double {
    let values = values(units)
    return places.reduce(0) { $0 + values[$1] }
  }

  /// The best single signal on some of the queries; the first on ties.
  mutating func bestSingle(on places: [Int]) -> [Int] {
    var best = single(0)
    for signal in 1..<signals where sum(single(signal), over: places) > sum(best, over: places) {
      best = single(signal)
    }
    return best
  }

  /// Weights from which no move of weight between two signals raises the mean over some of the
  /// queries, reached from equal weights by the best move at each step.
  mutating func ascent(on places: [Int]) -> [Int] {
    var units = equal
    var value = sum(units, over: places)
    while true {
      var best: (units: [Int], value: Double)?
      for giver in 0..<signals where units[giver] > 0 {
        for taker in 0..<signals where taker != giver {
          // Halved amounts down to one unit: long moves leave plateaus, short ones refine.
          var amount = units[giver]
          while amount > 0 {
            var moved = units
            moved[giver] -= amount
            moved[taker] += amount
            let sum = sum(moved, over: places)
            // Rounding of sums must not pass for an improvement, which could go in circles.
            if sum > (best?.value ?? value) + 1e-9 { best = (moved, sum) }
            amount /= 2
          }
        }
      }
      guard let best else { return units }
      (units, value) = best
    }
  }
}
