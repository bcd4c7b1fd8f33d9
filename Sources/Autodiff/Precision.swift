package import Tensors

/// The precision of matrix products. All other operations are computed in `Float`.
public enum Precision: String, Sendable, CaseIterable {
  /// 32 bits throughout.
  case f32
  /// Operands rounded to bfloat16, sums in 32 bits; twice the speed on processors with bfloat16
  /// instructions.
  case bf16
  /// Weights rounded to 8 bits channel by channel, activations row by row; for inference only.
  case int8

  /// Whether this processor has instructions for products in this precision.
  public var isAvailable: Bool {
    switch self {
    case .f32: true
    case .bf16: ProductEngine.hasBF16
    case .int8: ProductEngine.hasInt8
    }
  }

  /// The fastest precision whose results are as good as those of 32 bits.
  public static var fastest: Precision { Precision.bf16.isAvailable ? .bf16 : .f32 }
}

/// A second copy of a model's weights, in the format of products in less than 32 bits.
///
/// Tapes on several threads share one. The copy holds the weights as of the last `refresh`, so code
/// that changes the weights calls `refresh`. Lookup tables, which no product reads, are left out: a
/// refresh does not write their part of the copy, which is undefined and takes no memory until it
/// is written.
public final class ReducedWeights: Sendable {
  /// The precision the copy is for.
  public let precision: Precision
  private let parameters: Parameters
  /// The parameters that a refresh rounds again, as contiguous ranges of the buffer: fixed ones do not
  /// change.
  private let runs: [Range<Int>]
  private let halves: BFloatStorage?
  private let bytes: QuantizedCopy?

  /// A copy of the weights for a precision; nil for 32 bits, which needs none.
  ///
  /// - Parameter isOnly: whether nothing else reads the fixed weights of linear layers: the copy in
  ///   bfloat16 then is the only one, and `parameters` has undefined values in their place.
  public init?(_ parameters: Parameters, _ precision: Precision, isOnly: Bool = false) {
    self.precision = precision
    self.parameters = parameters
    runs = parameters.table.ranges { $0.use != .lookup && !$0.isFixed }
    switch precision {
    case .f32: return nil
    case .bf16:
      halves = BFloatStorage(count: parameters.table.count)
      bytes = nil
    case .int8:
      halves = nil
      bytes = QuantizedCopy(parameters.table)
    }
    refresh()
    guard let bfloats else { return }
    for entry in parameters.table.entries where entry.isFixed && entry.use != .lookup {
      let range = entry.parameter.range
      bfloats[range].copy(rounding: parameters.values.floats[range])
      if isOnly, entry.isDiscardable { parameters.values.discard(range) }
    }
  }

  /// Rounds all weights again, except for those whose values are fixed.
  public func refresh() {
    if let bfloats = halves?.bfloats {
      for run in runs { bfloats[run].copy(rounding: parameters.values.floats[run]) }
    }
    bytes?.copy(rounding: parameters)
  }

  /// The copy in bfloat16, laid out like the parameters.
  package var bfloats: BFloats? { halves?.bfloats }

  func quantized(_ parameter: Parameter) -> QuantizedWeights {
    guard let bytes else { preconditionFailure("no weights in 8 bits") }
    return bytes.weights(parameter)
  }
}

extension ParameterTable.Entry {
  /// Whether a rounded copy can take the place of its values.
  fileprivate var isDiscardable: Bool { isFixed && use == .product }
}

/// All matrices of a table that products read, in 8 bits.
private final class QuantizedCopy: Sendable {
  /// A matrix: its range in the parameter buffer, and its first row among the rows of all matrices.
  private struct Member {
    var parameter: Parameter
    var channel: Int
  }

  private let storage: QuantizedStorage
  private let members: [Member]

  init(_ table: ParameterTable) {
    var members: [Member] = []
    var channels = 0
    for entry in table.entries where entry.parameter.shape.rank == 2 && entry.use != .lookup {
      members.append(Member(parameter: entry.parameter, channel: channels))
      channels += entry.parameter.shape[0]
    }
    self.members = members
    storage = QuantizedStorage(count: table.count, channels: channels)
  }

  func copy(rounding parameters: Parameters) {
    for member in members { weights(member.parameter).copy(rounding: parameters[member.parameter]) }
  }

  /// A matrix of the table, a range of its rows, or several consecutive matrices.
  func weights(_ parameter: Parameter) -> QuantizedWeights {
    let place = members.partitionPoint { $0.parameter.range.upperBound > parameter.offset }
    precondition(
      place < members.count && members[place].parameter.range.contains(parameter.offset)
        && members[place].parameter.shape[1] == parameter.shape[1],
      "the parameter is no matrix of the table")
    let member = members[place]
    let row = (parameter.offset - member.parameter.offset) / parameter.shape[1]
    return storage.weights(
      offset: parameter.offset, channel: member.channel + row, rows: parameter.shape[0],
      columns: parameter.shape[1])
  }
}
