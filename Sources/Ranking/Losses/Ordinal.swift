import Foundation

/// `ordinal`: one binary question per grade, whether the item reaches it, answered by one score.
struct Ordinal: LossFunction {
  static let kind = LossKind.pointwise
  static let description = LossDescription(
    name: "ordinal",
    meaning:
      "Σ_k of the binary cross-entropy of σ(s - b_k) and [y ≥ k], for the grades k from 1,"
      + " mean over items",
    source: "Cao et al. 2020, Rank Consistent Ordinal Regression for Neural Networks (CORAL)",
    options: [
      .init(
        "levels", .whole(default: 3, range: 1...100),
        "number of grades above 0; greater labels are clipped"),
      .init(
        "thresholds", .choice(default: "fixed", among: ["fixed", "learned"]),
        "the b_k: evenly spaced around 0, or fitted to each batch by minimising its loss"),
      .init(
        "spacing", .number(default: 1, range: 1e-3...1e3),
        "distance between fixed thresholds"),
    ])

  private let levels: Int
  private let learned: Bool
  private let spacing: Double

  init(_ options: LossOptions) {
    levels = options.whole("levels")
    learned = options.choice("thresholds") == "learned"
    spacing = options.number("spacing")
  }

  var looksAcrossLists: Bool { learned }

  /// O(T · levels), tens of times that with learned thresholds. Optimal thresholds have slope 0, so
  /// that they are constants in the gradient (the envelope theorem).
  func evaluate(_ workspace: inout LossWorkspace) -> LossSum {
    let count = workspace.itemCount
    var total = LossSum()
    for l in 0..<workspace.listCount {
      for i in workspace.offsets[l]..<workspace.offsets[l + 1] {
        workspace.itemFirst[i] = workspace.listWeights[l] * workspace.weights[i]
        workspace.gradient[i] = 0
        total.mass += workspace.itemFirst[i]
      }
    }
    for grade in 1...levels {
      guard let threshold = threshold(grade, workspace) else { continue }
      for i in 0..<count {
        let reaches = workspace.labels[i] >= Double(grade)
        let (value, slope) = softplus(
          reaches ? threshold - workspace.scores[i] : workspace.scores[i] - threshold)
        total.sum += workspace.itemFirst[i] * value
        workspace.gradient[i] += workspace.itemFirst[i] * (reaches ? -slope : slope)
      }
    }
    return total
  }

  /// The threshold of a grade; nil if it would be infinite, since all items or none reach the
  /// grade.
  private func threshold(_ grade: Int, _ workspace: borrowing LossWorkspace) -> Double? {
    guard learned else { return spacing * (Double(grade) - Double(levels + 1) / 2) }
    // The weight that should lie above the threshold, and the bounds of the threshold.
    var (wanted, all) = (0.0, 0.0)
    var (low, high) = (Double.infinity, -Double.infinity)
    for i in 0..<workspace.itemCount {
      let weight = workspace.itemFirst[i]
      guard weight > 0 else { continue }
      all += weight
      if workspace.labels[i] >= Double(grade) { wanted += weight }
      low = min(low, workspace.scores[i])
      high = max(high, workspace.scores[i])
    }
    guard wanted > 0, wanted < all else { return nil }
    // At these bounds the mean of σ(s − b) is on either side of the wanted share.
    let odds = log(wanted / (all - wanted))
    (low, high) = (low - odds - 1, high - odds + 1)
    var threshold = low / 2 + high / 2
    // Newton's method usually needs a few steps; bisection between the greatest numbers takes
    // hundreds.
    for _ in 0..<500 {
      var (excess, slope) = (-wanted, 0.0)
      for i in 0..<workspace.itemCount {
        let share = logistic(workspace.scores[i] - threshold)
        excess += workspace.itemFirst[i] * share
        slope += workspace.itemFirst[i] * share * (1 - share)
      }
      if excess > 0 { low = threshold } else { high = threshold }
      // A Newton step if it stays within the bounds, else bisection.
      let step = threshold + excess / slope
      let next = step > low && step < high ? step : low / 2 + high / 2
      if abs(next - threshold) <= 1e-15 * abs(threshold) { break }
      threshold = next
    }
    return threshold
  }
}
