/// `neuralndcg`: 1 − nDCG with a relaxed sorting matrix whose rows and columns sum to 1.
struct NeuralNDCG: ListwiseLoss {
  static let description = LossDescription(
    name: "neuralndcg",
    meaning:
      "1 - nDCG of gains 2^y - 1 sorted by NeuralSort's matrix, whose rows and columns are scaled"
      + " to sum to 1, mean over lists",
    source:
      "Pobrotyn and Białobrzeski 2021, NeuralNDCG: Direct Optimisation of a Ranking Metric via"
      + " Differentiable Relaxation of Sorting",
    options: RelaxedSorting.options + [
      .init(
        "iterations", .whole(default: 50, range: 0...10_000),
        "maximum number of Sinkhorn scalings of rows and columns"),
      .init(
        "form", .choice(default: "plain", among: ["plain", "transposed"]),
        "what is exact after the last scaling: the mean gain at a rank (rows are scaled last), or the mean"
          + " discount of an item (columns are)"),
    ])

  private let sorting: RelaxedSorting
  private let iterations: Int
  private let endsWithRows: Bool

  init(_ options: LossOptions) {
    sorting = RelaxedSorting(options)
    iterations = options.whole("iterations")
    endsWithRows = options.choice("form") == "plain"
  }

  func value(_ list: inout ScoredList) -> Double {
    sorting.value(&list, iterations: iterations, endsWithRows: endsWithRows)
  }
}

/// `pirank`: 1 − nDCG with a relaxed sorting matrix.
struct PiRank: ListwiseLoss {
  static let description = LossDescription(
    name: "pirank",
    meaning:
      "1 - nDCG of gains 2^y - 1 sorted by NeuralSort's unscaled matrix, in which ranks may share"
      + " an item, mean over lists",
    source: "Swezey et al. 2021, PiRank: Scalable Learning To Rank via Differentiable Sorting",
    // Without column scaling a good item may count at several ranks.
    orders: .unsure,
    options: RelaxedSorting.options)

  private let sorting: RelaxedSorting

  init(_ options: LossOptions) { sorting = RelaxedSorting(options) }

  func value(_ list: inout ScoredList) -> Double {
    sorting.value(&list, iterations: 0, endsWithRows: true)
  }
}

/// nDCG by a relaxed sorting matrix.
private struct RelaxedSorting: Sendable {
  static let options: [LossOption] = [
    .init(
      "tau", .number(default: 1, range: 1e-3...1e3),
      "smoothness of the sort: smaller values approach the true order but flatten the gradient"),
    .init(
      "truncation", .whole(default: 0, range: 0...Int.max),
      "number of ranks used; 0 for all"),
  ]

  private let temperature: Double
  private let truncation: Int

  init(_ options: LossOptions) {
    temperature = options.number("tau")
    let k = options.whole("truncation")
    truncation = k == 0 ? .max : k
  }

  /// A list without gains has the value 1 and no gradient.
  func value(_ list: inout ScoredList, iterations: Int, endsWithRows: Bool) -> Double {
    list.clearGradient()
    let depth = min(truncation, list.count)
    let ideal = list.prepareGains(depth: depth)
    guard ideal > 0 else { return 1 }
    list.sortDescending(by: .score)
    list.sorting.fill(
      list.scores, order: list.order, count: list.count, temperature: temperature)
    let done = list.sorting.scale(iterations: iterations, endsWithRows: endsWithRows)
    var dcg = 0.0
    list.sorting.gradient.removeAll(keepingCapacity: true)
    for row in 0..<list.count {
      let discount = row < depth ? list.discounts[row] : 0
      for (place, item) in zip(list.sorting.places(ofRow: row), list.sorting.items(ofRow: row)) {
        let worth = discount * list.first[list.order[item]]
        dcg += list.sorting.values[place] * worth
        list.sorting.gradient.append(-worth / ideal)
      }
    }
    list.sorting.backwardScaling(iterations: done, endsWithRows: endsWithRows)
    list.sorting.backward(into: &list.gradient, scores: list.scores, order: list.order)
    return 1 - dcg / ideal
  }
}
