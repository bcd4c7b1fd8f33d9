import Diagnostics

/// What the registry says about a loss, beside its kind.
struct LossDescription: Sendable {
  var name: String
  var aliases: [String] = []
  var meaning: String
  var source: String = ""
  /// Whether it learns from a teacher's scores rather than from labels.
  var needsTeacher = false
  /// What its minimum puts in order.
  var orders = LossOrder.grades
  /// Whether adding a number to all scores of a list changes nothing; of no account in a pointwise
  /// loss, where it always does.
  var isShiftInvariant = true
  /// Whether it draws random numbers, whatever its options.
  var isRandom = false
  var options: [LossOption] = []
}

/// A sum of terms and what it is divided by: the mean over a batch is Σ sum / Σ mass.
///
/// Mass is counted in whatever the loss averages over: items, pairs or lists, times their weights.
struct LossSum: Sendable {
  var sum = 0.0
  var mass = 0.0
}

/// A loss with its options set. Conform to `PointwiseLoss`, `PairwiseLoss`, `LambdaLoss` or
/// `ListwiseLoss` instead, which need a formula only; this is for a loss that needs the whole
/// batch.
protocol LossFunction: Sendable {
  static var description: LossDescription { get }
  static var kind: LossKind { get }

  /// The loss with options that hold every value `description.options` declares.
  init(_ options: LossOptions) throws(Failure)

  /// Whether what a list teaches depends on the other lists of the batch.
  var looksAcrossLists: Bool { get }

  /// Σ terms and Σ mass over the batch in `workspace`; overwrites `workspace.gradient` with
  /// ∂sum/∂score of every item.
  func evaluate(_ workspace: inout LossWorkspace) -> LossSum
}

extension LossFunction {
  var looksAcrossLists: Bool { false }
}

/// A loss that is a sum over lists.
protocol ListLoss: LossFunction {
  /// Σ terms and Σ mass of one list, at least one item; overwrites `list.gradient[0..<count]` with
  /// ∂sum/∂score. The list's own weight is multiplied in afterwards.
  func evaluate(_ list: inout ScoredList) -> LossSum
}

extension ListLoss {
  func evaluate(_ workspace: inout LossWorkspace) -> LossSum {
    var total = LossSum()
    for index in 0..<workspace.listCount {
      workspace.load(index, onlyTaught: Self.description.needsTeacher)
      guard workspace.list.count > 0 else {
        workspace.store(index, weight: 0)
        continue
      }
      let part = evaluate(&workspace.list)
      let weight = workspace.listWeights[index]
      total.sum += weight * part.sum
      total.mass += weight * part.mass
      workspace.store(index, weight: weight)
    }
    return total
  }
}
