import Autodiff
import Foundation
import Tensors

/// Attention with masks, positions, biases and shared heads in double precision, as its formulas
/// read: one query and one key at a time.
struct AttentionReference {
  let options: AttentionOptions
  /// How many rows of queries and of keys each sequence has.
  let queryOffsets: [Int32]
  let keyOffsets: [Int32]
  let placement: QueryPlacement
  /// The dropout factors of a row's columns.
  let factors: (_ row: Int, _ head: Int, _ columns: Int) -> [Double]
  /// The weights of the norms of queries and keys, if there are any.
  var norms: (query: [Double]?, key: [Double]?) = (nil, nil)

  /// `queries` `[Q, heads · head]`, `keys` and `values` `[T, keyValueHeads · head]`, `bias`
  /// `[buckets, heads]`; the result has the queries' shape.
  func attend(
    queries: [Double], keys: [Double], values: [Double], bias: [Double]?
  ) -> [Double] {
    let (heads, head) = (options.heads, options.headWidth)
    let (width, keyWidth) = (heads * head, options.keyValueHeads * head)
    let group = heads / options.keyValueHeads
    var result = [Double](repeating: 0, count: queries.count)
    for s in 0..<queryOffsets.count - 1 {
      let rows = Int(queryOffsets[s])..<Int(queryOffsets[s + 1])
      let own = Int(keyOffsets[s])..<Int(keyOffsets[s + 1])
      let first = placement == .first ? 0 : own.count - rows.count
      for h in 0..<heads {
        let column = h / group * head
        let turnedKeys = own.flatMap { key in
          turned(keys, at: key * keyWidth + column, key - own.lowerBound, norms.key)
        }
        for row in rows {
          let position = first + row - rows.lowerBound
          let query = turned(queries, at: row * width + h * head, position, norms.query)
          let seen = (0..<own.count).filter { sees(position, $0) }
          let scores = seen.map { j in
            var dot = 0.0
            for i in 0..<head { dot += query[i] * turnedKeys[j * head + i] }
            let score = dot * Double(options.scale) + added(bias, j - position, h)
            return options.cap.map { Double($0) * tanh(score / Double($0)) } ?? score
          }
          let top = scores.max() ?? 0
          let powers = scores.map { exp($0 - top) }
          let total = powers.reduce(0, +)
          guard let lowest = seen.first, let highest = seen.last else { continue }
          let origin = lowest / 16 * 16
          let kept = factors(row, h, highest + 1 - origin)
          for (j, power) in zip(seen, powers) {
            let probability = power / total * kept[j - origin]
            let start = (own.lowerBound + j) * keyWidth + column
            for i in 0..<head {
              result[row * width + h * head + i] += probability * values[start + i]
            }
          }
        }
      }
    }
    return result
  }

  private func sees(_ query: Int, _ key: Int) -> Bool {
    switch options.mask {
    case .full: true
    case .causal: key <= query
    case .window(let radius): abs(key - query) <= radius
    case .causalWindow(let radius): key <= query && query - key <= radius
    }
  }

  /// A head's row, which starts at `start`, after its norm and rotation: columns i and i + head/2 by the
  /// angle p · base^(−2i/head).
  private func turned(
    _ x: [Double], at start: Int, _ position: Int, _ gamma: [Double]?
  ) -> [Double] {
    let head = options.headWidth
    var y = Array(x[start..<start + head])
    if let gamma {
      let square = y.reduce(0) { $0 + $1 * $1 } / Double(head)
      let deviation = (square + Double(AttentionCase.epsilon)).squareRoot()
      y = zip(y, gamma).map { $0 / deviation * ($1 + Double(AttentionCase.shift)) }
    }
    guard let rotary = options.rotary else { return y }
    for i in 0..<head / 2 {
      let angle = Double(position) * pow(rotary.base, -2 * Double(i) / Double(head))
      let (c, s) = (cos(angle), sin(angle))
      (y[i], y[head / 2 + i]) = (
        y[i] * c - y[head / 2 + i] * s, y[head / 2 + i] * c + y[i] * s
      )
    }
    return y
  }

  private func added(_ bias: [Double]?, _ distance: Int, _ head: Int) -> Double {
    guard let bias, let buckets = options.bias?.buckets else { return 0 }
    return bias[Self.bucket(distance, buckets) * options.heads + head]
  }

  /// T5's `_relative_position_bucket`, in double precision.
  static func bucket(_ distance: Int, _ buckets: RelativeBuckets) -> Int {
    var (count, result) = (buckets.count, 0)
    var length = -min(distance, 0)
    if buckets.isBidirectional {
      count /= 2
      result = distance > 0 ? count : 0
      length = abs(distance)
    }
    let exact = count / 2
    if length < exact { return result + length }
    let growth =
      log(Double(length) / Double(exact))
      / log(Double(buckets.maximumDistance) / Double(exact)) * Double(count - exact)
    // Powers of the growth are integers, which a logarithm may miss by its rounding.
    return result + min(exact + Int(growth + 1e-9), count - 1)
  }
}
