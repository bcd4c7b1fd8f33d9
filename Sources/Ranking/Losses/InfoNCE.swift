import Foundation

/// `infonce`: a positive against the negatives of its list and all items of the other lists.
struct InfoNCE: LossFunction {
  static let kind = LossKind.listwise
  static let description = LossDescription(
    name: "infonce",
    meaning:
      "lce with scores times scale, and with the documents of the batch's other lists as negatives"
      + " too, mean over the positives of a list, mean over lists",
    source: "van den Oord et al. 2018, Representation Learning with Contrastive Predictive Coding",
    orders: .relevance,
    // Shifting one list's scores moves them relative to the other lists'.
    isShiftInvariant: false,
    options: [
      .init("scale", .number(default: 1, range: 1e-3...1e3), "factor for the scores"),
      .init(
        "in_batch", .flag(default: true),
        "whether other lists' documents are negatives, with the scores they have for their own query"
      ),
    ])

  private let scale: Double
  private let inBatch: Bool

  init(_ options: LossOptions) {
    scale = options.number("scale")
    inBatch = options.flag("in_batch")
  }

  var looksAcrossLists: Bool { inBatch }

  /// O(T). The sum outside a list is that of the lists before it plus that of the lists after it,
  /// so that nothing is subtracted.
  func evaluate(_ workspace: inout LossWorkspace) -> LossSum {
    let lists = workspace.listCount
    sumOutside(&workspace) { workspace, list in
      var sum = -Double.infinity
      for i in workspace.offsets[list]..<workspace.offsets[list + 1] {
        sum = logAddExp(sum, scale * workspace.scores[i])
      }
      return sum
    }
    // itemFirst: the logarithm of a positive's weight over its partition sum. Sums of these weight the
    // gradients of a list's own negatives and of all items outside it.
    var total = LossSum()
    for list in 0..<lists {
      total.sum += scorePositives(list, &workspace)
      total.mass += workspace.listWeights[list]
    }
    sumOutside(&workspace) { workspace, list in
      var sum = -Double.infinity
      for i in workspace.offsets[list]..<workspace.offsets[list + 1] {
        sum = logAddExp(sum, workspace.itemFirst[i])
      }
      return sum
    }
    for list in 0..<lists {
      let range = workspace.offsets[list]..<workspace.offsets[list + 1]
      var own = -Double.infinity
      for i in range { own = logAddExp(own, workspace.itemFirst[i]) }
      for i in range {
        let score = scale * workspace.scores[i]
        if workspace.labels[i] <= 0 { workspace.gradient[i] += scale * exp(score + own) }
        workspace.gradient[i] += scale * exp(score + workspace.listSecond[list])
      }
    }
    return total
  }

  /// Σ over a list's positives; `gradient` receives their own part.
  private func scorePositives(_ list: Int, _ workspace: inout LossWorkspace) -> Double {
    let range = workspace.offsets[list]..<workspace.offsets[list + 1]
    var (positives, negatives) = (0.0, workspace.listSecond[list])
    for i in range {
      workspace.gradient[i] = 0
      workspace.itemFirst[i] = -.infinity
      if workspace.labels[i] > 0 {
        positives += workspace.weights[i]
      } else {
        negatives = logAddExp(negatives, scale * workspace.scores[i])
      }
    }
    guard positives > 0, negatives > -.infinity else { return 0 }
    var sum = 0.0
    for i in range where workspace.labels[i] > 0 {
      let weight = workspace.listWeights[list] * workspace.weights[i] / positives
      guard weight > 0 else { continue }
      let score = scale * workspace.scores[i]
      let partition = logAddExp(score, negatives)
      sum += weight * (partition - score)
      workspace.gradient[i] = scale * weight * expm1(score - partition)
      workspace.itemFirst[i] = log(weight) - partition
    }
    return sum
  }

  /// Writes log Σ e^(value) over all other lists to `listSecond`; −∞ if the other lists do not
  /// count.
  private func sumOutside(
    _ workspace: inout LossWorkspace, _ value: (borrowing LossWorkspace, Int) -> Double
  ) {
    let lists = workspace.listCount
    for list in 0..<lists {
      workspace.listFirst[list] = inBatch ? value(workspace, list) : -.infinity
    }
    var before = -Double.infinity
    for list in 0..<lists {
      workspace.listSecond[list] = before
      before = logAddExp(before, workspace.listFirst[list])
    }
    var after = -Double.infinity
    for list in (0..<lists).reversed() {
      workspace.listSecond[list] = logAddExp(workspace.listSecond[list], after)
      after = logAddExp(after, workspace.listFirst[list])
    }
  }
}
