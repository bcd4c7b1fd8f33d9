/// A loss that is a mean over lists of a function of all scores of a list.
protocol ListwiseLoss: ListLoss {
  /// The value of one list; overwrites `list.gradient[0..<count]` with ∂value/∂score.
  func value(_ list: inout ScoredList) -> Double
}

extension ListwiseLoss {
  static var kind: LossKind { .listwise }

  func evaluate(_ list: inout ScoredList) -> LossSum { LossSum(sum: value(&list), mass: 1) }
}
