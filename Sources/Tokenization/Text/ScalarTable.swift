/// A number for every Unicode scalar value, 0 by default: blocks of 128 values, of which equal ones
/// are stored once. A look-up takes two loads.
struct ScalarTable: Sendable {
  private static let blockBits = 7
  private static let blockSize = 1 << blockBits

  /// For every block of scalars, the start of its values in `values`, in blocks.
  private(set) var blocks = [UInt16](repeating: 0, count: 0x110000 >> Self.blockBits)
  /// The values; the first block is all zeros.
  private(set) var values = [UInt32](repeating: 0, count: Self.blockSize)

  /// A table of zeros.
  init() {}

  /// A table that is 1 for the scalars of `ranges`, written as in `UnicodeTables`.
  init(_ ranges: String) {
    for range in UnicodeTables.ranges(ranges) { set(range, to: 1) }
  }

  /// The value of `scalar`, which must be below 0x110000.
  subscript(scalar: UInt32) -> UInt32 {
    values[Self.index(scalar, in: blocks.span)]
  }

  /// Sets the value of one scalar.
  mutating func set(_ scalar: UInt32, to value: UInt32) {
    let block = Int(scalar) >> Self.blockBits
    if blocks[block] == 0 || isShared(blocks[block]) { copyBlock(block) }
    values[Self.index(scalar, in: blocks.span)] = value
  }

  /// Sets the value of every scalar of `range`; whole blocks share their storage.
  mutating func set(_ range: ClosedRange<UInt32>, to value: UInt32) {
    var scalar = range.lowerBound
    var sharedBlock: UInt16?
    while scalar <= range.upperBound {
      let next = scalar + UInt32(Self.blockSize)
      if Int(scalar) % Self.blockSize == 0, next - 1 <= range.upperBound {
        if sharedBlock == nil {
          sharedBlock = UInt16(values.count >> Self.blockBits)
          values.append(contentsOf: repeatElement(value, count: Self.blockSize))
          shared.append(sharedBlock ?? 0)
        }
        blocks[Int(scalar) >> Self.blockBits] = sharedBlock ?? 0
        scalar = next
      } else {
        set(scalar, to: value)
        scalar += 1
      }
    }
  }

  /// The blocks that several ranges of scalars use.
  private var shared: [UInt16] = []

  private func isShared(_ block: UInt16) -> Bool { shared.contains(block) }

  private mutating func copyBlock(_ block: Int) {
    let start = Int(blocks[block]) << Self.blockBits
    blocks[block] = UInt16(values.count >> Self.blockBits)
    values.append(contentsOf: Array(values[start..<start + Self.blockSize]))
  }

  @inline(__always)
  private static func index(_ scalar: UInt32, in blocks: Span<UInt16>) -> Int {
    Int(blocks[Int(scalar >> UInt32(blockBits))]) << blockBits
      | Int(scalar & UInt32(blockSize - 1))
  }
}
