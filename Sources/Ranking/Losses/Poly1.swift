/// `poly1`: cross-entropy with a changed coefficient of its first-order term.
struct Poly1: ListwiseLoss {
  static let description = LossDescription(
    name: "poly1",
    meaning: "softmax's loss plus epsilon (1 - the probability of the target), mean over lists",
    source: "Leng et al. 2022, PolyLoss: A Polynomial Expansion Perspective of Classification Loss"
      + " Functions",
    options: [
      .init(
        "epsilon", .number(default: 1, range: -1...1e3),
        "additional weight of the first term of the series"), LabelDistribution.option,
      temperatureOption,
    ])

  private let epsilon: Double
  private let target: LabelDistribution
  private let temperature: Double

  init(_ options: LossOptions) {
    epsilon = options.number("epsilon")
    target = LabelDistribution(options)
    temperature = options.number("temperature")
  }

  func value(_ list: inout ScoredList) -> Double {
    setSoftmax(&list, temperature: temperature)
    target.set(&list)
    let entropy = crossEntropy(&list, temperature: temperature)
    var (expected, all) = (0.0, 0.0)
    for i in 0..<list.count {
      let target = list.weights[i] * list.second[i]
      all += target
      expected += target * list.first[i]
    }
    for i in 0..<list.count {
      let target = list.weights[i] * list.second[i]
      list.gradient[i] -= epsilon * list.first[i] * (target - expected) / temperature
    }
    return entropy + epsilon * (all - expected)
  }
}
