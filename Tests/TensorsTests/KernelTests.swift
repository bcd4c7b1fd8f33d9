import Foundation
import Synchronization
import Tensors
import Testing

/// Keeps memory until a test has ended: `Floats` do not own theirs.
final class Owners {
  private var storages: [Storage] = []
  private var halves: [BFloatStorage] = []

  func keep(_ storage: Storage) -> Storage {
    storages.append(storage)
    return storage
  }

  func keep(_ storage: BFloatStorage) -> BFloatStorage {
    halves.append(storage)
    return storage
  }
}

@Suite struct KernelTests {
  private let owners = Owners()

  private func floats(_ values: [Float]) -> Floats {
    let storage = owners.keep(Storage(count: values.count))
    storage.floats.copy(from: values.span)
    return storage.floats
  }

  private func numbers(_ count: Int, seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 2001 - 1000) / 500 }
  }

  /// All ways to read the operands, with rows that lie apart, written and added.
  @Test(arguments: [(1, 1, 1), (5, 3, 7), (20, 33, 17)])
  func products(_ m: Int, _ k: Int, _ n: Int) {
    for variant in 0..<8 {
      let (left, right, adding) = (variant & 1 > 0, variant & 2 > 0, variant & 4 > 0)
      let a = numbers(m * k, seed: 1)
      let b = numbers(k * n, seed: 2)
      let stride = n + 3
      let c = floats(numbers(m * stride, seed: 3))
      let before = c.array
      let aMatrix =
        left
        ? Matrix(floats(a), rows: k, columns: m).transposed
        : Matrix(floats(a), rows: m, columns: k)
      let bMatrix =
        right
        ? Matrix(floats(b), rows: n, columns: k).transposed
        : Matrix(floats(b), rows: k, columns: n)
      Matrix.multiply(
        aMatrix, bMatrix, into: Matrix(c, rows: m, columns: n, stride: stride),
        adding: adding)
      for row in 0..<m {
        for column in 0..<stride {
          let found = Double(c[row * stride + column])
          let old = Double(before[row * stride + column])
          guard column < n else {
            #expect(found == old, "a value between rows was written")
            continue
          }
          let product = (0..<k).reduce(0.0) {
            $0 + Double(a[left ? $1 * m + row : row * k + $1])
              * Double(b[right ? column * k + $1 : $1 * n + column])
          }
          // Sums of up to 33 products of numbers up to 2.
          let expected = adding ? old + product : product
          #expect(abs(found - expected) < 2e-5)
        }
      }
    }
  }

  @Test(arguments: [0, 1, 15, 4096, 10_000])
  func sumOfSquares(_ count: Int) {
    let values = numbers(count, seed: 4)
    let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(floats(values).sumOfSquares - expected) <= 1e-12 * expected)
  }

  @Test func takingOver() {
    let total = floats([1, 2, 3])
    let part = floats([10, 20, 30])
    total.takeOver(part)
    #expect(total.array == [11, 22, 33])
    #expect(part.array == [0, 0, 0])
  }

  /// Beside the formula in double precision; 2e-7 is the rounding of a difference, a product and a
  /// sum of values below 2. Shares of 0 and 1 are exact.
  @Test(arguments: [1, 15, 16, 67, 4099])
  func movingToward(_ count: Int) {
    let (x, target) = (numbers(count, seed: 6), numbers(count, seed: 7))
    for share: Float in [0, 0.001, 0.3, 1] {
      let moved = floats(x)
      moved.move(toward: floats(target), by: share)
      let bound = share == 0 || share == 1 ? 0 : 5e-7
      for i in 0..<count {
        let expected = Double(x[i]) + Double(share) * (Double(target[i]) - Double(x[i]))
        let scale = max(1, abs(Double(x[i])), abs(Double(target[i])))
        #expect(abs(Double(moved[i]) - expected) <= bound * scale)
      }
    }
    let (a, b) = (floats(x), floats(target))
    a.exchange(with: b)
    #expect(a.array == target && b.array == x)
  }

  /// Widths on both sides of the 128 columns of a stripe.
  @Test(arguments: [1, 100, 128, 300])
  func columnSums(_ columns: Int) {
    let x = numbers(9 * columns, seed: 5)
    let sums = floats([Float](repeating: 1, count: columns))
    RowKernels.addColumnSums(floats(x), to: sums)
    for column in 0..<columns {
      let expected = (0..<9).reduce(1.0) { $0 + Double(x[$1 * columns + column]) }
      #expect(abs(Double(sums[column]) - expected) < 1e-5)
    }
  }

  /// Of bfloat16 numbers: what the same kernels give for `Float`s of the same values, rounded.
  @Test(arguments: Activation.allCases)
  func roundedActivations(_ activation: Activation) {
    let count = 3001
    func halves(_ values: [Float]) -> (Matrix, BFloats) {
      let halves = BFloats(in: floats([Float](repeating: 0, count: count)), count: count)
      halves.copy(rounding: floats(values))
      return (Matrix(halves, rows: 1, columns: count), halves)
    }
    func row(_ values: [Float]) -> (Matrix, Floats) {
      let floats = floats(values)
      return (Matrix(floats, rows: 1, columns: count), floats)
    }
    let u = (0..<count).map { Float($0 - 1500) / 300 }
    let d = (0..<count).map { Float($0 % 17) - 8 }
    let (input, inputValues) = halves(u)
    let (y, yValues) = halves(u)
    let (again, againValues) = halves(u)
    let (slopes, slopeValues) = halves(d)
    RowKernels.activate(activation, input, into: y)
    RowKernels.activateBackward(activation, input, into: again, gradient: slopes)
    let (exactInput, _) = row(inputValues.array)
    let (exact, exactValues) = row(u)
    let (exactSlopes, exactSlopeValues) = row(d)
    RowKernels.activateBackward(activation, exactInput, into: exact, gradient: exactSlopes)
    let (_, expected) = halves(exactValues.array)
    let (_, expectedSlopes) = halves(exactSlopeValues.array)
    #expect(yValues.array == expected.array)
    #expect(againValues.array == expected.array)
    #expect(slopeValues.array == expectedSlopes.array)
    let sums = floats([1, 2, 3])
    RowKernels.addColumnSums(
      Matrix(inputValues[0..<2997], rows: 999, columns: 3), to: sums)
    for column in 0..<3 {
      let total = stride(from: column, to: 2997, by: 3).reduce(Double(column + 1)) {
        $0 + Double(inputValues.array[$1])
      }
      #expect(abs(Double(sums[column]) - total) < 1e-3)
    }
  }

  /// Values over the whole range, beside the C library in double precision: within 2e-6, relative
  /// above 1.
  @Test(arguments: Activation.allCases)
  func activations(_ activation: Activation) {
    let u = (-4000...4000).map { Float($0) / 200 }
    func value(_ u: Double) -> Double {
      switch activation {
      case .gelu: u * 0.5 * erfc(-u / 2.0.squareRoot())
      case .geluTanh:
        0.5 * u * (1 + tanh((2 / Double.pi).squareRoot() * (u + 0.044715 * u * u * u)))
      case .relu: max(u, 0)
      case .silu: u / (1 + exp(-u))
      }
    }
    let input = floats(u)
    let y = floats(u)
    func row(_ floats: Floats) -> Matrix { Matrix(floats, rows: 1, columns: floats.count) }
    RowKernels.activate(activation, row(input), into: row(y))
    let again = floats(u)
    let slopes = floats([Float](repeating: 2, count: u.count))
    RowKernels.activateBackward(activation, row(input), into: row(again), gradient: row(slopes))
    var worst = (value: 0.0, slope: 0.0)
    for (i, u) in u.map(Double.init).enumerated() {
      let expected = value(u)
      for found in [y[i], again[i]] {
        worst.value = max(worst.value, abs(Double(found) - expected) / max(1, abs(expected)))
      }
      guard activation != .relu || u != 0 else { continue }
      // The gradient that came in was 2.
      let slope = (value(u + 1e-5) - value(u - 1e-5)) / 1e-5
      worst.slope = max(worst.slope, abs(Double(slopes[i]) - slope))
    }
    #expect(worst.value < 2e-6 && worst.slope < 1e-5)
  }

  /// Every worker has its turn in every round, and `run` waits for all.
  @Test(arguments: [1, 2, 5])
  func workers(_ count: Int) {
    let sum = Mutex([Int](repeating: 0, count: count))
    let team = Workers(count: count) { worker in sum.withLock { $0[worker] += 1 } }
    for round in 1...50 {
      team.run()
      #expect(sum.withLock { $0 } == [Int](repeating: round, count: count))
    }
    team.stop()
  }
}
