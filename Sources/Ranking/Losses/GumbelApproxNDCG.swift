import Foundation

/// `gumbel_approxndcg`: `approxndcg` averaged over samples of scores with Gumbel noise.
struct GumbelApproxNDCG: ListwiseLoss {
  static let description = LossDescription(
    name: "gumbel_approxndcg",
    meaning:
      "approxndcg of scores plus beta times Gumbel noise, mean over samples, mean over lists",
    source: "Bruch et al. 2020, A Stochastic Treatment of Learning to Rank Scoring Functions",
    isRandom: true,
    options: [
      ApproxRanks.option,
      .init("samples", .whole(default: 8, range: 1...1000), "number of noise samples"),
      .init("beta", .number(default: 1, range: 1e-6...1e3), "scale of the noise"),
      .init(
        "seed", .whole(default: 0, range: 0...Int.max),
        "seed of the noise, combined with list and step"),
    ])

  private let ranks: ApproxRanks
  private let samples: Int
  private let beta: Double
  private let seed: UInt64

  init(_ options: LossOptions) {
    ranks = ApproxRanks(options)
    samples = options.whole("samples")
    beta = options.number("beta")
    seed = UInt64(options.whole("seed"))
  }

  /// O(samples · n · items with a gain) time, O(n) memory.
  func value(_ list: inout ScoredList) -> Double {
    list.clearGradient()
    let ideal = list.prepareGains()
    guard ideal > 0 else { return 1 }
    // third: the scores without noise; the noise is a constant in the gradient.
    for i in 0..<list.count { list.third[i] = list.scores[i] }
    let key = mixed(seed) ^ list.draw
    var sum = 0.0
    for sample in 0..<samples {
      let draw = mixed(key &+ UInt64(sample))
      for i in 0..<list.count {
        let uniform = openUnit(mixed(draw &+ UInt64(i)))
        list.scores[i] = list.third[i] - beta * log(-log(uniform))
      }
      sum += ranks.addNDCG(&list, ideal: ideal, share: 1 / Double(samples))
    }
    for i in 0..<list.count { list.scores[i] = list.third[i] }
    return 1 - sum / Double(samples)
  }
}
