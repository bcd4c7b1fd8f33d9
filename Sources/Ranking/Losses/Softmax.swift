import Foundation

/// `softmax`: cross-entropy of the list's softmax to a distribution made from the labels.
struct Softmax: ListwiseLoss {
  static let description = LossDescription(
    name: "softmax", aliases: ["listnet"],
    meaning: "cross-entropy of softmax(s) to the labels' distribution, mean over lists",
    source: "Cao et al. 2007, Learning to Rank: From Pairwise Approach to Listwise Approach",
    options: [
      .init(
        "target", .choice(default: "softmax", among: ["softmax", "proportional", "binary"]),
        "the distribution: softmax(y), which also takes a teacher's scores; y/sum(y); or even over"
          + " the items with y > 0. The last two are 0 for a list with no y > 0"),
      .init(
        "temperature", .number(default: 1, range: 1e-3...1e3),
        "divides the scores, not the labels"),
    ])

  private enum Target { case softmax, proportional, binary }
  private let target: Target
  private let temperature: Double

  init(_ options: LossOptions) {
    target =
      switch options.choice("target") {
      case "proportional": .proportional
      case "binary": .binary
      default: .softmax
      }
    temperature = options.number("temperature")
  }

  func value(_ list: inout ScoredList) -> Double {
    // first: e^(s/T − greatest), second: the target times the item's weight.
    let count = list.count
    var greatest = -Double.infinity
    for i in 0..<count { greatest = max(greatest, list.scores[i]) }
    var partition = 0.0
    for i in 0..<count {
      list.first[i] = exp((list.scores[i] - greatest) / temperature)
      partition += list.first[i]
    }
    setTarget(&list)
    let logPartition = log(partition)
    var (sum, targetSum) = (0.0, 0.0)
    for i in 0..<count {
      targetSum += list.second[i]
      sum += list.second[i] * (logPartition - (list.scores[i] - greatest) / temperature)
    }
    for i in 0..<count {
      list.gradient[i] = (list.first[i] / partition * targetSum - list.second[i]) / temperature
    }
    return sum
  }

  private func setTarget(_ list: inout ScoredList) {
    var (greatest, total) = (-Double.infinity, 0.0)
    for i in 0..<list.count { greatest = max(greatest, list.labels[i]) }
    for i in 0..<list.count {
      let label = list.labels[i]
      list.second[i] =
        switch target {
        case .softmax: exp(label - greatest)
        case .proportional: max(label, 0)
        case .binary: label > 0 ? 1 : 0
        }
      total += list.second[i]
    }
    let scale = total > 0 ? 1 / total : 0
    for i in 0..<list.count { list.second[i] *= scale * list.weights[i] }
  }
}
