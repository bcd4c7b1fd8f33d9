import Diagnostics

/// The registry's description of a loss, apart from its kind.
struct LossDescription: Sendable {
  var name: String
  var aliases: [String] = []
  var meaning: String
  var source: String = ""
  /// Whether it needs teacher scores instead of labels.
  var needsTeacher = false
  /// The order that its minimum gives.
  var orders = LossOrder.grades
  /// Whether adding a number to all scores of a list leaves the loss unchanged; ignored for a
  /// pointwise loss, where it never does.
  var isShiftInvariant = true
  /// Whether it draws random numbers, regardless of its options.
  var isRandom = false
  var options: [LossOption] = []
}

/// A sum of terms and its divisor: the mean over a batch is Σ sum / Σ mass.
///
/// The mass is the number of units that the loss averages over (items, pairs or lists), times their
/// weights.
struct LossSum: Sendable {
  var sum = 0.0
  var mass = 0.0
}

/// A loss with its options set. A loss with a formula per item, pair or list conforms to
/// `PointwiseLoss`, `PairwiseLoss`, `LambdaLoss` or `ListwiseLoss` instead; this protocol is for
/// losses that need the whole batch.
protocol LossFunction: Sendable {
  static var description: LossDescription { get }
  static var kind: LossKind { get }

  /// The loss with options that have a value for everything that `description.options` declares.
  init(_ options: LossOptions) throws(Failure)

  /// Whether a list's gradient depends on the other lists of the batch.
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
  /// Σ terms and Σ mass of one list of at least one item; overwrites `list.gradient[0..<count]`
  /// with ∂sum/∂score. The list's own weight is applied afterwards.
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
