import Autodiff
import Tensors

/// Dropout factors from the definition alone: Philox 4x32 with ten rounds (Salmon et al., 2011)
/// over row, place, site and step.
///
/// A row is drawn in segments of 1024 columns. Counter i of a segment of n columns gives the
/// columns i, s+i, … 7s+i with s = 16·⌈n/128⌉: the lower and upper 16 bits of its four numbers in
/// turn. A column is dropped where its bits are below t = ⌊rate · 2¹⁶⌋, the others are multiplied
/// by 2¹⁶/(2¹⁶ − t).
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
    let threshold = UInt32(Double(rate) * 65536)
    let kept = Double(65536 / Float(65536 - threshold))
    var result: [Double] = []
    for start in stride(from: 0, to: columns, by: 1024) {
      let count = min(1024, columns - start)
      let stride = (count + 127) / 128 * 16
      let segment = UInt32(firstSegment + start / 1024)
      let draws = (0..<stride).map { i in
        Self.philox(counter: [UInt32(row), segment << 16 | UInt32(i), site, key.step], key: seed)
      }
      result += (0..<count).map { column in
        let number = draws[column % stride][column / stride / 2]
        let bits = column / stride % 2 == 0 ? number & 0xFFFF : number >> 16
        return bits >= threshold ? kept : 0
      }
    }
    return result
  }
}
