import Diagnostics
import Files

/// Checks whether FAISS can safely read and search an index file.
///
/// FAISS trusts its files: it allocates memory for any lengths in them, follows neighbours without
/// checking that these vectors exist, and terminates the program if one of its threads throws an
/// exception. Therefore a file is parsed here first, in little memory: every count, offset,
/// neighbour, level, code size and number must be consistent with the others and with the length of
/// the file. The layouts are those of FAISS 1.7.3, which later versions still write.
struct IndexFileChecker {
  /// The description of an index, or of one inside it, from the file.
  struct Shape {
    /// The four-letter code of its type.
    var type: String
    /// The number of components of a vector.
    var width: Int
    /// The number of vectors.
    var count: Int
    /// The comparison of vectors.
    var metric: Metric
    /// Whether its training is complete.
    var isTrained: Bool
    /// The product quantizer that encodes its vectors, if any.
    var quantizer: ProductQuantizer?
    /// Whether it can reconstruct any of its vectors.
    var reconstructs = false
    /// Whether FAISS loops without terminating if more vectors are requested than it has.
    var needsEnough = false
  }

  /// The comparison of vectors.
  enum Metric: Int32 {
    case product = 0
    case distance = 1
  }

  /// Larger components of vectors and matrices indicate damage: their sums of products may
  /// overflow, and FAISS's sorting fails on NaN, which cannot be ordered.
  static let largest: Float = 1e15
  /// The maximum growth of a vector's components over all transformations.
  private static let mostGain = 1e12
  private static let mostDepth = 12

  var cursor: IndexFileCursor
  /// The caller's requirements for the outermost index.
  private let expectation: IndexExpectation
  /// The limit on FAISS's memory beyond the file's own contents.
  private let allowance: Int
  private var gain = 1.0
  /// Whether tables that only accelerate searches are too large.
  private var leavesTablesOut = false
  private var metUncheckedType = false

  /// The result of a check.
  enum Verdict {
    /// FAISS can read the file; if `leavingTablesOut`, it should not build the tables that
    /// accelerate searches in some indexes, since they are too large.
    case sound(leavingTablesOut: Bool)
    /// The file contains a type that FAISS reads but that this check does not cover.
    case unchecked(Failure)
  }

  /// Checks the index in a file.
  ///
  /// - Throws: `badData` if the file is damaged, is not a FAISS index or does not meet the
  ///   expectation; errors of mapping it.
  static func check(
    _ file: String, expecting expectation: IndexExpectation
  ) throws(Failure) -> Verdict {
    var checker = try IndexFileChecker(file, expectation)
    do throws(Failure) {
      _ = try checker.index(depth: 0, count: nil)
    } catch {
      if checker.metUncheckedType { return .unchecked(error) }
      throw error
    }
    guard checker.cursor.remaining == 0 else {
      throw checker.cursor.damaged("\(checker.cursor.remaining) unused bytes after the index")
    }
    return .sound(leavingTablesOut: checker.leavesTablesOut)
  }

  private init(_ file: String, _ expectation: IndexExpectation) throws(Failure) {
    cursor = IndexFileCursor(try Bytes(mapping: file), of: file)
    self.expectation = expectation
    allowance = 128 << 20 + 8 * cursor.count
  }

  /// An index within the file.
  ///
  /// - Parameters:
  ///   - depth: the number of indexes around it.
  ///   - count: the required number of vectors.
  mutating func index(depth: Int, count: Int?) throws(Failure) -> Shape {
    guard depth < Self.mostDepth else { throw cursor.damaged("the index is nested too deeply") }
    let start = cursor.position
    guard let type = try cursor.letters() else { throw unknownType("", at: start) }
    switch type {
    case "IxFI", "IxF2", "IxFl": return try flat(type, depth, count)
    case "IxSQ": return try scalarQuantized(type, depth, count)
    case "IxPQ", "IxPo", "IxPq": return try productQuantized(type, depth, count)
    case "IPfs": return try fastScan(type, depth, count)
    case "IxHE", "IxHe": return try hashed(type, depth, count)
    case "Imiq": return try multiIndex(type, depth, count)
    case "IHNf", "IHNp", "IHNs": return try graph(type, depth, count)
    case "INSf", "INSp", "INSs": return try spreadingGraph(type, depth, count)
    case "IvFl", "IvFL", "IwFl", "IwFd", "IvSQ", "IwSQ", "IwSq", "IvPQ", "IwPQ", "IvQR", "IwQR",
      "IwPf":
      return try lists(type, depth, count)
    case "IxPT": return try transformed(type, depth, count)
    case "IxMp", "IxM2": return try renumbered(type, depth, count)
    case "IxRF": return try refined(type, depth, count)
    default: throw unknownType(type, at: start)
    }
  }

  /// The header at the beginning of every index.
  mutating func header(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    let width = Int(try cursor.number(Int32.self))
    let vectors = Int(try cursor.number(Int64.self))
    _ = try cursor.take(16)
    let isTrained = try cursor.flag("is_trained")
    let code = try cursor.number(Int32.self)
    guard (1...1 << 20).contains(width) else {
      throw cursor.damaged("invalid dimension \(width)")
    }
    guard vectors >= 0 else { throw cursor.damaged("invalid number of vectors: \(vectors)") }
    if depth == 0 { try expectation.check(width: width, count: vectors, of: cursor.file) }
    if let count, vectors != count {
      throw cursor.damaged("a part has \(vectors) vectors, expected \(count)")
    }
    // Only a multi-index does not store its vectors: it combines stored ones.
    guard vectors <= cursor.count || type == "Imiq" && vectors < 1 << 31 else {
      throw cursor.damaged("\(vectors) vectors do not fit in \(cursor.count) bytes")
    }
    // In old files the field of product quantizers is wrong.
    let metric = ["IxPQ", "IxPo"].contains(type) ? .distance : Metric(rawValue: code)
    guard let metric, code <= 1 else { throw IndexExpectation.otherMetric(cursor.file) }
    guard isTrained || vectors == 0 else {
      throw cursor.damaged("the index is untrained but has \(vectors) vectors")
    }
    return Shape(
      type: type, width: width, count: vectors, metric: metric, isTrained: isTrained)
  }

