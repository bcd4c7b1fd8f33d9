import Diagnostics
import Files

/// Indexes around others: they transform queries, renumber vectors or rerank results.
extension IndexFileChecker {
  /// A transformation of vectors.
  struct Transformation {
    var type: String
    /// The number of components of a vector before and after the transformation.
    var input: Int
    var output: Int
  }

  /// The types that can compare a query with any single vector.
  private static let plainTypes = ["IxFI", "IxF2", "IxFl", "IxSQ", "IxPQ", "IxPo", "IxPq"]

  /// The transformations that multiply by a matrix.
  private static let linearTypes = ["rrot", "LTra", "PCAm", "PcAm", "Pcam", "Viqm"]

  /// The maximum factor between the number of reranked vectors and that of results.
  private static let mostFactor: Float = 1024

  /// Transformations, followed by an index.
  mutating func transformed(
    _ type: String, _ depth: Int, _ count: Int?
  ) throws(Failure) -> Shape {
    let shape = try header(type, depth, count)
    let chain = try cursor.number(Int32.self)
    guard (0...64).contains(chain) else {
      throw cursor.damaged("invalid number of transformations: \(chain)")
    }
    var width = shape.width
    for _ in 0..<chain {
      let next = try transformation()
      guard next.input == width else {
        throw cursor.damaged("dimension mismatch: transformation \(next.input), vectors \(width)")
      }
      width = next.output
    }
    let inner = try index(depth: depth + 1, count: shape.count)
    guard inner.width == width, inner.metric == shape.metric else {
      throw cursor.damaged(
        "the transformations and the index behind them differ in dimension or metric")
    }
    var result = shape
    result.needsEnough = inner.needsEnough
    return result
  }

  /// A transformation.
  ///
  /// - Parameter mayBeEmpty: whether its matrix may be missing, since it is not used.
  mutating func transformation(mayBeEmpty: Bool = false) throws(Failure) -> Transformation {
    let type = try cursor.letters() ?? ""
    switch type {
    case _ where Self.linearTypes.contains(type):
      return try linear(type, mayBeEmpty)
    case "RmDT":
      let map = try cursor.vector(of: Int32.self)
      let result = try ending(type)
      try require(map, result.output, for: "dimensions")
      if let place = map.firstIndex(where: { $0 < -1 || $0 >= result.input }) {
        throw cursor.damaged("a remapping refers to dimension \(map[place]) of \(result.input)")
      }
      return result
    case "VNrm":
      let norm = try cursor.real(Float.self)
      let result = try ending(type)
      guard norm == 2, result.input == result.output else {
        throw cursor.damaged(
          "invalid normalisation: norm \(norm), dimensions \(result.input) and \(result.output)")
      }
      return result
    case "VCnt":
      let mean = try cursor.vector(of: Float.self)
      let result = try ending(type)
      try require(mean, result.input, for: "means")
      guard result.input == result.output else {
        throw cursor.damaged("dimension mismatch between the means and the vectors")
      }
      try requireFinite(mean, "means")
      return result
    case "Viqt":
      let mean = try cursor.vector(of: Float.self)
      _ = try cursor.flag("do_pca")
      guard try cursor.letters() == "Viqm" else {
        throw cursor.damaged("a transformation lacks its matrix")
      }
      _ = try linear("Viqm", false)
      // Only linear transformations, since unlimited nesting would exhaust the stack.
      guard let innerType = try cursor.letters(), Self.linearTypes.contains(innerType) else {
        throw cursor.damaged("a transformation is not linear")
      }
      let inner = try linear(innerType, false)
      let result = try ending(type)
      try require(mean, result.input, for: "means")
      guard inner.input == result.input, inner.output == result.output else {
        throw cursor.damaged("dimension mismatch between a transformation and its means")
      }
      try requireFinite(mean, "means")
      return result
    default:
      throw Failure(
        .badData, "unsupported transformation '\(type)'",
        at: Place(cursor.file, byte: cursor.position - 4),
        expected: "a linear map (PCA, OPQ, rotation), normalisation, centring or remapping")
    }
  }

  private mutating func linear(
    _ type: String, _ mayBeEmpty: Bool
  ) throws(Failure) -> Transformation {
    switch type {
    case "PCAm", "PcAm", "Pcam":
      _ = try cursor.real(Float.self)
      if type == "Pcam" { _ = try cursor.real(Float.self) }
      _ = try cursor.flag("random_rotation")
      if type != "PCAm" { _ = try cursor.number(Int32.self) }
      for name in ["means", "eigenvalues", "components"] {
        try requireFinite(try cursor.vector(of: Float.self), name)
      }
    case "Viqm": _ = try cursor.take(8)
    default: break
    }
    let hasBias = try cursor.flag("have_bias")
    let matrix = try cursor.vector(of: Float.self)
    let bias = try cursor.vector(of: Float.self)
    let result = try ending(type)
    if !(mayBeEmpty && matrix.isEmpty) {
      try require(matrix, result.input, result.output, for: "matrix rows")
    }
    if hasBias { try require(bias, result.output, for: "biases") }
    try requireFinite(matrix, "matrix rows")
    try requireFinite(bias, "biases")
    try grow(by: Double(matrix.largestMagnitude) * Double(result.input))
    return result
  }

  /// The fields at the end of every transformation.
  private mutating func ending(_ type: String) throws(Failure) -> Transformation {
    let input = Int(try cursor.number(Int32.self))
    let output = Int(try cursor.number(Int32.self))
    let isTrained = try cursor.flag("is_trained")
    guard (1...1 << 20).contains(input), (1...1 << 20).contains(output) else {
      throw cursor.damaged("invalid dimensions of a transformation: \(input) to \(output)")
    }
    guard isTrained || type == "rrot" || type == "Viqm" else {
      throw cursor.damaged("a transformation was not trained")
    }
    return Transformation(type: type, input: input, output: output)
  }

  /// An index with its own numbers of vectors.
  mutating func renumbered(
    _ type: String, _ depth: Int, _ count: Int?
  ) throws(Failure) -> Shape {
    let shape = try header(type, depth, count)
    let inner = try index(depth: depth + 1, count: shape.count)
    guard inner.width == shape.width, inner.metric == shape.metric else {
      throw cursor.damaged("the id map and the index behind it differ in dimension or metric")
    }
    let map = try cursor.vector(of: Int64.self)
    try require(map, shape.count, for: "numbers")
    var numbers = NumberSet(count: shape.count)
    for place in 0..<map.count { try insert(map[place], into: &numbers) }
    var result = shape
    result.needsEnough = inner.needsEnough
    return result
  }

  /// An index whose results a second index reranks.
  mutating func refined(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    let base = try index(depth: depth + 1, count: shape.count)
    let fine = try index(depth: depth + 1, count: shape.count)
    let factor = try cursor.real(Float.self)
    try requireFactor(factor)
    guard base.width == shape.width, fine.width == shape.width, fine.metric == shape.metric,
      Self.plainTypes.contains(fine.type), !base.needsEnough || factor == 1
    else { throw cursor.damaged("the refinement index does not match the base index") }
    shape.reconstructs = true
    shape.needsEnough = base.needsEnough
    return shape
  }

  /// Requires a valid factor between the number of reranked vectors and that of results.
  func requireFactor(_ factor: Float) throws(Failure) {
    guard (1...Self.mostFactor).contains(factor) else {
      throw cursor.damaged("invalid refinement factor \(factor)")
    }
  }
}
