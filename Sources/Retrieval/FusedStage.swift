public import Corpora
public import Diagnostics
import Ranking

/// Several first stages fused: a document's score is the weighted sum of its contributions from
/// each of them. Documents with equal scores are in the order of the first stage that has them.
public struct FusedStage: FirstStage {
  /// The contribution of a stage's ranking.
  public enum Method: Sendable, Equatable {
    /// 1 / (k + rank), with ranks from 1, and 0 for a document that the stage did not find
    /// (Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion Outperforms Condorcet and
    /// Individual Rank Learning Methods", with k = 60).
    case reciprocalRank(k: Double = 60)
    /// The score, normalised to the same scale for all stages. A document that the stage did not
    /// find contributes 0 on a scale of 0…1, or, with z-scores, as much as the last document found.
    case scores(Normalisation)
  }

  /// The normalisation of the scores of a query's documents.
  public enum Normalisation: Sendable, Equatable {
    /// From 0 for the lowest to 1 for the highest; 1 if all are the same.
    case minMax
    /// Minus the mean, divided by the standard deviation; 0 if all are the same.
    case zScore
  }

  /// A stage with the weight of its ranking.
  public struct Part {
    /// The stage.
    public var stage: any FirstStage
    /// Its weight.
    public var weight: Double

    /// A stage with its weight.
    public init(_ stage: any FirstStage, weight: Double = 1) {
      self.stage = stage
      self.weight = weight
    }
  }

  /// The names of the stages, joined by `+`.
  public let name: String
  /// The fingerprints of the stages, with their weights.
  public let fingerprint: String
  private let parts: [Part]
  private let method: Method
  private let leastDepth: Int

  /// A fusion of stages.
  ///
  /// - Parameter leastDepth: the minimum number of documents taken from each stage, even if fewer
  ///   are requested.
  /// - Throws: `usage` if there are no stages, or if a weight or `k` is invalid.
  public init(
    _ parts: [Part], by method: Method = .reciprocalRank(), leastDepth: Int = 0
  ) throws(Failure) {
    guard !parts.isEmpty else {
      throw Failure(
        .usage, "the list of first stages to fuse is empty", expected: "at least one first stage")
    }
    for part in parts where !(part.weight.isFinite && part.weight >= 0) {
      throw Failure(
        .usage, "the weight of '\(part.stage.name)' cannot be \(part.weight)",
        expected: "a number from 0 up")
    }
    guard parts.contains(where: { $0.weight > 0 }) else {
      throw Failure(
        .usage, "all first stages have weight 0", expected: "at least one weight above 0")
    }
    if case .reciprocalRank(let k) = method, !(k.isFinite && k >= 0) {
      throw Failure(
        .usage, "the constant k of reciprocal rank fusion cannot be \(k)",
        expected: "a number from 0 up, such as 60")
    }
    self.parts = parts
    self.method = method
    self.leastDepth = leastDepth
    fingerprint =
      "\(method) \(leastDepth) "
      + parts.map { "\($0.weight) \($0.stage.fingerprint)" }.joined(separator: "\n")
    name = parts.map(\.stage.name).joined(separator: "+")
  }

  /// The documents found for each query by any of the stages.
  ///
  /// - Throws: errors of the stages; `badData` if scores are fused and one is not finite.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    var answers: [[[ScoredDocument]]] = []
    for part in parts {
      answers.append(try part.stage.search(queries, depth: max(depth, leastDepth)))
    }
    var fused: [[ScoredDocument]] = []
    for (number, query) in queries.enumerated() {
      fused.append(try fuse(answers.map { $0[number] }, of: query, depth: depth))
    }
    return fused
  }

  /// Fuses one query's rankings, one per part.
  private func fuse(
    _ rankings: [[ScoredDocument]], of query: Query, depth: Int
  ) throws(Failure) -> [ScoredDocument] {
    // Compared by bytes: ids that differ only in Unicode normalisation denote different documents.
    var places: [[UInt8]: Int] = [:]
    var fused: [ScoredDocument] = []
    for ranking in rankings {
      for entry in ranking where places[Array(entry.document.utf8)] == nil {
        places[Array(entry.document.utf8)] = fused.count
        fused.append(ScoredDocument(document: entry.document, score: 0))
      }
    }
    for (part, ranking) in zip(parts, rankings) {
      let (found, missing) = try contributions(of: ranking, by: part.stage.name, for: query)
      var values = [Double](repeating: missing, count: fused.count)
      for (entry, value) in zip(ranking, found) {
        if let place = places[Array(entry.document.utf8)] { values[place] = value }
      }
      for place in fused.indices { fused[place].score += part.weight * values[place] }
    }
    // Documents are collected in the order of the stages, which breaks ties.
    let order = fused.indices.sorted {
      fused[$0].score != fused[$1].score ? fused[$0].score > fused[$1].score : $0 < $1
    }
    return order.prefix(max(0, depth)).map { fused[$0] }
  }

  /// The contributions of a ranking's documents, and that of documents not in the ranking.
  private func contributions(
    of ranking: [ScoredDocument], by stage: String, for query: Query
  ) throws(Failure) -> (found: [Double], missing: Double) {
    switch method {
    case .reciprocalRank(let k):
      return (ranking.indices.map { 1 / (k + Double($0) + 1) }, 0)
    case .scores(let normalisation):
      if let entry = ranking.first(where: { !$0.score.isFinite }) {
        throw Failure(
          .badData,
          "the score that '\(stage)' gave document '\(entry.document)' for query '\(query.id)' is"
            + " \(entry.score)",
          expected: "finite scores")
      }
      let values = normalisation.values(of: ranking.map(\.score))
      return (values, normalisation == .minMax ? 0 : values.min() ?? 0)
    }
  }
}

extension FusedStage.Normalisation {
  /// Scores after normalisation, `[n]`.
  func values(of scores: [Double]) -> [Double] {
    switch self {
    case .minMax: ScoreScales.unit(scores) ?? scores.map { _ in 1 }
    case .zScore: ScoreScales.standard(scores)
    }
  }
}
