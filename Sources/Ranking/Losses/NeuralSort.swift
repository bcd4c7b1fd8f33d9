import Foundation

/// The relaxed sorting matrix of a list (Grover et al. 2019, NeuralSort): row i is softmax over the
/// items of ((n + 1 - 2i) s_j - Σ_k |s_j - s_k|) / τ, and nears the item of rank i as τ goes to 0.
///
/// With items in order of their scores, neighbours in row i differ by (2(j - i) + 1)(s_j -
/// s_j+1)/τ: row i has its peak at item i and falls to both sides, faster the farther away. Only
/// the range of each row with significant values is stored, and nothing overflows. The stored
/// ranges are concatenated row by row. Time and memory are proportional to their total length:
/// about n √(n τ) for spread scores, n² for nearly equal ones. Memory therefore depends on the
/// scores and may grow in any call.
struct NeuralSort: ~Copyable, Sendable {
  /// Values below this share of a row's peak, e^-46 or 1e-20, are omitted: in `Double` they would
  /// not change a sum with the peak.
  private static let least = -46.0

  private(set) var count = 0
  /// The first item of each row, and the start of each row in `values`: `[count + 1]`.
  private var firsts: [Int] = []
  private var starts: [Int] = []
  /// The matrix, and the gradient of the value with respect to it.
  var values: [Double] = []
  var gradient: [Double] = []
  /// The divisors of rows or columns, step by step.
  private var divisors: [Double] = []
  private var columns: [Double] = []
  /// The gradient with respect to each item's level, over all rows.
  private var levels: [Double] = []
  private var temperature = 1.0

  /// The columns of a row: items in order of their scores, from 0.
  func items(ofRow row: Int) -> Range<Int> {
    firsts[row]..<firsts[row] + starts[row + 1] - starts[row]
  }

