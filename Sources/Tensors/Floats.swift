/// A run of `Float` in memory that an arena or a `Storage` owns.
///
/// This is the one handle through which the package reaches raw memory. Subscripts are checked, but
/// the handle does not keep its memory: its owner has to outlive every use. So it is not public;
/// what users of the library read and write are copies, and spans that are lent to closures.
@safe package struct Floats: @unchecked Sendable {
  /// How many values there are.
  package let count: Int
  package let start: UnsafeMutablePointer<Float>
  /// How many values behind the last belong to the same memory: padding, whose contents are
  /// undefined.
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

  /// Copies as many values as there are here.
  package func copy(from other: Floats) {
    precondition(other.count == count, "copying \(other.count) values over \(count)")
    unsafe start.update(from: other.start, count: count)
  }

  /// Copies as many values as there are here.
  package func copy(from values: Span<Float>) {
    precondition(values.count == count, "copying \(values.count) values over \(count)")
    unsafe values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { unsafe start.update(from: base, count: count) }
    }
  }

  /// The values as an array of their own.
  package var array: [Float] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Lends the values for reading.
  package func withSpan<Result, E: Error>(
    _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try unsafe body(UnsafeBufferPointer(start: start, count: count).span)
  }

  /// Lends the values for writing.
  package func withMutableSpan<Result, E: Error>(
    _ body: (inout MutableSpan<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    var span = unsafe UnsafeMutableBufferPointer(start: start, count: count).mutableSpan
    return try body(&span)
  }
}

/// A run of `Int32` (token ids, offsets, row numbers) in memory of an arena, which it keeps. Its
/// values are undefined once the tape that made it is reset; operations check the numbers by which
/// they read rows.
@safe public struct Indices: @unchecked Sendable {
  /// How many values there are.
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

  /// The values as an array of their own.
  package var array: [Int32] {
    withExtendedLifetime(owner) { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }
  }
}

extension Floats {
  /// This run and the memory behind it up to `count` values, which the caller knows to be its own.
  package func extended(to count: Int) -> Floats { unsafe Floats(start, count: count) }

  /// The first values, sharing memory; those behind them become spare.
  package func prefix(_ count: Int) -> Floats {
    precondition(count >= 0 && count <= self.count, "the first \(count) of \(self.count) values")
    return unsafe Floats(start, count: count, spare: self.count + spare - count)
  }

  /// Whether this run starts at a lower address.
  package func lies(before other: Floats) -> Bool { unsafe start < other.start }

  /// Both runs as one where `next` starts just behind this one.
  package func joined(with next: Floats) -> Floats? {
    unsafe start + count == next.start ? Floats(start, count: count + next.count) : nil
  }
}
