import Foundation

/// `lce`: a positive against the negatives of its list.
struct LocalizedContrastiveEstimation: ListwiseLoss {
  static let description = LossDescription(
    name: "lce",
    meaning:
      "-log softmax(s) of the positive against the list's negatives (y ≤ 0), mean over the"
      + " positives (y > 0) of a list, mean over lists",
    source: "Gao et al. 2021, Rethink Training of BERT Rerankers in Multi-Stage Retrieval Pipeline",
    orders: .relevance,
    options: [temperatureOption])

  private let temperature: Double

  init(_ options: LossOptions) { temperature = options.number("temperature") }

  /// O(n).
  func value(_ list: inout ScoredList) -> Double {
    list.clearGradient()
    var (positives, negatives) = (0.0, -Double.infinity)
    for i in 0..<list.count {
      if list.labels[i] > 0 {
        positives += list.weights[i]
      } else {
        negatives = logAddExp(negatives, list.scores[i] / temperature)
      }
    }
    guard positives > 0, negatives > -.infinity else { return 0 }
    // `pull` is log Σ weight · e^(−log partition) over the positives.
    var (sum, pull) = (0.0, -Double.infinity)
    for i in 0..<list.count where list.labels[i] > 0 && list.weights[i] > 0 {
      let (score, weight) = (list.scores[i] / temperature, list.weights[i] / positives)
      let partition = logAddExp(score, negatives)
      sum += weight * (partition - score)
      list.gradient[i] = weight * expm1(score - partition) / temperature
      pull = logAddExp(pull, log(weight) - partition)
    }
    for i in 0..<list.count where list.labels[i] <= 0 {
      list.gradient[i] = exp(list.scores[i] / temperature + pull) / temperature
    }
    return sum
  }
}