  /// The range of a row's columns in `values`.
  func places(ofRow row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// Computes the matrix of scores in descending order, with `scores[order[j]]` the j-th.
  mutating func fill(_ scores: [Double], order: [Int], count: Int, temperature: Double) {
    self.count = count
    self.temperature = temperature
    if starts.count <= count {
      firsts = [Int](repeating: 0, count: 2 * count)
      starts = [Int](repeating: 0, count: 2 * count + 1)
      columns = [Double](repeating: 0, count: 2 * count)
      levels = columns
    }
    values.removeAll(keepingCapacity: true)
    for row in 0..<count {
      starts[row] = values.count
      // To the left of the peak first, outwards from it, then reversed.
      var (first, level) = (row, 0.0)
      while first > 0 {
        let gap = scores[order[first - 1]] - scores[order[first]]
        level -= Double(2 * (row - first) + 1) * gap / temperature
        guard level >= Self.least else { break }
        values.append(exp(level))
        first -= 1
      }
      firsts[row] = first
      var (left, right) = (starts[row], values.count - 1)
      while left < right {
        values.swapAt(left, right)
        (left, right) = (left + 1, right - 1)
      }
      values.append(1)
      var item = row
      level = 0
      while item + 1 < count {
        let gap = scores[order[item]] - scores[order[item + 1]]
        level -= Double(2 * (item - row) + 1) * gap / temperature
        guard level >= Self.least else { break }
        values.append(exp(level))
        item += 1
      }
    }
    starts[count] = values.count
    normalizeRows(recording: nil)
  }

  /// Divides rows, then columns, by their sums (Sinkhorn), at most `iterations` times, until all
  /// sums are 1 up to rounding. `endsWithRows` selects which of the two comes last.
  ///
  /// - Returns: the number of iterations, for `backwardScaling`.
  mutating func scale(iterations: Int, endsWithRows: Bool) -> Int {
    divisors.removeAll(keepingCapacity: true)
    for iteration in 0..<iterations {
      let most =
        endsWithRows
        ? max(normalizeColumns(recording: iteration), normalizeRows(recording: iteration))
        : max(normalizeRows(recording: iteration), normalizeColumns(recording: iteration))
      // The rounding error of a sum of this many numbers.
      if most < 4 * .ulpOfOne * Double(count) { return iteration + 1 }
    }
    return iterations
  }

  /// Replaces `gradient` with respect to the scaled matrix by that with respect to the unscaled
  /// one; restores `values` as well.
  mutating func backwardScaling(iterations: Int, endsWithRows: Bool) {
    for iteration in (0..<iterations).reversed() {
      let (first, second) = (2 * iteration * count, (2 * iteration + 1) * count)
      if endsWithRows {
        backwardRows(divisors: second)
        backwardColumns(divisors: first)
      } else {
        backwardColumns(divisors: second)
        backwardRows(divisors: first)
      }
    }
  }

  /// Propagates `gradient` with respect to the unscaled matrix to the scores: adds to
  /// `scoreGradient[order[j]]`. Equal scores have |s_j - s_k| of slope 0, regardless of their
  /// order.
  mutating func backward(
    into scoreGradient: inout [Double], scores: [Double], order: [Int]
  ) {
    for item in 0..<count { levels[item] = 0 }
    for row in 0..<count {
      var dot = 0.0
      let places = places(ofRow: row)
      for place in places { dot += values[place] * gradient[place] }
      for (place, item) in zip(places, items(ofRow: row)) {
        let slope = values[place] * (gradient[place] - dot)
        levels[item] += slope
        scoreGradient[order[item]] += slope * Double(count - 1 - 2 * row) / temperature
      }
    }
    // Σ_k |s_j - s_k| of every item, one run of equal scores at a time.
    var all = 0.0
    for item in 0..<count { all += levels[item] }
    var (start, above) = (0, 0.0)
    while start < count {
      var (end, own) = (start, 0.0)
      while end < count, scores[order[end]] == scores[order[start]] {
        own += levels[end]
        end += 1
      }
      let below = all - above - own
      for item in start..<end {
        scoreGradient[order[item]] +=
          (above - below - levels[item] * Double(count - end - start)) / temperature
      }
      above += own
      start = end
    }
  }

  /// Divides rows by their sums; returns the greatest distance of a sum from 1.
  @discardableResult
  private mutating func normalizeRows(recording iteration: Int?) -> Double {
    var most = 0.0
    for row in 0..<count {
      var sum = 0.0
      for place in places(ofRow: row) { sum += values[place] }
      for place in places(ofRow: row) { values[place] /= sum }
      if iteration != nil { divisors.append(sum) }
      most = max(most, abs(sum - 1))
    }
    return most
  }

  private mutating func normalizeColumns(recording iteration: Int?) -> Double {
    for item in 0..<count { columns[item] = 0 }
    for row in 0..<count {
      for (place, item) in zip(places(ofRow: row), items(ofRow: row)) {
        columns[item] += values[place]
      }
    }
    for row in 0..<count {
      for (place, item) in zip(places(ofRow: row), items(ofRow: row)) {
        values[place] /= columns[item]
      }
    }
    var most = 0.0
    for item in 0..<count {
      if iteration != nil { divisors.append(columns[item]) }
      most = max(most, abs(columns[item] - 1))
    }
    return most
  }

  private mutating func backwardRows(divisors start: Int) {
    for row in 0..<count {
      let divisor = divisors[start + row]
      var dot = 0.0
      for place in places(ofRow: row) { dot += values[place] * gradient[place] }
      for place in places(ofRow: row) {
        gradient[place] = (gradient[place] - dot) / divisor
        values[place] *= divisor
      }
    }
  }

  private mutating func backwardColumns(divisors start: Int) {
    for item in 0..<count { columns[item] = 0 }
    for row in 0..<count {
      for (place, item) in zip(places(ofRow: row), items(ofRow: row)) {
        columns[item] += values[place] * gradient[place]
      }
    }
    for row in 0..<count {
      for (place, item) in zip(places(ofRow: row), items(ofRow: row)) {
        let divisor = divisors[start + item]
        gradient[place] = (gradient[place] - columns[item]) / divisor
        values[place] *= divisor
      }
    }
  }
}
