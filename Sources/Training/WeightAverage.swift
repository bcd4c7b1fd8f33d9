import Autodiff
package import Tensors

/// The exponential moving average of the weights that training changes (Polyak and Juditsky, 1992).
///
/// After t steps it is Σ dᵗ⁻ⁱ wᵢ / Σ dᵗ⁻ⁱ over the weights wᵢ after step i, from 1: with the
/// correction for its start, the average of the first step is the weights of that step. Step t moves
/// it toward the new weights by the share (1 − d) / (1 − dᵗ) of their difference.
package final class WeightAverage: Sendable {
  /// The averages, laid out like the parameters; those of frozen ones are never written and take no
  /// memory.
  package let values: Storage
  /// The parameters that training changes.
  let entries: [ParameterTable.Entry]

  /// Weights of this number, and all that an update reads and writes of them, fit into a core's
  /// cache.
  private static let block = 4096

  init(_ table: ParameterTable, isFrozen: (_ name: String) -> Bool) {
    values = Storage(count: table.count)
    entries = table.entries.filter { !isFrozen($0.name) }
  }

  /// The share by which a step, from 1, moves the average toward its weights.
  package static func share(decay: Double, step: Int) -> Float {
    Float((1 - decay) / (1 - power(decay, Double(step))))
  }

  /// Moves the average of a range toward its weights.
  func add(_ range: Range<Int>, of weights: Floats, _ share: Float) {
    values.floats[range].move(toward: weights[range], by: share)
  }

  /// Calls `body` for the parts of a range, so that weights still are in cache after their update
  /// when they are added to the average.
  func forEachBlock(of range: Range<Int>, _ body: (Range<Int>) -> Void) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + Self.block, range.upperBound)
      body(start..<end)
      start = end
    }
  }
}
