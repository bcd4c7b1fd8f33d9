import Diagnostics
import Files

/// Inverted indexes (IVF): a coarse index defines lists, and each vector is in the nearest list.
extension IndexFileChecker {
  /// The layout and contents of the lists of an index.
  private struct Lists {
    var count: Int
    var vectors: Int
    var codeSize = 0
    var isHalf = false
    /// Old files store the numbers of the lists' vectors in the header.
    var oldNumbers: [Vector<Int64>]?
    /// Fast-scan codes are stored in blocks of this number of vectors and bytes.
    var block: (vectors: Int, bytes: Int)?
    /// The vector numbers seen so far.
    var numbers: NumberSet
  }

  mutating func lists(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    let shape = try header(type, depth, count)
    let listCount = try cursor.size("number of lists")
    let probes = try cursor.number(UInt64.self)
    guard listCount > 0 || !shape.isTrained, listCount < Int(Int32.max),
      probes >= 1, probes < 1 << 31
    else { throw cursor.damaged("nprobe is \(probes) with \(listCount) lists") }
    // Memory for the numbers and codes of each list.
    try spend(listCount, 64, for: "its lists")
    let coarse = try index(depth: depth + 1, count: shape.isTrained ? listCount : nil)
    // Residuals are relative to vectors of the coarse index; lists of unencoded vectors have none.
    guard coarse.width == shape.width, coarse.reconstructs || type.lowercased().hasSuffix("fl")
    else { throw cursor.damaged("the coarse quantizer does not match the inverted lists") }
    var lists = Lists(
      count: listCount, vectors: shape.count, numbers: NumberSet(count: shape.count))
    if ["IvFl", "IvFL", "IvSQ", "IvPQ", "IvQR"].contains(type) {
      var numbers: [Vector<Int64>] = []
      for _ in 0..<listCount { numbers.append(try cursor.vector(of: Int64.self)) }
      lists.oldNumbers = numbers
    }
    try directMap(of: shape.count)
    switch type {
    case "IvFl", "IvFL", "IwFl", "IwFd":
      lists.codeSize = 4 * shape.width
      if type == "IwFd" { try duplicates(&lists.numbers) }
      try contents(&lists, isFloat: true, isOldFloat: type == "IvFl")
    case "IvSQ", "IwSQ", "IwSq":
      let quantizer = try scalarQuantizer(of: shape)
      let size = try cursor.size("code size")
      guard size == quantizer.codeSize else {
        throw cursor.damaged(
          "code size mismatch: index \(size) bytes, quantizer \(quantizer.codeSize)")
      }
      (lists.codeSize, lists.isHalf) = quantizer
      if type == "IwSq" { _ = try cursor.flag("by_residual") }
      try contents(&lists)
    case "IwPf":
      try blocks(&lists, shape, probes: Int(probes))
    default:
      try productQuantized(&lists, shape, coarse, refines: type.hasSuffix("QR"))
    }
    return shape
  }

  /// The position of each vector, which only removal and reconstruction need.
  private mutating func directMap(of count: Int) throws(Failure) {
    let kind = try cursor.number(UInt8.self)
    let places = try cursor.vector(of: Int64.self)
    switch kind {
    case 0: try require(places, 0, for: "places")
    case 1: try require(places, count, for: "places")
    case 2:
      try require(places, 0, for: "places")
      // Pairs of numbers.
      _ = try cursor.vector(of: Int64.self, elements: 2)
    default: throw cursor.damaged("unknown type \(kind) of the direct map")
    }
  }

  /// The duplicates of vectors in an index that stores equal vectors once.
  private mutating func duplicates(_ numbers: inout NumberSet) throws(Failure) {
    let pairs = try cursor.vector(of: Int64.self)
    guard pairs.count % 2 == 0 else {
      throw cursor.damaged("the list of duplicates has an odd length")
    }
    for place in stride(from: 1, to: pairs.count, by: 2) {
      try insert(pairs[place], into: &numbers)
    }
  }

  private mutating func productQuantized(
    _ lists: inout Lists, _ shape: Shape, _ coarse: Shape, refines: Bool
  ) throws(Failure) {
    let isResidual = try cursor.flag("by_residual")
    let size = try cursor.size("code size")
    let quantizer = try productQuantizer(of: shape.width)
    guard size == quantizer.codeSize else {
      throw cursor.damaged(
        "code size mismatch: index \(size) bytes, quantizer \(quantizer.codeSize)")
    }
    lists.codeSize = size
    try contents(&lists)
    if isResidual, coarse.metric == .distance {
      offerTable(lists.count, quantizer.parts, quantizer.centroids, 4)
    }
    guard refines, shape.isTrained else { return }
    let fine = try productQuantizer(of: shape.width)
    let codes = try cursor.vector(of: UInt8.self)
    try require(codes, shape.count, fine.codeSize, for: "codes of residuals")
    try requireFactor(try cursor.real(Float.self))
  }

  private mutating func blocks(
    _ lists: inout Lists, _ shape: Shape, probes: Int
  ) throws(Failure) {
    let isResidual = try cursor.flag("by_residual")
    let size = try cursor.size("code size")
    let block = Int(try cursor.number(Int32.self))
    let parts = try cursor.size("padded parts")
    let implementation = try cursor.number(Int32.self)
    let queries = try cursor.size("blocks of queries")
    let quantizer = try productQuantizer(of: shape.width)
    guard size == quantizer.codeSize else {
      throw cursor.damaged(
        "code size mismatch: index \(size) bytes, quantizer \(quantizer.codeSize)")
    }
    try requireBlocks(quantizer, block, parts, implementation, queries)
    if isResidual {
      try spend(lists.count, quantizer.parts, quantizer.centroids, 4, for: "its tables")
      try spend(
        min(probes, lists.count), quantizer.parts, quantizer.centroids, 5, for: "its tables")
    }
    lists.block = (block, block * parts / 2)
    try contents(&lists)
  }

