public import Diagnostics

/// A reranker's score and the first stage's, added after each has been brought to mean 0 and
/// deviation 1 over a query's candidates, since their scales have nothing to do with each other.
public struct Fusion: Sendable, Equatable {
  /// The share of the first stage: 0 leaves the model alone, 1 the first stage.
  public let weight: Double

  /// A fusion with a weight from 0 to 1.
  public init(weight: Double) {
    precondition((0...1).contains(weight), "Fusion: the weight is from 0 to 1")
    self.weight = weight
  }

  /// (1 − weight) · z(model) + weight · z(first stage), candidate by candidate, `[n]`.
  public func scores(model: [Double], firstStage: [Double]) -> [Double] {
    precondition(model.count == firstStage.count, "Fusion: scores of different candidates")
    return zip(ScoreScales.standard(model), ScoreScales.standard(firstStage)).map {
      (1 - weight) * $0 + weight * $1
    }
  }
}

extension Fusion {
  /// One query's candidates with both scores and all its judgments.
  public struct Candidates: Sendable {
    /// The documents' ids, `[n]`.
    public var documents: [String]
    /// The model's scores, `[n]`.
    public var model: [Double]
    /// The first stage's scores, `[n]`.
    public var firstStage: [Double]
    /// Every judged document's grade, candidate or not.
    public var judgments: [String: Double]

    /// Candidates with their scores.
    public init(
      documents: [String], model: [Double], firstStage: [Double], judgments: [String: Double]
    ) {
      self.documents = documents
      self.model = model
      self.firstStage = firstStage
      self.judgments = judgments
    }
  }

  /// The weights tried: 0, 0.05 … 1.
  public static let grid = (0...20).map { Double($0) / 20 }

  /// The weight of the grid with the highest mean of `measure` over the queries; of equally good
  /// ones the smallest; 0 where there are no queries.
  ///
  /// - Throws: `badData` where a document comes twice for a query or a score is not a number.
  public static func best(
    over grid: [Double] = grid, queries: [Candidates], measure: Measure
  ) throws(Failure) -> Double {
    var best: (weight: Double, sum: Double)?
    for weight in grid.sorted() {
      let fusion = Fusion(weight: weight)
      var sum = 0.0
      for query in queries {
        let scores = fusion.scores(model: query.model, firstStage: query.firstStage)
        let ranked = try RankedQuery(
          zip(query.documents, scores).map { ($0, $1) }, judgments: query.judgments)
        sum += measure.value(of: ranked)
      }
      if sum > best?.sum ?? -.infinity { best = (weight, sum) }
    }
    return best?.weight ?? 0
  }
}
