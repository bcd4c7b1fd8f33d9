import Tensors

/// Memory for gradients of fixed parameters that an operation computes along with others, as a norm
/// does: written and never read. In the buffer of gradients each would take a page of its own.
struct UnneededGradients {
  /// Operations write the gradients of a few parameters at once.
  private static let places = 8

  private let ranges: [Range<Int>]
  private let storage: Storage
  private let size: Int
  private var next = 0

  /// Memory for the fixed vectors of a table, and for its small tables; nil if nothing is fixed.
  init?(_ table: ParameterTable, fixed ranges: [Range<Int>]) {
    self.ranges = ranges
    guard !ranges.isEmpty else { return nil }
    let counts = table.entries.lazy.filter(\.isFixed).map(\.parameter.shape.count)
    size = counts.filter { $0 <= 1 << 16 }.max() ?? 0
    storage = Storage(count: Self.places * size)
  }

  /// The memory for the gradient of a parameter; nil if it is needed or too large.
  mutating func memory(of parameter: Parameter) -> Floats? {
    let count = parameter.shape.count
    guard count <= size, ranges.contains(where: { $0.contains(parameter.offset) }) else {
      return nil
    }
    next = (next + 1) % Self.places
    return storage.floats[next * size..<next * size + count]
  }
}
