import Foundation

/// One item of a pair with its current rank, from which the pair's weight is computed.
struct LambdaItem {
  /// The label, and its gain: 2^y − 1, on a scale common to the list.
  var label: Double
  var gain: Double
  /// The rank by score, from 1, and its discount 1/log2(1 + rank).
  var rank: Int
  var discount: Double
}

/// A pair in which `upper` has the greater label.
struct LambdaPair {
  var upper, lower: LambdaItem
  /// The list's ideal DCG on the scale of the gains; greater than 0 if the loss uses it.
  var ideal: Double
}

/// The options common to all lambda losses.
struct LambdaSettings: Sendable {
  let sigma: Double
  /// The number of top ranks that count; `Int.max` for all.
  let truncation: Int
  let normalize: Bool
  let logBase2: Bool

  static let options: [LossOption] = [
    .init(
      "sigma", .number(default: 1, range: 1e-3...1e3),
      "slope of the pair loss log(1 + e^(-sigma (s_i - s_j)))"),
    .init(
      "truncation", .whole(default: 0, range: 0...Int.max),
      "uses only pairs with an item among the first k by score, and an ideal of depth k;"
        + " 0 for all"),
    .init(
      "normalize", .flag(default: false),
      "as LightGBM does: divide a pair's weight by 0.01 + abs(s_i - s_j), and a list's sum by the"
        + " size of its lambdas, on a log scale"),
    .init(
      "log_base", .choice(default: "e", among: ["e", "2"]),
      "the base of the logarithm of the pair loss"),
  ]

  init(_ options: LossOptions) {
    sigma = options.number("sigma")
    let k = options.whole("truncation")
    truncation = k == 0 ? .max : k
    normalize = options.flag("normalize")
    logBase2 = options.choice("log_base") == "2"
  }
}

/// A mean over lists of Σ weight · log(1 + e^(−σ(s_i − s_j))) over the pairs with y_i > y_j; the
/// weights depend on the current ranks and are constants in the gradient.
protocol LambdaLoss: ListLoss {
  var settings: LambdaSettings { get }

  /// Whether weights are relative to the ideal DCG, so that a list without gains has none.
  var usesIdeal: Bool { get }

  /// Called once per list, with `order` sorted by score: computes the data that the weights need
  /// into `second` … `fifth`. `first` has the gains.
  func prepare(_ list: inout ScoredList)

  /// The weight of a pair, at least 0. Discounts of ranks are in `list.discounts`.
  func weight(_ pair: LambdaPair, in list: borrowing ScoredList) -> Double
}

extension LambdaLoss {
  static var kind: LossKind { .lambda }
  var usesIdeal: Bool { true }
  func prepare(_: inout ScoredList) {}

  /// O(n · min(n, truncation)) time, O(n) memory: items are sorted by score, and a pair is visited
  /// at its better-ranked item.
  func evaluate(_ list: inout ScoredList) -> LossSum {
    let count = list.count
    let depth = min(settings.truncation, count)
    let ideal = prepareGains(&list, depth: depth)
    list.clearGradient()
    guard ideal > 0 || !usesIdeal else { return LossSum(sum: 0, mass: 1) }
    list.sortDescending(by: .score)
    prepare(&list)
    let spreads =
      settings.normalize
      && list.scores[list.order[0]] != list.scores[list.order[count - 1]]
    var (sum, lambdas) = (0.0, 0.0)
    for a in 0..<depth {
      let i = list.order[a]
      let (score, label, itemWeight) = (list.scores[i], list.labels[i], list.weights[i])
      let better = LambdaItem(
        label: label, gain: list.first[i], rank: a + 1, discount: list.discounts[a])
      for b in (a + 1)..<max(count, a + 1) {
        let j = list.order[b]
        guard list.labels[j] != label else { continue }
        let worse = LambdaItem(
          label: list.labels[j], gain: list.first[j], rank: b + 1, discount: list.discounts[b])
        let inOrder = label > worse.label
        let difference = inOrder ? score - list.scores[j] : list.scores[j] - score
        let pair = LambdaPair(
          upper: inOrder ? better : worse, lower: inOrder ? worse : better, ideal: ideal)
        var weight = weight(pair, in: list) * itemWeight * list.weights[j]
        guard weight > 0 else { continue }
        if spreads { weight /= 0.01 + abs(difference) }
        let (value, slope) = softplus(-settings.sigma * difference)
        let lambda = settings.sigma * weight * slope
        sum += weight * value
        lambdas += 2 * lambda
        list.gradient[i] += inOrder ? -lambda : lambda
        list.gradient[j] += inOrder ? lambda : -lambda
      }
    }
    var scale = settings.logBase2 ? 1 / M_LN2 : 1
    if settings.normalize, lambdas > 0 { scale *= log1p(lambdas) / (M_LN2 * lambdas) }
    for i in 0..<count { list.gradient[i] *= scale }
    return LossSum(sum: scale * sum, mass: 1)
  }

  /// Writes every item's gain to `list.first` and returns the ideal DCG at `depth`.
  private func prepareGains(_ list: inout ScoredList, depth: Int) -> Double {
    list.sortDescending(by: .label)
    let exponent = gainExponent(greatestLabel: list.labels[list.order[0]])
    for i in 0..<list.count { list.first[i] = gain(list.labels[i], exponent: exponent) }
    var ideal = 0.0
    for k in 0..<depth { ideal += list.first[list.order[k]] * list.discounts[k] }
    return ideal
  }
}
