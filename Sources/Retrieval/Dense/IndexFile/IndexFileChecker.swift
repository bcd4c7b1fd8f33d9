import Diagnostics
import Files

/// Says whether FAISS can read a file and search what it has read.
///
/// FAISS trusts its files: it takes memory for whatever lengths they announce, follows the
/// neighbours that they name without looking whether there are such vectors, and ends the program
/// where a thread of its own meets an exception. So a file is parsed here first, almost without
/// memory: every count, offset, neighbour, level, code size and number has to go with the others
/// and with the length of the file. The layouts are those of FAISS 1.7.3, which later versions
/// still write.
struct IndexFileChecker {
  /// What the part of a file that describes an index says of it.
  struct Shape {
    /// The four letters that stand for its type.
    var type: String
    /// How many numbers a vector has.
    var width: Int
    /// How many vectors there are.
    var count: Int
    /// How it compares them.
    var metric: Metric
    /// Whether it has learned what it has to.
    var isTrained: Bool
    /// How its vectors are coded, where a product quantizer does it.
    var quantizer: ProductQuantizer?
    /// Whether it can give back any of its vectors.
    var reconstructs = false
    /// Whether FAISS searches for ever where more vectors are asked for than there are.
    var needsEnough = false
  }

  /// How vectors are compared.
  enum Metric: Int32 {
    case product = 0
    case distance = 1
  }

  /// Numbers of vectors and matrices beyond this are damage: their sums of products may overflow,
  /// and what is not a number has no place in an order, which FAISS's sorting does not survive.
  static let largest: Float = 1e15
  /// What the entries of a vector may grow by in all transformations together.
  private static let mostGain = 1e12
  private static let mostDepth = 12

  var cursor: IndexFileCursor
  /// What the caller wants of the outermost index.
  private let expectation: IndexExpectation
  /// What FAISS may take beyond the file's own contents.
  private let allowance: Int
  private var gain = 1.0
  /// Whether tables that would only make searches faster are too large.
  private var leavesTablesOut = false
  private var metUncheckedType = false

  /// What became of a check.
  enum Verdict {
    /// FAISS can read the file; it should leave out the tables that it makes of some indexes for
    /// speed where they are too large.
    case sound(leavingTablesOut: Bool)
    /// The file holds a type that FAISS reads and that is not checked here.
    case unchecked(Failure)
  }

