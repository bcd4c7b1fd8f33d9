import Autodiff
import Tensors

/// Dropout factors from the definition alone: Philox 4x32 with ten rounds (Salmon et al., 2011) over
/// row, place, site and step.
///
/// A row is drawn in segments of 1024 columns. Counter i of a segment of n columns gives the columns
/// i, q+i, 2q+i and 3q+i with q = ⌈n/4⌉; a column is dropped where its number is below rate · 2³².
struct DropoutReference {
  let key: DropoutKey
  let site: UInt32
  let rate: Float

  static func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let first = UInt64(c[0]) * 0xD251_1F53
      let second = UInt64(c[2]) * 0xCD9E_8D57
      c = [
        UInt32(truncatingIfNeeded: second >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: first),
      ]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }

  /// The factors of a row of `columns`; attention counts the segments of head h from 64·h.
  func factors(row: Int, columns: Int, firstSegment: Int = 0) -> [Double] {
    let seed = [UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32)]
    let threshold = UInt32(Double(rate) * 4_294_967_296)
    let kept = Double(1 / (1 - rate))
    var result: [Double] = []
    for start in stride(from: 0, to: columns, by: 1024) {
      let count = min(1024, columns - start)
      let quarter = (count + 3) / 4
      let segment = UInt32(firstSegment + start / 1024)
      let draws = (0..<quarter).map { i in
        Self.philox(counter: [UInt32(row), segment << 16 | UInt32(i), site, key.step], key: seed)
      }
      result += (0..<count).map { draws[$0 % quarter][$0 / quarter] >= threshold ? kept : 0 }
    }
    return result
  }
}
