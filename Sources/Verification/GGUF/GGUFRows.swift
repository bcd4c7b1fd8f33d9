import Foundation
import Tensors

/// The rows of all tokens of several sequences, concatenated.
struct GGUFRows {
  private let values: Storage
  private let starts: [Int]
  private let width: Int
  private let heads: Int

  init(lengths: [Int], width: Int, heads: Int) {
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    self.starts = starts
    self.width = width
    self.heads = heads
    values = Storage(count: starts[starts.count - 1] * width)
  }

  /// `[tokens, width]`.
  var x: Floats { values.floats }

  /// The first row of every sequence.
  func firstRows() -> Storage {
    let first = Storage(count: (starts.count - 1) * width)
    for (i, start) in starts.dropLast().enumerated() {
      first.floats[i * width..<(i + 1) * width].copy(from: x[start * width..<(start + 1) * width])
    }
    return first
  }

  /// The mean of the rows of every sequence.
  func meanRows() -> Storage {
    let mean = Storage(count: (starts.count - 1) * width)
    for (i, (start, end)) in zip(starts, starts.dropFirst()).enumerated() {
      for column in 0..<width {
        var sum = 0.0
        for row in start..<end { sum += Double(x[row * width + column]) }
        mean.floats[i * width + column] = Float(sum / Double(end - start))
      }
    }
    return mean
  }

  /// Rotates the columns i and i + size/2 of every head by the row's position in its sequence.
  func rotate(_ values: Floats, base: Double) {
    let size = width / heads
    for (start, end) in zip(starts, starts.dropFirst()) {
      for row in start..<end {
        for head in 0..<heads {
          let first = row * width + head * size
          for i in 0..<size / 2 {
            let angle = Double(row - start) * pow(base, -2 * Double(i) / Double(size))
            let (a, b) = (Double(values[first + i]), Double(values[first + size / 2 + i]))
            values[first + i] = Float(a * cos(angle) - b * sin(angle))
            values[first + size / 2 + i] = Float(b * cos(angle) + a * sin(angle))
          }
        }
      }
    }
  }

  /// Attention within every sequence, to tokens at most `radius` away if it is given.
  func attend(_ q: Floats, _ k: Floats, _ v: Floats, radius: Int? = nil) -> Storage {
    let result = Storage(count: values.floats.count)
    let size = width / heads
    let scale = 1 / Float(size).squareRoot()
    for (start, end) in zip(starts, starts.dropFirst()) {
      let count = end - start
      let shares = Storage(count: count * count)
      let square = Matrix(shares.floats, rows: count, columns: count)
      for head in 0..<heads {
        func part(_ values: Floats) -> Matrix {
          let first = start * width + head * size
          return Matrix(
            values[first..<(end - 1) * width + (head + 1) * size], rows: count, columns: size,
            stride: width)
        }
        Matrix.multiply(part(q), part(k).transposed, into: square, adding: false)
        for row in 0..<count {
          let own = shares.floats[row * count..<(row + 1) * count]
          if let radius {
            for column in 0..<count where abs(column - row) > radius { own[column] = -.infinity }
          }
          Self.softmax(own, scale)
        }
        Matrix.multiply(square, part(v), into: part(result.floats), adding: false)
      }
    }
    return result
  }

  private static func softmax(_ row: Floats, _ scale: Float) {
    var largest = -Float.infinity
    for i in 0..<row.count { largest = max(largest, row[i] * scale) }
    var total: Float = 0
    for i in 0..<row.count {
      row[i] = exp(row[i] * scale - largest)
      total += row[i]
    }
    for i in 0..<row.count { row[i] = row[i] / total }
  }
}
