import CKernels

/// A run of bfloat16 numbers (the upper half of a `Float`'s bits) in memory of another owner.
///
/// They are used in matrix products, which read them at twice the rate of `Float`s; there is no
/// arithmetic on single values.
@safe package struct BFloats: @unchecked Sendable {
  /// The number of values.
  package let count: Int
  package let start: UnsafeMutablePointer<UInt16>
  /// The number of padding values after the last, whose contents are undefined.
  package let spare: Int

  package init(_ start: UnsafeMutablePointer<UInt16>, count: Int, spare: Int = 0) {
    unsafe self.start = start
    self.count = count
    self.spare = spare
  }

  /// The number of `Float`s that occupy the same memory as `count` bfloat16 numbers.
  package static func floats(for count: Int) -> Int { (count + 1) / 2 }

  /// `count` values in memory allocated for `Float`s; the rest of it is padding.
  package init(in block: Floats, count: Int) {
    precondition(BFloats.floats(for: count) <= block.count, "\(count) bfloat16s in a small block")
    unsafe start = UnsafeMutableRawPointer(block.start).assumingMemoryBound(to: UInt16.self)
    self.count = count
    spare = 2 * (block.count + block.spare) - count
  }

  /// The values of a range, sharing memory.
  package subscript(range: Range<Int>) -> BFloats {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "range \(range) of \(count) values")
    return unsafe BFloats(start + range.lowerBound, count: range.count)
  }

  /// Copies values, rounded to nearest even.
  package func copy(rounding values: Floats) {
    precondition(values.count == count, "rounding \(values.count) values to \(count)")
    unsafe ltr_to_bf16(values.start, start, count)
  }

  /// Writes the values as `Float`s, exactly.
  package func widen(into values: Floats) {
    precondition(values.count == count, "widening \(count) values to \(values.count)")
    unsafe ltr_widen_bf16(start, values.start, count)
  }

  /// Adds values; the sums are rounded to nearest even.
  package func add(rounding values: Floats) {
    precondition(values.count == count, "adding \(values.count) values to \(count)")
    unsafe ltr_add_to_bf16(values.start, start, count)
  }

  /// The values as `Float`s, exactly.
  package var array: [Float] {
    (0..<count).map { unsafe Float(bitPattern: UInt32(start[$0]) << 16) }
  }
}

/// Memory for bfloat16 numbers with the lifetime of this object: a copy of the weights.
package final class BFloatStorage: Sendable {
  /// The values.
  package let bfloats: BFloats
  private let storage: Storage

  /// `count` zeros.
  package init(count: Int) {
    storage = Storage(count: BFloats.floats(for: count))
    bfloats = BFloats(in: storage.floats, count: count)
  }
}
