/// A run of `Float` in memory that an arena or a `Storage` owns.
///
/// This is the package's only handle to raw memory. Subscripts are checked, but the handle does not
/// retain its memory: the owner must outlive every use. Therefore it is not public; users of the
/// library read and write copies, and spans that are passed to closures.
@safe package struct Floats: @unchecked Sendable {
  /// The number of values.
  package let count: Int
  package let start: UnsafeMutablePointer<Float>
  /// The number of padding values after the last, whose contents are undefined.
  package let spare: Int

  package init(_ start: UnsafeMutablePointer<Float>, count: Int, spare: Int = 0) {
    unsafe self.start = start
    self.count = count
    self.spare = spare
  }

  /// The value at `index`.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) of \(count) values")
      return unsafe start[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) of \(count) values")
      unsafe start[index] = newValue
    }
  }

  /// The values of a range, sharing memory.
  package subscript(range: Range<Int>) -> Floats {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "range \(range) of \(count) values")
    return unsafe Floats(start + range.lowerBound, count: range.count)
  }

  /// Sets every value.
  package func fill(_ value: Float) {
    unsafe start.update(repeating: value, count: count)
  }

  /// Copies `count` values.
  package func copy(from other: Floats) {
    precondition(other.count == count, "copying \(other.count) values over \(count)")
    unsafe start.update(from: other.start, count: count)
  }

  /// Copies `count` values.
  package func copy(from values: Span<Float>) {
    precondition(values.count == count, "copying \(values.count) values over \(count)")
    unsafe values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { unsafe start.update(from: base, count: count) }
    }
  }

  /// A copy of the values as an array.
  package var array: [Float] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Passes the values to `body` for reading.
  package func withSpan<Result, E: Error>(
    _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try unsafe body(UnsafeBufferPointer(start: start, count: count).span)
  }

  /// Passes the values to `body` for writing.
  package func withMutableSpan<Result, E: Error>(
    _ body: (inout MutableSpan<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    var span = unsafe UnsafeMutableBufferPointer(start: start, count: count).mutableSpan
    return try body(&span)
  }
}

/// A run of `Int32` (token ids, offsets, row numbers) in memory of an arena, which it retains. Its
/// values are undefined once the tape that created it is reset; operations check the row numbers
/// that they read.
@safe public struct Indices: @unchecked Sendable {
  /// The number of values.
  public let count: Int
  package let start: UnsafeMutablePointer<Int32>
  private let owner: Storage

  package init(_ start: UnsafeMutablePointer<Int32>, count: Int, in owner: Storage) {
    unsafe self.start = start
    self.count = count
    self.owner = owner
  }

  /// The value at `index`.
  package subscript(index: Int) -> Int {
    precondition(index >= 0 && index < count, "index \(index) of \(count) values")
    return unsafe Int(start[index])
  }

  /// The first values, sharing memory.
  package func prefix(_ count: Int) -> Indices {
    precondition(count >= 0 && count <= self.count, "the first \(count) of \(self.count) values")
    return unsafe Indices(start, count: count, in: owner)
  }

  /// The values from `first` on, sharing memory.
  package func suffix(from first: Int) -> Indices {
    precondition(first >= 0 && first <= count, "the values from \(first) on of \(count)")
    return unsafe Indices(start + first, count: count - first, in: owner)
  }

  /// A copy of the values as an array.
  package var array: [Int32] {
    withExtendedLifetime(owner) { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }
  }
}

extension Floats {
  /// This run extended to `count` values in the memory after it, which must belong to the caller.
  package func extended(to count: Int) -> Floats { unsafe Floats(start, count: count) }

  /// The first values, sharing memory; the others become padding.
  package func prefix(_ count: Int) -> Floats {
    precondition(count >= 0 && count <= self.count, "the first \(count) of \(self.count) values")
    return unsafe Floats(start, count: count, spare: self.count + spare - count)
  }

  /// Whether this run starts at a lower address.
  package func lies(before other: Floats) -> Bool { unsafe start < other.start }

  /// Both runs as one if `next` starts immediately after this one.
  package func joined(with next: Floats) -> Floats? {
    unsafe start + count == next.start ? Floats(start, count: count + next.count) : nil
  }
}
