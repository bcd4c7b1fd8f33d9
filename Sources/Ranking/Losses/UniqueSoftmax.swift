import Foundation

/// `unique_softmax`: each item against the items with lower labels only, times its gain.
struct UniqueSoftmax: ListwiseLoss {
  static let description = LossDescription(
    name: "unique_softmax",
    meaning: "-Σ_i (2^y_i - 1) log(e^s_i / (e^s_i + Σ_{y_j < y_i} e^s_j)), mean over lists",
    source: "Zhu and Klabjan 2020, Listwise Learning to Rank by Exploring Unique Ratings",
    options: [
      .init(
        "max_label", .number(default: 64, range: 1...64),
        "the greatest label used; greater ones are clipped, since their gains would overflow")
    ])

  private let maxLabel: Double

  init(_ options: LossOptions) { maxLabel = options.number("max_label") }

  /// O(n log n): in ascending order of labels, each item uses the sum over the items with lower
  /// labels.
  func value(_ list: inout ScoredList) -> Double {
    let count = list.count
    list.sortDescending(by: .label)
    list.clearGradient()
    // first: log(e^s_i + Σ e^s_j) of the k-th; `lesser` is the sum over lower labels, `equal` the
    // sum that includes the current label.
    var (sum, lesser, equal) = (0.0, -Double.infinity, -Double.infinity)
    for k in (0..<count).reversed() {
      let item = list.order[k]
      if k + 1 < count, list.labels[list.order[k + 1]] < list.labels[item] { lesser = equal }
      let score = list.scores[item]
      list.first[k] = logAddExp(score, lesser)
      equal = logAddExp(equal, score)
      let gain = gain(item, list)
      sum += gain * (list.first[k] - score)
      list.gradient[item] += gain * expm1(score - list.first[k])
    }
    // In descending order of labels: `pull` is log Σ gain · e^(−first) over the items with higher
    // labels.
    var (pull, own) = (-Double.infinity, -Double.infinity)
    for k in 0..<count {
      let item = list.order[k]
      if k > 0, list.labels[list.order[k - 1]] > list.labels[item] { pull = own }
      list.gradient[item] += exp(list.scores[item] + pull)
      let gain = gain(item, list)
      if gain > 0 { own = logAddExp(own, log(gain) - list.first[k]) }
    }
    return sum
  }

  private func gain(_ item: Int, _ list: borrowing ScoredList) -> Double {
    list.weights[item] * (exp2(min(max(list.labels[item], 0), maxLabel)) - 1)
  }
}
