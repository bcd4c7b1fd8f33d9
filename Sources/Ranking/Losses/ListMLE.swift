import Foundation

/// `listmle`: the likelihood of the order of the labels under the Plackett–Luce model.
struct ListMLE: ListwiseLoss {
  static let description = LossDescription(
    name: "listmle",
    meaning: "-log of the probability of drawing the items in order of their labels, mean over"
      + " lists",
    source: "Xia et al. 2008, Listwise Approach to Learning to Rank: Theory and Algorithm",
    options: [
      .init(
        "ties", .choice(default: "input", among: ["input", "random"]),
        "the order of items with equal labels: as given, or drawn anew for each list and step"),
      .init(
        "seed", .whole(default: 0, range: 0...Int.max),
        "with random ties, what they depend on"),
      .init(
        "top", .whole(default: 0, range: 0...Int.max),
        "only the first k draws count; 0 for all"),
    ])

  private let random: Bool
  private let seed: UInt64
  private let top: Int

  init(_ options: LossOptions) {
    random = options.choice("ties") == "random"
    seed = UInt64(options.whole("seed"))
    let k = options.whole("top")
    top = k == 0 ? .max : k
  }

  func value(_ list: inout ScoredList) -> Double {
    let count = list.count
    for i in 0..<count { list.order[i] = i }
    if random { shuffle(&list) }
    list.reorder(by: .label)

    // first[k] is log Σ_{m ≥ k} e^(s of the m-th), built from the end without leaving logarithms.
    var tail = -Double.infinity
    for k in (0..<count).reversed() {
      tail = logAddExp(tail, list.scores[list.order[k]])
      list.first[k] = tail
    }
    // The m-th item is in the tails of draws 0 … m: `seen` is log Σ_{k ≤ m} w_k e^(−first[k]).
    var (sum, seen) = (0.0, -Double.infinity)
    for k in 0..<count {
      let item = list.order[k]
      let (score, weight) = (list.scores[item], k < top ? list.weights[item] : 0)
      if weight > 0 {
        sum += weight * (list.first[k] - score)
        seen = logAddExp(seen, log(weight) - list.first[k])
      }
      list.gradient[item] = exp(score + seen) - weight
    }
    return sum
  }

  /// Fisher–Yates; the choice of one of n by remainder is off by less than n/2^64.
  private func shuffle(_ list: inout ScoredList) {
    let key = mixed(seed) ^ list.draw
    for i in stride(from: list.count - 1, to: 0, by: -1) {
      list.order.swapAt(i, Int(mixed(key &+ UInt64(i)) % UInt64(i + 1)))
    }
  }
}