  /// Checks the index in a file.
  ///
  /// - Throws: `badData` where the file is damaged, no index of FAISS or not what is expected; what
  ///   mapping it does.
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
      throw checker.cursor.damaged("\(checker.cursor.remaining) bytes follow its end")
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
  ///   - depth: how many others it is in.
  ///   - count: how many vectors it has to have.
  mutating func index(depth: Int, count: Int?) throws(Failure) -> Shape {
    guard depth < Self.mostDepth else { throw cursor.damaged("its parts are nested too deeply") }
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

  /// The header that every index begins with.
  mutating func header(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    let width = Int(try cursor.number(Int32.self))
    let vectors = Int(try cursor.number(Int64.self))
    _ = try cursor.take(16)
    let isTrained = try cursor.flag("is_trained")
    let code = try cursor.number(Int32.self)
    guard (1...1 << 20).contains(width) else {
      throw cursor.damaged("its vectors have \(width) numbers")
    }
    guard vectors >= 0 else { throw cursor.damaged("it has \(vectors) vectors") }
    if depth == 0 { try expectation.check(width: width, count: vectors, of: cursor.file) }
    if let count, vectors != count {
      throw cursor.damaged("a part has \(vectors) vectors where \(count) belong")
    }
    // Only a multi-index holds none of its vectors: it is they that are combined.
    guard vectors <= cursor.count || type == "Imiq" && vectors < 1 << 31 else {
      throw cursor.damaged("it has \(vectors) vectors in \(cursor.count) bytes")
    }
    // Product quantizers of old files say something else than they do.
    let metric = ["IxPQ", "IxPo"].contains(type) ? .distance : Metric(rawValue: code)
    guard let metric, code <= 1 else { throw IndexExpectation.otherMetric(cursor.file) }
    guard isTrained || vectors == 0 else {
      throw cursor.damaged("it has \(vectors) vectors and was not trained")
    }
    return Shape(
      type: type, width: width, count: vectors, metric: metric, isTrained: isTrained)
  }

  /// Notes that FAISS takes so many bytes, whose factors may be anything.
  mutating func spend(_ factors: Int..., for purpose: String) throws(Failure) {
    guard let bytes = Self.product(factors), bytes <= allowance else {
      throw Failure(
        .badData, "the index would take too much memory for \(purpose)", at: Place(cursor.file),
        expected: "no more than \(allowance >> 20) MiB for a file of \(cursor.count) bytes",
        remedy: "build the index again, with smaller codes or fewer lists")
    }
  }

  /// Notes tables of so many bytes, which are left out where they are too large.
  mutating func offerTable(_ factors: Int...) {
    if Self.product(factors).map({ $0 > allowance }) ?? true { leavesTablesOut = true }
  }

  /// The product of sizes, or nil where it is not a size.
  static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      guard factor >= 0, !overflows else { return nil }
      product = next
    }
    return product
  }

  /// Requires that a vector is as long as the product of some sizes.
  func require<T>(
    _ vector: Vector<T>, _ factors: Int..., for name: String
  ) throws(Failure) {
    guard Self.product(factors) == vector.count else {
      throw cursor.damaged(
        "its \(name) hold \(vector.count) numbers, not \(factors.map(String.init).joined(separator: " · "))"
      )
    }
  }

  /// Requires numbers that can be reckoned with.
  func requireFinite(_ vector: Vector<Float>, _ name: String) throws(Failure) {
    // False for what is not a number.
    if let place = vector.firstIndex(where: { !($0.magnitude <= Self.largest) }) {
      throw cursor.damaged("its \(name) hold \(vector[place]) as number \(place)")
    }
  }

  /// Notes by how much a transformation can make numbers grow.
  mutating func grow(by factor: Double) throws(Failure) {
    gain *= max(1, factor)
    guard gain <= Self.mostGain else { throw cursor.damaged("its transformations are too large") }
  }

  private mutating func unknownType(_ type: String, at position: Int) -> Failure {
    let name = Self.uncheckedTypes[type]
    metUncheckedType = name != nil
    return Failure(
      .badData,
      name.map { "the index is \($0) ('\(type)'), a type of FAISS that this program does not read" }
        ?? "the file is not an index of FAISS, or of a type that this program does not know",
      at: Place(cursor.file, byte: position),
      expected: "Flat, SQ, PQ (also fast-scan), LSH, HNSW, NSG, or IVF with one of Flat, SQ and PQ;"
        + " with or without transformations, IDMap and refinement",
      remedy: "build the index again as one of these")
  }

  /// Types that FAISS reads and this program does not check.
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

/// What an index has to be: the model's width and the number of its ids.
struct IndexExpectation {
  /// How many numbers the model's embeddings have; nil where there is no model.
  var width: Int?
  /// How many ids there are.
  var count: Int
  /// Whether the index was made elsewhere.
  var isForeign: Bool

  /// Rejects an index of another width or size.
  func check(width: Int, count: Int, of file: String) throws(Failure) {
    if let expected = self.width, width != expected {
      throw Failure(
        .badData, "dimension mismatch: index \(width), model \(expected)",
        at: Place(file), expected: "the model that made the index", remedy: "name that model")
    }
    guard count == self.count else {
      throw Failure(
        .badData, "the index has \(count) vectors and \(self.count) ids", at: Place(file),
        expected: "an id for every vector, in their order",
        remedy: isForeign ? "name the list that belongs to the index" : "build the index again")
    }
  }

  /// An index compares in some way that is neither product nor distance.
  static func otherMetric(_ file: String) -> Failure {
    Failure(
      .badData, "the index compares vectors neither by scalar products nor by distances",
      at: Place(file), expected: "FAISS's METRIC_INNER_PRODUCT or METRIC_L2")
  }
}
