public import Diagnostics

/// A ranking loss: a registered loss with its options, or a weighted sum of several.
///
/// The loss of a batch is a mean: over all its items (pointwise), all its pairs with different
/// labels (pairwise), or all its lists (listwise and lambda). A list that cannot contribute, such
/// as one with equal labels in `lambdarank`, adds 0 and still counts in a mean over lists; a list
/// without unmasked items does not count. If nothing counts, the value and every gradient are 0.
///
/// The mean is over the batch of **one call**. The value of a batch is not the average of its
/// slices' values if slices have different numbers of items, pairs or lists. A step in
/// micro-batches therefore collects all its scores, calls this once, and runs its backward passes
/// from slices of the gradient.
///
/// Weights: a list's weight multiplies the list's whole contribution, and an item's weight the
/// item's contribution: its term (pointwise, and listwise losses that are sums over items), its
/// pairs, as the product of both weights (pairwise and lambda), or its gain (nDCG with
/// differentiable ranks or sorting). Means divide by the sum of these weights: of items, of pairs,
/// of lists. Weight 2 on a list therefore equals giving the list twice, and likewise for an item in
/// a pointwise or pairwise loss.
public struct Loss: Sendable {
  let terms: [LossTerm]

  /// The loss called `name` with `options`; options that are not given have their defaults.
  ///
  /// - Throws: `Failure` (`.badRecipe`) for an unknown name or option, with the nearest known one,
  ///   and for a value out of range.
  public init(_ name: String, options: [String: OptionValue] = [:]) throws(Failure) {
    let definition = try Losses.named(name)
    let complete = try LossOptions(options, for: definition)
    terms = [
      LossTerm(
        weight: 1, definition: definition, options: complete.values,
        function: try definition.make(complete))
    ]
  }

  /// The sum of losses, each times its weight.
  ///
  /// - Throws: `Failure` (`.badRecipe`) if there is none, or if a weight is negative or not finite.
  public init(sum: [(weight: Double, loss: Loss)]) throws(Failure) {
    guard !sum.isEmpty else {
      throw Failure(.badRecipe, "a sum of losses is empty", expected: "one loss or more")
    }
    if let wrong = sum.first(where: { !($0.weight >= 0 && $0.weight.isFinite) }) {
      throw Failure(
        .badRecipe, "the loss '\(wrong.loss)' cannot have the weight \(wrong.weight)",
        expected: "a finite weight, 0 or more")
    }
    terms = sum.flatMap { part in
      part.loss.terms.map { term in
        var term = term
        term.weight *= part.weight
        return term
      }
    }
  }

  /// Whether some term needs teacher scores.
  public var needsTeacher: Bool { terms.contains { $0.definition.needsTeacher } }

  /// Whether a list's gradient depends, in some term, on the other lists of the batch.
  public var looksAcrossLists: Bool { terms.contains { $0.function.looksAcrossLists } }

  /// The loss of a batch of ragged lists, and its gradient. All arithmetic is in `Double`.
  ///
  /// For scores and labels up to 1e100 in magnitude the value and the gradient are finite.
  ///
  /// - Parameters:
  ///   - scores: the scores of all items of all lists, `[T]`.
  ///   - labels: graded labels, `[T]`.
  ///   - teachers: a teacher's scores, for losses that need them, `[T]`; NaN for an item without
  ///     one, which such a loss ignores. Nil to use the labels.
  ///   - offsets: the starts of the lists, `[L + 1]`; the first is 0, the last T.
  ///   - itemWeights: weights of at least 0, `[T]`; nil for 1.
  ///   - listWeights: weights of at least 0, `[L]`; nil for 1.
  ///   - mask: false for an item to ignore, `[T]`.
  ///   - draw: the training step, which seeds random choices together with the loss's own seed.
  ///   - gradient: overwritten with ∂loss/∂score, `[T]`.
  ///   - workspace: memory, reused so that calls allocate nothing.
  /// - Returns: the value.
  /// - Complexity: O(T) for pointwise losses, O(T log n) for listwise ones that sort or take a
  ///   softmax, O(T·n) with differentiable ranks and for pairs, O(T·k) for lambda losses truncated
  ///   at k, with n the length of the longest list. Memory is O(T), except for differentiable
  ///   sorting (`NeuralSort`).
  public func evaluate(
    scores: Span<Double>, labels: Span<Double>, teachers: Span<Double>? = nil, offsets: Span<Int>,
    itemWeights: Span<Double>? = nil, listWeights: Span<Double>? = nil, mask: Span<Bool>? = nil,
    draw: UInt64 = 0, gradient: inout MutableSpan<Double>, workspace: inout LossWorkspace
  ) -> Double {
    let count = scores.count
    precondition(
      labels.count == count && gradient.count == count && (itemWeights?.count ?? count) == count
        && (teachers?.count ?? count) == count && (mask?.count ?? count) == count,
      "Loss: labels, teachers, weights, mask and gradient need the \(count) elements of the scores")
    precondition(
      offsets.count > 0 && offsets[0] == 0 && offsets[offsets.count - 1] == count
        && (listWeights?.count ?? offsets.count - 1) == offsets.count - 1,
      "Loss: offsets need to run from 0 to \(count), and list weights need one element a list")

    workspace.pack(
      scores: scores, labels: labels, teachers: teachers, offsets: offsets,
      itemWeights: itemWeights,
      listWeights: listWeights, mask: mask, draw: draw)
    for i in gradient.indices { gradient[i] = 0 }
    var value = 0.0
    for term in terms {
      let total = term.function.evaluate(&workspace)
      guard total.mass > 0 else { continue }
      value += term.weight * (total.sum / total.mass)
      workspace.addGradient(scale: term.weight / total.mass, to: &gradient)
    }
    return value
  }
}

extension Loss: CustomStringConvertible {
  /// The loss in one line, with the options that differ from their defaults:
  /// `lambdarank(truncation: 10) + 0.5 * bce`.
  public var description: String {
    terms.map(\.description).joined(separator: " + ")
  }
}

/// One summand of a loss.
struct LossTerm: Sendable, CustomStringConvertible {
  var weight: Double
  let definition: LossDefinition
  let options: [String: OptionValue]
  let function: any LossFunction

  var description: String {
    let changed = definition.options
      .filter { options[$0.name] != $0.defaultValue }
      .map { "\($0.name): \(options[$0.name] ?? $0.defaultValue)" }
    let name = definition.name + (changed.isEmpty ? "" : "(\(changed.joined(separator: ", ")))")
    return weight == 1 ? name : "\(OptionValue.number(weight)) * \(name)"
  }
}