  /// Adds to FAISS's memory the product of `factors` in bytes; the factors need not be valid.
  mutating func spend(_ factors: Int..., for purpose: String) throws(Failure) {
    guard let bytes = Self.product(factors), bytes <= allowance else {
      throw Failure(
        .badData, "the index would need too much memory for \(purpose)", at: Place(cursor.file),
        expected: "no more than \(allowance >> 20) MiB for a file of \(cursor.count) bytes",
        remedy: "rebuild the index with smaller codes or fewer lists")
    }
  }

  /// Adds the memory of optional tables, which are not built if they are too large.
  mutating func offerTable(_ factors: Int...) {
    if Self.product(factors).map({ $0 > allowance }) ?? true { leavesTablesOut = true }
  }

  /// The product of sizes, or nil if it overflows or a factor is negative.
  static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      guard factor >= 0, !overflows else { return nil }
      product = next
    }
    return product
  }

  /// Requires that the length of a vector is the product of some sizes.
  func require<T>(
    _ vector: Vector<T>, _ factors: Int..., for name: String
  ) throws(Failure) {
    guard Self.product(factors) == vector.count else {
      throw cursor.damaged(
        "the \(name) hold \(vector.count) values, expected \(factors.map(String.init).joined(separator: " · "))"
      )
    }
  }

  /// Requires numbers without NaN and within the range of sums of products.
  func requireFinite(_ vector: Vector<Float>, _ name: String) throws(Failure) {
    // False for NaN.
    if let place = vector.firstIndex(where: { !($0.magnitude <= Self.largest) }) {
      throw cursor.damaged("value \(place) of the \(name) is \(vector[place])")
    }
  }

  /// Multiplies the possible growth of numbers by that of a transformation.
  mutating func grow(by factor: Double) throws(Failure) {
    gain *= max(1, factor)
    guard gain <= Self.mostGain else {
      throw cursor.damaged("the values of the transformations are too large")
    }
  }

  private mutating func unknownType(_ type: String, at position: Int) -> Failure {
    let name = Self.uncheckedTypes[type]
    metUncheckedType = name != nil
    return Failure(
      .badData,
      name.map { "unsupported FAISS index type: \($0) ('\(type)')" }
        ?? "the file is not a FAISS index, or its type is unknown",
      at: Place(cursor.file, byte: position),
      expected: "Flat, SQ, PQ (also fast-scan), LSH, HNSW, NSG, or IVF with one of Flat, SQ and PQ;"
        + " with or without transformations, IDMap and refinement",
      remedy: "rebuild the index with one of these types")
  }

  /// Types that FAISS reads but that this program does not check.
  private static let uncheckedTypes = [
    "IxRQ": "a residual quantizer", "IxRq": "a residual quantizer",
    "IxLS": "a local search quantizer", "IxPR": "a product residual quantizer",
    "IxPL": "a product local search quantizer", "ImRQ": "a residual coarse quantizer",
    "ILfs": "a fast-scan additive quantizer", "IRfs": "a fast-scan additive quantizer",
    "IPRf": "a fast-scan additive quantizer", "IPLf": "a fast-scan additive quantizer",
    "IVLf": "an IVF of an additive quantizer", "IVRf": "an IVF of an additive quantizer",
    "NPLf": "an IVF of an additive quantizer", "NPRf": "an IVF of an additive quantizer",
    "IwLS": "an IVF of an additive quantizer", "IwRQ": "an IVF of an additive quantizer",
    "IwPL": "an IVF of an additive quantizer", "IwPR": "an IVF of an additive quantizer",
    "IxLa": "a lattice", "IwSh": "an IVF of spectral hashes", "Ix2L": "a two-layer quantizer",
    "IHN2": "an HNSW of a two-layer quantizer", "INNf": "an NNDescent graph",
    "IRMf": "a row-wise codec", "IRMh": "a row-wise codec",
  ]
}

/// The requirements for an index: the model's width and the number of ids.
struct IndexExpectation {
  /// The width of the model's embeddings; nil without a model.
  var width: Int?
  /// The number of ids.
  var count: Int
  /// Whether a different program made the index.
  var isForeign: Bool

  /// Rejects an index of a different width or size.
  func check(width: Int, count: Int, of file: String) throws(Failure) {
    if let expected = self.width, width != expected {
      throw Failure(
        .badData, "dimension mismatch: index \(width), model \(expected)",
        at: Place(file), expected: "the model that the index was built with",
        remedy: "use that model")
    }
    guard count == self.count else {
      throw Failure(
        .badData, "id count mismatch: \(count) vectors, \(self.count) ids", at: Place(file),
        expected: "one id per vector, in the order of the vectors",
        remedy: isForeign ? "use the list of ids that belongs to the index" : "rebuild the index")
    }
  }

  /// The failure for an index that compares neither by dot products nor by distances.
  static func otherMetric(_ file: String) -> Failure {
    Failure(
      .badData, "unsupported metric: the index uses neither inner products nor L2 distances",
      at: Place(file), expected: "FAISS's METRIC_INNER_PRODUCT or METRIC_L2")
  }
}
