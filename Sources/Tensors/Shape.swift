/// The extents of a tensor, outermost first; values lie in row-major order without gaps.
///
/// A shape is a plain value of fixed size (rank 0 to 4), so that making one never allocates.
public struct Shape: Sendable, Equatable, CustomStringConvertible {
  /// The number of axes; 0 for a scalar.
  public let rank: Int
  private let extents: (Int, Int, Int, Int)

  /// A scalar: one value, no axes.
  public init() {
    rank = 0
    extents = (1, 1, 1, 1)
  }

  /// A vector of `a` values.
  public init(_ a: Int) {
    precondition(a >= 0, "an extent is negative: \(a)")
    rank = 1
    extents = (a, 1, 1, 1)
  }

  /// A matrix of `a` rows and `b` columns.
  public init(_ a: Int, _ b: Int) {
    precondition(a >= 0 && b >= 0, "an extent is negative: \(a), \(b)")
    rank = 2
    extents = (a, b, 1, 1)
  }

  /// A tensor of three axes.
  public init(_ a: Int, _ b: Int, _ c: Int) {
    precondition(a >= 0 && b >= 0 && c >= 0, "an extent is negative: \(a), \(b), \(c)")
    rank = 3
    extents = (a, b, c, 1)
  }

  /// A tensor of four axes.
  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    precondition(a >= 0 && b >= 0 && c >= 0 && d >= 0, "an extent is negative")
    rank = 4
    extents = (a, b, c, d)
  }

  /// The shape with these extents, or nil if there are more than four or one is negative.
  public init?(_ extents: [Int]) {
    guard extents.count <= 4, extents.allSatisfy({ $0 >= 0 }) else { return nil }
    let e = extents + [Int](repeating: 1, count: 4 - extents.count)
    rank = extents.count
    self.extents = (e[0], e[1], e[2], e[3])
  }

  /// The number of values of a tensor of this shape.
  public var count: Int { extents.0 * extents.1 * extents.2 * extents.3 }

  /// The extent of `axis`, counted from 0 at the outermost.
  public subscript(axis: Int) -> Int {
    precondition(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
    switch axis {
    case 0: return extents.0
    case 1: return extents.1
    case 2: return extents.2
    default: return extents.3
    }
  }

  /// The extent of the innermost axis; 1 for a scalar.
  public var columns: Int { rank == 0 ? 1 : self[rank - 1] }

  /// The number of rows of `columns` values: the product of all axes except the innermost.
  public var rows: Int {
    switch rank {
    case 0, 1: return 1
    case 2: return extents.0
    case 3: return extents.0 * extents.1
    default: return extents.0 * extents.1 * extents.2
    }
  }

  /// This shape with the extent of one axis replaced.
  public func replacing(axis: Int, with extent: Int) -> Shape {
    precondition(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
    var e = extents
    switch axis {
    case 0: e.0 = extent
    case 1: e.1 = extent
    case 2: e.2 = extent
    default: e.3 = extent
    }
    return Shape(rank: rank, e)
  }

  private init(rank: Int, _ extents: (Int, Int, Int, Int)) {
    self.rank = rank
    self.extents = extents
  }

  /// The extents as an array.
  public var array: [Int] { (0..<rank).map { self[$0] } }

  /// `[a, b]`.
  public var description: String { "\(array)" }

  /// Whether two shapes have the same rank and extents.
  public static func == (a: Shape, b: Shape) -> Bool {
    a.rank == b.rank && a.extents == b.extents
  }
}