  /// The contents of the lists.
  private mutating func contents(
    _ lists: inout Lists, isFloat: Bool = false, isOldFloat: Bool = false
  ) throws(Failure) {
    if let numbers = lists.oldNumbers {
      for list in numbers {
        let codes = try cursor.vector(of: UInt8.self, elements: isOldFloat ? 4 : 1)
        try self.list(list, codes, &lists, isFloat)
      }
      return
    }
    let type = try cursor.letters()
    guard type == (lists.block == nil ? "ilar" : "ilbl") else {
      throw Failure(
        .badData,
        "unsupported storage of inverted lists:"
          + " '\(type ?? "")'",
        at: Place(cursor.file, byte: cursor.position - 4),
        expected: type == "ilod" || type == "il00"
          ? "lists inside the index file, not in a separate file" : "lists as FAISS writes them",
        remedy: "write the index with in-memory lists (ArrayInvertedLists)")
    }
    guard try cursor.size("number of lists") == lists.count else {
      throw cursor.damaged("the number of inverted lists differs from the header")
    }
    if let block = lists.block {
      try blockLists(&lists, block)
    } else {
      guard try cursor.size("code size") == lists.codeSize else {
        throw cursor.damaged("the code size of the inverted lists differs from the header")
      }
      for size in try sizes(of: lists) where size > 0 {
        guard let bytes = Self.product([size, lists.codeSize]) else { throw cursor.truncated }
        let codes = Vector<UInt8>(of: try cursor.take(bytes))
        guard size <= cursor.remaining / 8 else { throw cursor.truncated }
        try list(Vector(of: try cursor.take(8 * size)), codes, &lists, isFloat)
      }
    }
  }

  /// The number of vectors per list.
  private mutating func sizes(of lists: Lists) throws(Failure) -> [Int] {
    var sizes = [Int](repeating: 0, count: lists.count)
    let layout = try cursor.letters()
    let numbers = try cursor.vector(of: UInt64.self)
    switch layout {
    case "full":
      try require(numbers, lists.count, for: "sizes of lists")
      for list in sizes.indices { sizes[list] = Int(clamping: numbers[list]) }
    case "sprs":
      guard numbers.count % 2 == 0 else {
        throw cursor.damaged("the list sizes have an odd length")
      }
      for place in stride(from: 0, to: numbers.count, by: 2) {
        guard numbers[place] < lists.count else {
          throw cursor.damaged(
            "list number \(numbers[place]) is out of range (\(lists.count) lists)")
        }
        sizes[Int(numbers[place])] = Int(clamping: numbers[place + 1])
      }
    default: throw cursor.damaged("unknown encoding of the list sizes")
    }
    return sizes
  }

  private mutating func blockLists(
    _ lists: inout Lists, _ block: (vectors: Int, bytes: Int)
  ) throws(Failure) {
    // The size of a code, which is not used with blocks.
    _ = try cursor.take(8)
    let vectors = try cursor.size("block")
    let bytes = try cursor.size("size of a block")
    guard vectors == block.vectors, bytes == block.bytes else {
      throw cursor.damaged("invalid list blocks: \(vectors) vectors, \(bytes) bytes")
    }
    for _ in 0..<lists.count {
      let numbers = try cursor.vector(of: Int64.self)
      let codes = try cursor.vector(of: UInt8.self)
      try require(
        codes, (numbers.count + block.vectors - 1) / block.vectors, block.bytes, for: "codes")
      for place in 0..<numbers.count { try insert(numbers[place], into: &lists.numbers) }
    }
  }

  private mutating func list(
    _ numbers: Vector<Int64>, _ codes: Vector<UInt8>, _ lists: inout Lists, _ isFloat: Bool
  ) throws(Failure) {
    try require(codes, numbers.count, lists.codeSize, for: "codes of a list")
    if isFloat { try requireFinite(codes.reinterpreted(as: Float.self), "vectors") }
    try requireFinite(codes, (lists.codeSize, lists.isHalf))
    for place in 0..<numbers.count { try insert(numbers[place], into: &lists.numbers) }
  }

  /// Records the number of a vector.
  func insert(_ number: Int64, into numbers: inout NumberSet) throws(Failure) {
    guard number >= 0, number < numbers.count else {
      throw Failure(
        .badData, "vector number \(number) is out of range: the index has \(numbers.count) vectors",
        at: Place(cursor.file, byte: cursor.position),
        expected: "vectors numbered in the order in which they were added",
        remedy: "build the index without explicit vector ids (IDMap, add_with_ids)")
    }
    guard numbers.insert(Int(number)) else {
      throw cursor.damaged("duplicate vector number \(number)")
    }
  }
}

/// The set of numbers below a count that have been seen.
struct NumberSet {
  let count: Int
  private var words: [UInt64]

  init(count: Int) {
    self.count = count
    words = Array(repeating: 0, count: (count + 63) / 64)
  }

  /// Adds a number; false if it has been added before.
  mutating func insert(_ number: Int) -> Bool {
    let bit = UInt64(1) << UInt64(number % 64)
    if words[number / 64] & bit != 0 { return false }
    words[number / 64] |= bit
    return true
  }
}
