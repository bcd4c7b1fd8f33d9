import Foundation

/// A measure of how good a ranking is, with its cut-off and parameters; printed and parsed as
/// ir_measures does: `nDCG@10`, `AP`, `P(rel=2)@10`.
///
/// Values are trec_eval's. Higher is better, and all are from 0 to 1.
public struct Measure: Sendable, Hashable {
  /// What is measured.
  public enum Name: String, Sendable, CaseIterable {
    /// Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002); the gain is the grade.
    case nDCG
    /// Average precision: the mean over all relevant documents of the precision at their ranks.
    case averagePrecision = "AP"
    /// Reciprocal rank of the first relevant document.
    case reciprocalRank = "RR"
    /// Precision: relevant documents among the first k, over k; over all retrieved without k.
    case precision = "P"
    /// Recall: relevant documents among the first k, over all relevant.
    case recall = "R"
    /// 1 if there is a relevant document among the first k, else 0.
    case success = "Success"
  }

  /// How a grade becomes a gain in nDCG.
  public enum Gain: String, Sendable, CaseIterable {
    /// The grade, as trec_eval has it.
    case linear = "log2"
    /// 2^grade − 1 (Burges et al. 2005).
    case exponential = "exp-log2"
  }

  /// What is measured.
  public let name: Name
  /// How many documents from the top are looked at; nil for all.
  public let cutoff: Int?
  /// The least grade that counts as relevant; not used by nDCG.
  public let relevance: Double
  /// How nDCG makes gains from grades.
  public let gain: Gain

  /// A measure from its parts: `cutoff` is 1 or more, `relevance` greater than 0.
  public init(
    _ name: Name, cutoff: Int? = nil, relevance: Double = 1, gain: Gain = .linear
  ) {
    precondition((cutoff ?? 1) > 0 && relevance > 0, "Measure: cut-off and relevance are positive")
    self.name = name
    self.cutoff = cutoff
    self.relevance = name == .nDCG ? 1 : relevance
    self.gain = name == .nDCG ? gain : .linear
  }

  /// The value for one query; 0 where nothing is relevant. O(documents looked at).
  public func value(of query: RankedQuery) -> Double {
    let depth = min(cutoff ?? .max, query.ranked.count)
    switch name {
    case .nDCG:
      let ideal = discountedGain(query.judged.prefix(cutoff ?? .max))
      return ideal > 0 ? discountedGain(query.ranked[..<depth].lazy.map { $0 ?? 0 }) / ideal : 0
    case .averagePrecision:
      var (found, sum) = (0, 0.0)
      for (index, grade) in query.ranked[..<depth].enumerated() where isRelevant(grade) {
        found += 1
        sum += Double(found) / Double(index + 1)
      }
      return ratio(sum, relevantCount(query))
    case .reciprocalRank:
      return query.ranked[..<depth].firstIndex(where: isRelevant).map { 1 / Double($0 + 1) } ?? 0
    case .precision:
      return ratio(Double(relevantRetrieved(query, depth)), cutoff ?? depth)
    case .recall:
      return ratio(Double(relevantRetrieved(query, depth)), relevantCount(query))
    case .success:
      return query.ranked[..<depth].contains(where: isRelevant) ? 1 : 0
    }
  }

  /// The value of the best order of the documents that were retrieved: what no reranking of these
  /// candidates can exceed. O(n log n).
  public func ceiling(of query: RankedQuery) -> Double { value(of: query.bestOrder) }

  private func isRelevant(_ grade: Double?) -> Bool { (grade ?? 0) >= relevance }

  private func relevantCount(_ query: RankedQuery) -> Int {
    query.judged.prefix(while: { $0 >= relevance }).count
  }

  private func relevantRetrieved(_ query: RankedQuery, _ depth: Int) -> Int {
    query.ranked[..<depth].count(where: isRelevant)
  }

  private func ratio(_ value: Double, _ count: Int) -> Double {
    count > 0 ? value / Double(count) : 0
  }

  private func discountedGain(_ grades: some Sequence<Double>) -> Double {
    var sum = 0.0
    for (index, grade) in grades.enumerated() where grade > 0 {
      sum += (gain == .linear ? grade : exp2(grade) - 1) / log2(Double(index + 2))
    }
    return sum
  }
}
