import Foundation
import Tensors

/// The rows of all tokens of several sequences, of which each attends only to those before it.
struct GGUFDecoderRows {
  private let values: Storage
  private let starts: [Int]
  private let width: Int

  init(lengths: [Int], width: Int) {
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    self.starts = starts
    self.width = width
    values = Storage(count: starts[starts.count - 1] * width)
  }

  /// `[tokens, width]`.
  var x: Floats { values.floats }

  private var sequences: [Range<Int>] { zip(starts, starts.dropFirst()).map { $0..<$1 } }

  /// The last row of every sequence.
  func lastRows() -> Storage {
    let last = Storage(count: sequences.count * width)
    for (i, rows) in sequences.enumerated() {
      last.floats[i * width..<(i + 1) * width].copy(
        from: x[(rows.upperBound - 1) * width..<rows.upperBound * width])
    }
    return last
  }

  /// Rotates the columns i and i + size/2 of every head by the row's position in its sequence.
  func rotate(_ values: Floats, heads: Int, size: Int, base: Double, factor: Double) {
    for rows in sequences {
      for row in rows {
        for head in 0..<heads {
          let first = (row * heads + head) * size
          for i in 0..<size / 2 {
            let place = Double(row - rows.lowerBound) / factor
            let angle = place * pow(base, -2 * Double(i) / Double(size))
            let (a, b) = (Double(values[first + i]), Double(values[first + size / 2 + i]))
            values[first + i] = Float(a * cos(angle) - b * sin(angle))
            values[first + size / 2 + i] = Float(b * cos(angle) + a * sin(angle))
          }
        }
      }
    }
  }

  /// Attention within every sequence to the tokens before, `heads / groups` heads to each of keys.
  func attend(
    _ q: Floats, _ k: Floats, _ v: Floats, heads: Int, groups: Int, size: Int
  ) -> Storage {
    let result = Storage(count: q.count)
    let scale = 1 / Float(size).squareRoot()
    for rows in sequences {
      let shares = Storage(count: rows.count * rows.count)
      let square = Matrix(shares.floats, rows: rows.count, columns: rows.count)
      for head in 0..<heads {
        func part(_ values: Floats, _ number: Int, of all: Int) -> Matrix {
          let first = rows.lowerBound * all * size + number * size
          let end = (rows.upperBound - 1) * all * size + (number + 1) * size
          return Matrix(
            values[first..<end], rows: rows.count, columns: size, stride: all * size)
        }
        let group = head / (heads / groups)
        Matrix.multiply(
          part(q, head, of: heads), part(k, group, of: groups).transposed, into: square,
          adding: false)
        for row in 0..<rows.count {
          Self.softmax(
            shares.floats[row * rows.count..<(row + 1) * rows.count], seen: row + 1, scale)
        }
        Matrix.multiply(
          square, part(v, group, of: groups), into: part(result.floats, head, of: heads),
          adding: false)
      }
    }
    return result
  }

  private static func softmax(_ row: Floats, seen: Int, _ scale: Float) {
    var largest = -Float.infinity
    for i in 0..<seen { largest = max(largest, row[i] * scale) }
    var total: Float = 0
    for i in 0..<seen {
      row[i] = exp(row[i] * scale - largest)
      total += row[i]
    }
    for i in 0..<row.count { row[i] = i < seen ? row[i] / total : 0 }
  }
}
