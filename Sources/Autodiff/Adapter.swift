/// A low-rank addition to the weight of a linear layer (LoRA: Hu et al., 2022), which then computes
/// `x · (W + scale · B · A)ᵀ`.
///
/// The sum is never made: `scale · (x · Aᵀ) · Bᵀ` is added to `x · Wᵀ` by every operation that
/// multiplies by the weight, or by some of its rows. So models have adapters without knowing it.
public struct Adapter: Sendable, Equatable {
  /// W, `[out, in]`.
  public let weight: Parameter
  /// A, `[rank, in]`.
  public let down: Parameter
  /// B, `[out, rank]`.
  public let up: Parameter
  /// The factor of the product.
  public let scale: Float
  /// The dropout rate of what A reads.
  public let dropout: Float

  /// What stands in the place of `weight` in the name of an A, as PEFT names it.
  package static let downName = "lora_A.weight"
  /// The same of a B.
  package static let upName = "lora_B.weight"

  /// The factor of a product B · A: alpha / rank, or alpha / √rank (rsLoRA: Kalajdzievski, 2023).
  package static func scale(alpha: Double, rank: Int, isRankStabilized: Bool) -> Float {
    Float(alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank)))
  }

  /// The number of rows of A.
  public var rank: Int { down.shape[0] }

  /// The rows of the adapter's weight that another parameter of as many columns has: their places
  /// in that parameter, and the rows of B for them.
  func overlap(with other: Parameter) -> (columns: Range<Int>, up: Parameter) {
    let width = weight.shape[1]
    precondition(
      other.shape.rank == 2 && other.shape[1] == width
        && (weight.offset - other.offset) % width == 0,
      "the adapter of a weight \(weight.shape) is read as one of \(other.shape)")
    let first = (weight.offset - other.offset) / width
    let columns = max(first, 0)..<min(first + weight.shape[0], other.shape[0])
    return (columns, up.rows(columns.lowerBound - first..<columns.upperBound - first))
  }
}

extension ParameterTable {
  /// The fixed parameters as contiguous ranges of the buffer.
  var fixedRanges: [Range<Int>] { ranges { $0.isFixed } }

  /// The parameters that satisfy a condition as contiguous ranges of the buffer.
  func ranges(where isIncluded: (Entry) -> Bool) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for entry in entries where isIncluded(entry) {
      let range = entry.parameter.range
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }
}
