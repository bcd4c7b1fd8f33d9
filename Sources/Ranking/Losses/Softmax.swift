/// `softmax`: cross-entropy of the list's softmax relative to a distribution derived from the
/// labels.
struct Softmax: ListwiseLoss {
  static let description = LossDescription(
    name: "softmax", aliases: ["listnet"],
    meaning: "cross-entropy of softmax(s) to the labels' distribution, mean over lists",
    source: "Cao et al. 2007, Learning to Rank: From Pairwise Approach to Listwise Approach",
    options: [LabelDistribution.option, temperatureOption])

  private let target: LabelDistribution
  private let temperature: Double

  init(_ options: LossOptions) {
    target = LabelDistribution(options)
    temperature = options.number("temperature")
  }

  func value(_ list: inout ScoredList) -> Double {
    setSoftmax(&list, temperature: temperature)
    target.set(&list)
    return crossEntropy(&list, temperature: temperature)
  }
}
