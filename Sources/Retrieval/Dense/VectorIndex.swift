import CFaiss
import Diagnostics
import Files
import Synchronization

/// A search result: the vector's number, in the order in which vectors were added, and its score; a
/// higher score is nearer.
struct FoundVector: Equatable {
  var number: Int
  var score: Float

  /// Equal scores are ordered by vector number.
  static func precedes(_ a: FoundVector, _ b: FoundVector) -> Bool {
    a.score != b.score ? a.score > b.score : a.number < b.number
  }
}

/// An index of vectors by FAISS (Johnson, Douze and Jégou, 2017, "Billion-scale similarity search
/// with GPUs"). Functions that change it need exclusive access; searches may run concurrently.
///
/// This type holds all of this module's pointers into FAISS.
@safe final class VectorIndex: @unchecked Sendable {
  private let index: OpaquePointer
  /// The file or the description, for messages.
  private let place: String

  /// An empty index by FAISS's description of it, such as "HNSW32".
  ///
  /// - Throws: `usage` if FAISS does not know the index, does not support this width, or may crash
  ///   while building it.
  init(width: Int, factory: String) throws(Failure) {
    place = factory
    try Self.check(factory: factory)
    var made: OpaquePointer?
    let status = unsafe ltr_faiss_create(Int32(clamping: width), factory, &made)
    if status == LTR_FAISS_FAILED {
      throw Failure(
        .usage, "FAISS cannot create an index '\(factory)' of dimension \(width): \(Self.message)",
        expected: "an index factory string such as Flat, HNSW32, IVF1024,Flat or IVF1024,PQ48",
        remedy: "see 'The index factory' in the documentation of FAISS")
    }
    guard status == LTR_FAISS_OK, let made = unsafe made else {
      throw Self.failure(status, at: place)
    }
    unsafe index = made
  }

  /// The index in a file, checked before FAISS reads it.
  ///
  /// - Parameter isTrusted: whether the file's checksum proves that this program wrote it. Only
  ///   then are unchecked types read.
  /// - Throws: `missingInput` if it cannot be read, `badData` if it is damaged, is not an index or
  ///   does not meet the expectation.
  init(
    reading path: String, expecting expectation: IndexExpectation, isTrusted: Bool
  ) throws(Failure) {
    if !Self.isAvailable { throw Self.leftOut }
    place = path
    var leavesTablesOut = false
    switch try IndexFileChecker.check(path, expecting: expectation) {
    case .sound(let leavingTablesOut): leavesTablesOut = leavingTablesOut
    case .unchecked(let failure): if !isTrusted { throw failure }
    }
    var read: OpaquePointer?
    let status = unsafe ltr_faiss_read(path, leavesTablesOut, &read)
    guard status == LTR_FAISS_OK, let read = unsafe read else {
      throw Self.failure(status, at: path)
    }
    unsafe index = read
  }

  deinit { unsafe ltr_faiss_destroy(index) }

  /// Whether the program was built with FAISS.
  static var isAvailable: Bool { ltr_faiss_is_there() }

  /// The number of components of a vector.
  var width: Int { Int(unsafe ltr_faiss_width(index)) }
  /// The number of vectors.
  var count: Int { Int(unsafe ltr_faiss_count(index)) }
  /// Whether its training is complete.
  var isTrained: Bool { unsafe ltr_faiss_is_trained(index) }
  /// Whether it compares neither by dot products nor by distances.
  var comparesOtherwise: Bool { unsafe ltr_faiss_nearness(index) == LTR_FAISS_OTHER }

  /// Reserves memory for `count` vectors in an index that stores them unencoded.
  func reserve(_ count: Int) throws(Failure) {
    try check(unsafe ltr_faiss_reserve(index, Int64(count)))
  }

  /// Trains the index on rows of `width` numbers.
  func train(_ vectors: [Float]) throws(Failure) {
    let count = Int64(rows(of: vectors))
    try check(unsafe ltr_faiss_train(index, count, vectors))
  }

  /// Adds rows of `width` numbers.
  func add(_ vectors: [Float]) throws(Failure) {
    let count = Int64(rows(of: vectors))
    if count > 0 { try check(unsafe ltr_faiss_add(index, count, vectors)) }
  }

  /// Sets a search parameter; false if the index does not have it.
  func set(_ parameter: String, to value: Int) throws(Failure) -> Bool {
    let status = unsafe ltr_faiss_set(index, parameter, Double(Int32(clamping: value)))
    if status == LTR_FAISS_FAILED { return false }
    try check(status)
    return true
  }

  /// Writes the index to a file without flushing it to the disk.
  func write(to path: String) throws(Failure) {
    let status = unsafe ltr_faiss_write(index, path)
    if status == LTR_FAISS_SYSTEM {
      throw failureWriting(path, code: ltr_faiss_error_number())
    }
    try check(status)
  }

  private func rows(of vectors: [Float]) -> Int {
    precondition(vectors.count % width == 0, "\(vectors.count) numbers in rows of \(width)")
    return vectors.count / width
  }

  private func check(_ status: Int32) throws(Failure) {
    if status != LTR_FAISS_OK { throw Self.failure(status, at: place) }
  }

  private static var message: String { unsafe String(cString: ltr_faiss_message()) }

  static var leftOut: Failure {
    Failure(
      .unavailable, "this program was built without support for dense indexes",
      remedy: "install libfaiss-dev and build with the package trait Dense, which is on by default")
  }

