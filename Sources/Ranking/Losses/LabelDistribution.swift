import Foundation

/// The target distribution over a list's items, derived from its labels.
struct LabelDistribution: Sendable {
  static let option = LossOption(
    "target", .choice(default: "softmax", among: ["softmax", "proportional", "binary"]),
    "the distribution: softmax(y); y/sum(y); or uniform over the items with y > 0. The last two are 0 for"
      + " a list with no y > 0")

  private enum Form { case softmax, proportional, binary }
  private let form: Form

  init(_ options: LossOptions) {
    form =
      switch options.choice("target") {
      case "proportional": .proportional
      case "binary": .binary
      default: .softmax
      }
  }

  /// Writes the distribution to `list.second`.
  func set(_ list: inout ScoredList) {
    var (greatest, total) = (-Double.infinity, 0.0)
    for i in 0..<list.count { greatest = max(greatest, list.labels[i]) }
    for i in 0..<list.count {
      let label = list.labels[i]
      list.second[i] =
        switch form {
        case .softmax: exp(label - greatest)
        // Relative to the greatest label, so that the sum of the largest possible labels is finite.
        case .proportional: greatest > 0 ? max(label, 0) / greatest : 0
        case .binary: label > 0 ? 1 : 0
        }
      total += list.second[i]
    }
    let scale = total > 0 ? 1 / total : 0
    for i in 0..<list.count { list.second[i] *= scale }
  }
}

/// The option for the temperature of a softmax.
let temperatureOption = LossOption(
  "temperature", .number(default: 1, range: 1e-3...1e3), "divides the scores, not the labels")

/// Writes softmax(x / temperature) of the first `count` numbers to `shares`, and its logarithm to
/// `logs`. O(n).
func softmax(
  _ x: [Double], _ count: Int, temperature: Double, into shares: inout [Double],
  logs: inout [Double]
) {
  var (greatest, partition) = (-Double.infinity, 0.0)
  for i in 0..<count { greatest = max(greatest, x[i]) }
  for i in 0..<count {
    logs[i] = (x[i] - greatest) / temperature
    shares[i] = exp(logs[i])
    partition += shares[i]
  }
  let logPartition = log(partition)
  for i in 0..<count {
    shares[i] /= partition
    logs[i] -= logPartition
  }
}

/// Writes softmax(s / temperature) to `list.first` and its logarithm to `list.third`.
func setSoftmax(_ list: inout ScoredList, temperature: Double) {
  softmax(
    list.scores, list.count, temperature: temperature, into: &list.first, logs: &list.third)
}

/// −Σ w_i t_i log p_i of the distribution t in `list.second`, with p = softmax(s / temperature)
/// from `setSoftmax`; overwrites the gradient.
func crossEntropy(_ list: inout ScoredList, temperature: Double) -> Double {
  var (sum, targets) = (0.0, 0.0)
  for i in 0..<list.count {
    let target = list.weights[i] * list.second[i]
    targets += target
    // Items without a target must not give 0 · ∞ if their probability underflows.
    if target != 0 { sum -= target * list.third[i] }
  }
  for i in 0..<list.count {
    list.gradient[i] = (list.first[i] * targets - list.weights[i] * list.second[i]) / temperature
  }
  return sum
}
