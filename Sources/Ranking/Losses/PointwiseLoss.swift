/// A loss that is a mean over items of a function of one score and its label.
protocol PointwiseLoss: ListLoss {
  /// The value and ∂value/∂score of one item. `greatestLabel` is the greatest of the batch.
  func term(score: Double, label: Double, greatestLabel: Double) -> (value: Double, slope: Double)
}

extension PointwiseLoss {
  static var kind: LossKind { .pointwise }

  func evaluate(_ list: inout ScoredList) -> LossSum {
    var total = LossSum()
    for i in 0..<list.count {
      let (value, slope) = term(
        score: list.scores[i], label: list.labels[i], greatestLabel: list.greatestLabel)
      let weight = list.weights[i]
      total.sum += weight * value
      total.mass += weight
      list.gradient[i] = weight * slope
    }
    return total
  }
}
