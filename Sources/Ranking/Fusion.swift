public import Diagnostics

/// The weighted sum of a reranker's score and the first stage's. Each is standardised over a
/// query's candidates first (mean 0, standard deviation 1), since their scales are unrelated.
public struct Fusion: Sendable, Equatable {
  /// The weight of the first stage: 0 uses only the model, 1 only the first stage.
  public let weight: Double

  /// A fusion with a weight in 0…1.
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
    /// The grades of all judged documents, candidates or not.
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

  /// The weights that `best` tries: 0, 0.05 … 1.
  public static let grid = (0...20).map { Double($0) / 20 }

  /// The weight of the grid with the highest mean of `measure` over the queries; on ties the
  /// smallest; 0 without queries.
  ///
  /// - Throws: `badData` if a query has a duplicate document or a score is NaN.
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
