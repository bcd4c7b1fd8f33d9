import Foundation

/// `xendcg`: cross-entropy relative to randomly perturbed gains, a bound of nDCG.
struct XENDCG: ListwiseLoss {
  static let description = LossDescription(
    name: "xendcg", aliases: ["xe_ndcg"],
    meaning:
      "cross-entropy of softmax(s) to (2^y - γ)/Σ(2^y - γ), γ drawn from 0 to 1 for each item and"
      + " step, mean over lists",
    source: "Bruch 2021, An Alternative Cross Entropy Loss for Learning-to-Rank",
    isRandom: true,
    options: [
      .init("seed", .whole(default: 0, range: 0...Int.max), "the seed of γ")
    ])

  private let seed: UInt64

  init(_ options: LossOptions) { seed = UInt64(options.whole("seed")) }

  func value(_ list: inout ScoredList) -> Double {
    setSoftmax(&list, temperature: 1)
    var (greatest, total) = (0.0, 0.0)
    for i in 0..<list.count { greatest = max(greatest, list.labels[i]) }
    let exponent = gainExponent(greatestLabel: greatest)
    let key = mixed(seed) ^ list.draw
    for i in 0..<list.count {
      let perturbation = unit(mixed(key &+ UInt64(i)))
      list.second[i] =
        exp2(max(list.labels[i], 0) - exponent) - perturbation * exp2(-exponent)
      total += list.second[i]
    }
    for i in 0..<list.count { list.second[i] /= total }
    return crossEntropy(&list, temperature: 1)
  }
}