  private static func failure(_ status: Int32, at place: String) -> Failure {
    switch Int(status) {
    case LTR_FAISS_LEFT_OUT: return leftOut
    case LTR_FAISS_NO_MEMORY:
      return Failure(
        .unavailable, "there is not enough memory for the index", at: Place(place),
        remedy: "choose an index that compresses vectors, such as IVF1024,PQ48")
    case LTR_FAISS_SYSTEM:
      return failureReading(place, code: ltr_faiss_error_number())
    case LTR_FAISS_TRUNCATED:
      return Failure(
        .badData, "the index file is truncated", at: Place(place),
        remedy: "rebuild the index, or restore it from an intact copy")
    default:
      return Failure(
        .badData, "FAISS reports: \(message)", at: Place(place), expected: "a FAISS index")
    }
  }

  /// Rejects descriptions that crash FAISS, and those of indexes that cannot be filled here.
  private static func check(factory: String) throws(Failure) {
    // FAISS divides by the numbers of a description before it validates them.
    if factory.isEmpty || factory.contains(/[A-Za-z]0+(?![0-9])/) {
      throw Failure(
        .usage, "the index factory string '\(factory)' is empty or contains the number 0",
        expected: "numbers of 1 or more, as in HNSW32")
    }
    // FAISS 1.7.3, for any number of neighbours: SIGFPE with 20 vectors, SIGABRT with 120, and an
    // endless loop with 300 of which 200 are equal.
    if factory.contains("NSG") {
      throw Failure(
        .usage,
        "building NSG indexes ('\(factory)') is not supported: with few or many equal documents, FAISS's "
          + "NSG construction crashes or does not terminate",
        expected: "another graph, such as HNSW32",
        remedy: "build HNSW32, or build the NSG index with FAISS itself; ltr can search it")
    }
    // Levels are drawn with 1 / log(neighbours), which is infinite for one neighbour.
    if factory.contains(/HNSW0*1(?![0-9])/) {
      throw Failure(
        .usage, "FAISS does not terminate on '\(factory)', a graph with one neighbour per vector",
        expected: "2 neighbours or more, as in HNSW32")
    }
    if factory.contains("IDMap") {
      throw Failure(
        .usage,
        "the index '\(factory)' requires explicit vector ids, but vectors are added without ids",
        expected: "vectors numbered in the order of the documents",
        remedy: "remove IDMap from the factory string")
    }
  }
}

extension VectorIndex {
  /// The number of queries per search. A smaller batch is padded with copies of the last query:
  /// matrix products of one shape give every row the same bits, regardless of the other rows.
  private static let queriesAtOnce = 32

  /// The maximum number of results examined to resolve ties.
  private static let mostCandidates = 1 << 16

  /// The `depth` nearest vectors of each query, best first; `queries` are rows of `width` numbers.
  /// Queries are distributed over the processor's cores.
  ///
  /// - Throws: `unavailable` if there is not enough memory, `badData` if FAISS cannot search.
  func search(_ queries: [Float], depth: Int) throws(Failure) -> [[FoundVector]] {
    let total = rows(of: queries)
    guard total > 0, count > 0, depth > 0 else { return Array(repeating: [], count: total) }
    let blocks = (total + Self.queriesAtOnce - 1) / Self.queriesAtOnce
    let answers = Mutex([[[FoundVector]]](repeating: [], count: blocks))
    try concurrently(blocks) { block throws(Failure) in
      let range = block * Self.queriesAtOnce..<min(total, (block + 1) * Self.queriesAtOnce)
      let rows = Array(queries[range.lowerBound * self.width..<range.upperBound * self.width])
      let found = try self.search(rows, range.count, depth)
      answers.withLock { $0[block] = found }
    }
    return answers.withLock { $0.flatMap(\.self) }
  }

  /// Searches for one block of queries. FAISS returns an arbitrary selection of the results with
  /// the last score, so it is asked for more until a score is below the last one wanted.
  private func search(
    _ queries: [Float], _ count: Int, _ depth: Int
  ) throws(Failure) -> [[FoundVector]] {
    var vectors = queries
    let last = queries.suffix(width)
    for _ in count..<Self.queriesAtOnce { vectors += last }
    var wanted = depth + depth / 4 + 16
    while true {
      let most = min(wanted, self.count)
      let found = try nearest(vectors, count, most)
      if most == self.count || most >= max(depth, Self.mostCandidates)
        || found.allSatisfy({ Self.isSettled($0, depth, most) })
      {
        return found.map { Array($0.prefix(depth)) }
      }
      wanted = most * 4
    }
  }

  /// Whether the results beyond `depth` are worse than those before by more than rounding.
  private static func isSettled(_ found: [FoundVector], _ depth: Int, _ asked: Int) -> Bool {
    guard found.count == asked, let last = found.last else { return true }
    let score = found[depth - 1].score
    return score - last.score > 1e-5 * max(1, abs(score))
  }

  private func nearest(
    _ vectors: [Float], _ count: Int, _ depth: Int
  ) throws(Failure) -> [[FoundVector]] {
    var scores = [Float](repeating: 0, count: Self.queriesAtOnce * depth)
    var numbers = [Int64](repeating: -1, count: Self.queriesAtOnce * depth)
    try check(
      unsafe ltr_faiss_search(
        index, Int64(Self.queriesAtOnce), vectors, Int64(depth), &scores, &numbers))
    return (0..<count).map { query in
      (query * depth..<(query + 1) * depth)
        .filter { numbers[$0] >= 0 }
        .map { FoundVector(number: Int(numbers[$0]), score: scores[$0]) }
        .sorted(by: FoundVector.precedes)
    }
  }
}
