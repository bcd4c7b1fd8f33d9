import Foundation

/// −log of the probability of drawing a list's items in the order of `list.order` (Plackett–Luce),
/// each draw times a weight w_k: that of the draw, `list.second[k]`, and that of its item.
///
/// Σ_k w_k (log Σ_{m ≥ k} e^(s of the m-th) − s of the k-th); overwrites the gradient. O(n),
/// computed in logarithms, so that no score overflows.
func plackettLuce(_ list: inout ScoredList, temperature: Double = 1) -> Double {
  // first[k] is log Σ_{m ≥ k} e^(s of the m-th).
  let count = list.count
  var tail = -Double.infinity
  for k in (0..<count).reversed() {
    tail = logAddExp(tail, list.scores[list.order[k]] / temperature)
    list.first[k] = tail
  }
  // The m-th item is in the tails of draws 0 … m: `seen` is log Σ_{k ≤ m} w_k e^(−first[k]).
  var (sum, seen) = (0.0, -Double.infinity)
  for k in 0..<count {
    let item = list.order[k]
    let (score, weight) = (list.scores[item] / temperature, list.second[k] * list.weights[item])
    if weight > 0 {
      sum += weight * (list.first[k] - score)
      seen = logAddExp(seen, log(weight) - list.first[k])
    }
    list.gradient[item] = (exp(score + seen) - weight) / temperature
  }
  return sum
}

/// The order in which a list's items with equal labels are drawn.
struct TieOrder: Sendable {
  static let options: [LossOption] = [
    .init(
      "ties", .choice(default: "input", among: ["input", "random"]),
      "the order of items with equal labels: as given, or drawn at random for each list and step"),
    .init(
      "seed", .whole(default: 0, range: 0...Int.max),
      "seed of random ties"),
  ]

  private let random: Bool
  private let seed: UInt64

  init(_ options: LossOptions) {
    random = options.choice("ties") == "random"
    seed = UInt64(options.whole("seed"))
  }

  /// Sorts `order` by label, descending.
  func sort(_ list: inout ScoredList) {
    for i in 0..<list.count { list.order[i] = i }
    if random { shuffle(&list) }
    list.reorder(by: .label)
  }

  /// Fisher–Yates; the bias of choosing one of n by remainder is below n/2^64.
  private func shuffle(_ list: inout ScoredList) {
    let key = mixed(seed) ^ list.draw
    for i in stride(from: list.count - 1, to: 0, by: -1) {
      list.order.swapAt(i, Int(mixed(key &+ UInt64(i)) % UInt64(i + 1)))
    }
  }
}
