import Tensors

/// A tensor seen along one axis: `outer` blocks, each of as many rows as the axis has, each of
/// `inner` values.
struct AxisBlocks {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ shape: Shape, axis: Int) {
    precondition(axis >= 0 && axis < shape.rank, "axis \(axis) of shape \(shape)")
    var outer = 1
    var inner = 1
    for i in 0..<axis { outer *= shape[i] }
    for i in axis + 1..<shape.rank { inner *= shape[i] }
    self.outer = outer
    self.inner = inner
    extent = shape[axis]
  }

  /// The number of values per block.
  var columns: Int { extent * inner }

  /// The blocks as lists of rows.
  var lists: Lists { Lists(count: outer, length: extent) }
}

/// The rows of `[n]` or `[n, d]`, divided into ragged lists.
struct SequenceRows {
  let lists: Lists
  /// The shape of the rows.
  let shape: Shape
  /// The number of values per row.
  let width: Int

  init(_ operation: StaticString, _ shape: Shape, _ offsets: Indices, rank: Int? = nil) {
    precondition(
      rank.map { shape.rank == $0 } ?? (shape.rank == 1 || shape.rank == 2),
      "\(operation): shape \(shape) is not that of a list of rows")
    guard let lists = Lists(offsets: offsets, rows: shape[0]) else {
      preconditionFailure(
        "\(operation): \(offsets.count) offsets do not rise from 0 to the rows of shape \(shape)")
    }
    self.lists = lists
    self.shape = shape
    width = shape.rank == 1 ? 1 : shape[1]
  }

  /// The shape with one row for each list.
  var reduced: Shape { shape.replacing(axis: 0, with: lists.count) }
}

extension Shape {
  /// This shape after a reduction along an axis, which disappears or stays with extent 1.
  func reducing(axis: Int, keepAxis: Bool) -> Shape {
    if keepAxis { return replacing(axis: axis, with: 1) }
    func extent(_ i: Int) -> Int { self[i < axis ? i : i + 1] }
    switch rank {
    case 1: return Shape()
    case 2: return Shape(extent(0))
    case 3: return Shape(extent(0), extent(1))
    default: return Shape(extent(0), extent(1), extent(2))
    }
  }
}
