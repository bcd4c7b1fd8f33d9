import Foundation
import Tensors
import Testing

/// Products in 16 and 8 bits against the same sums in double precision over the rounded operands.
@Suite struct ReducedProductTests {
  private func storage(_ values: [Float]) -> Storage {
    let storage = Storage(count: values.count)
    storage.floats.copy(from: values.span)
    return storage
  }

  private func numbers(_ count: Int, seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 2001 - 1000) / 500 }
  }

  private func rounded(_ values: [Float]) -> (BFloatStorage, [Double]) {
    let source = storage(values)
    let halves = BFloatStorage(count: values.count)
    halves.bfloats.copy(rounding: source.floats)
    withExtendedLifetime(source) {}
    return (halves, halves.bfloats.array.map(Double.init))
  }

  /// Every upper half with lower halves below, at and above the middle, against the definition: the
  /// nearer neighbour, of two equally near the even one.
  @Test func rounding() {
    var values: [Float] = []
    for upper in UInt32(0)...0xFFFF {
      for lower: UInt32 in [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF] {
        values.append(Float(bitPattern: upper << 16 | lower))
      }
    }
    let (halves, _) = rounded(values)
    for (value, half) in zip(values, halves.bfloats.array) {
      if value.isNaN {
        #expect(half.isNaN)
        continue
      }
      let below = value.bitPattern >> 16
      let lower = value.bitPattern & 0xFFFF
      let up = lower > 0x8000 || (lower == 0x8000 && below % 2 == 1)
      #expect(half.bitPattern >> 16 == below + (up ? 1 : 0))
    }
  }

  /// All ways to read the operands, with a bias or on top of what is there, results of both kinds.
  @Test(arguments: [(1, 1, 1), (5, 3, 7), (37, 64, 48), (130, 96, 33)])
  func bfloat16(_ m: Int, _ k: Int, _ n: Int) {
    let engine = ProductEngine()
    for variant in 0..<16 {
      let (left, right) = (variant & 1 > 0, variant & 2 > 0)
      let (adding, isRounded) = (variant & 4 > 0, variant & 8 > 0)
      if adding && isRounded { continue }
      let (a, aValues) = rounded(numbers(m * k, seed: 1))
      let (b, bValues) = rounded(numbers(k * n, seed: 2))
      let bias = storage(numbers(n, seed: 3))
      let before = numbers(m * n, seed: 4)
      let result = storage(before)
      let halves = BFloatStorage(count: m * n)
      Matrix.multiply(
        left
          ? Matrix(a.bfloats, rows: k, columns: m).transposed
          : Matrix(a.bfloats, rows: m, columns: k),
        right
          ? Matrix(b.bfloats, rows: n, columns: k).transposed
          : Matrix(b.bfloats, rows: k, columns: n),
        into: isRounded
          ? Matrix(halves.bfloats, rows: m, columns: n)
          : Matrix(result.floats, rows: m, columns: n),
        adding: adding, bias: adding ? nil : bias.floats, on: engine)
      let found = isRounded ? halves.bfloats.array : result.array
      for row in 0..<m {
        for column in 0..<n {
          let product = (0..<k).reduce(0.0) {
            $0 + aValues[left ? $1 * m + row : row * k + $1]
              * bValues[right ? column * k + $1 : $1 * n + column]
          }
          let expected =
            product
            + Double(adding ? before[row * n + column] : bias.floats[column])
          // Sums of up to 96 products of numbers up to 2 in single precision, then 8 bits.
          let allowed = isRounded ? max(abs(expected) / 256, 1e-4) : 1e-4
          #expect(abs(Double(found[row * n + column]) - expected) < allowed)
        }
      }
    }
    #expect(engine.compiledProducts > 0)
  }

  /// More shapes than are kept: the cache starts over and the numbers stay right.
  @Test func manyShapes() {
    let engine = ProductEngine()
    let (a, _) = rounded([Float](repeating: 1, count: 1200 * 2))
    let (b, _) = rounded([Float](repeating: 2, count: 4))
    let result = Storage(count: 1200 * 2)
    for rows in 1...1200 {
      Matrix.multiply(
        Matrix(a.bfloats, rows: rows, columns: 2), Matrix(b.bfloats, rows: 2, columns: 2),
        into: Matrix(result.floats, rows: rows, columns: 2), adding: false, on: engine)
      #expect(result.floats[2 * rows - 1] == 4)
    }
    #expect((1...1024).contains(engine.compiledProducts))
  }

  /// With spare rows behind them, matrices of 33 to 64 rows share one compiled product, forward and
  /// for weights' gradients; results are those of exact rows, and nothing behind spare rows is
  /// touched.
  @Test func spareRows() {
    let (inner, outer, most) = (48, 40, 64)
    let engine = ProductEngine()
    let exact = ProductEngine()
    let (weights, _) = rounded(numbers(outer * inner, seed: 3))
    let w = Matrix(weights.bfloats, rows: outer, columns: inner)
    for rows in 33...most {
      let (x, _) = rounded(
        numbers(rows * inner, seed: 1) + [Float](repeating: .nan, count: (most - rows) * inner))
      let (dy, _) = rounded(
        numbers(rows * outer, seed: 2) + [Float](repeating: .nan, count: (most - rows) * outer))
      let y = storage([Float](repeating: 7, count: (most + 1) * outer))
      let left = Matrix(x.bfloats, rows: most, columns: inner).prefix(rows)
      let right = Matrix(dy.bfloats, rows: most, columns: outer).prefix(rows)
      #expect(left.spareRows == most - rows)
      let result = Matrix(y.floats[0..<most * outer], rows: most, columns: outer).prefix(rows)
      Matrix.multiply(left, w.transposed, into: result, adding: true, on: engine)
      let expected = storage([Float](repeating: 7, count: rows * outer))
      Matrix.multiply(
        left.rows(0..<rows - 1), w.transposed,
        into: Matrix(expected.floats[0..<(rows - 1) * outer], rows: rows - 1, columns: outer),
        adding: true, on: exact)
      #expect(y.array[0..<(rows - 1) * outer] == expected.array[0..<(rows - 1) * outer])
      #expect(y.array[(rows - 1) * outer..<rows * outer].allSatisfy { $0.isFinite && $0 != 7 })
      #expect(y.array[(most * outer)...].allSatisfy { $0 == 7 })

      let gradient = storage([Float](repeating: 1, count: outer * inner))
      Matrix.multiply(
        right.transposed, left, into: Matrix(gradient.floats, rows: outer, columns: inner),
        adding: true, on: engine)
      let plain = storage([Float](repeating: 1, count: outer * inner))
      Matrix.multiply(
        Matrix(dy.bfloats[0..<rows * outer], rows: rows, columns: outer).transposed,
        Matrix(x.bfloats[0..<rows * inner], rows: rows, columns: inner),
        into: Matrix(plain.floats, rows: outer, columns: inner), adding: true, on: exact)
      // The same sums, perhaps in blocks of other sizes.
      for (a, b) in zip(gradient.array, plain.array) { #expect(abs(a - b) < 1e-4) }
    }
    #expect(engine.compiledProducts == 2)
    #expect(exact.compiledProducts > 60)
  }

  /// A part of a matrix has spare rows only where nothing of the matrix lies behind it.
  @Test func partsHaveSpareRowsAtTheEnd() {
    let values = Storage(count: 64 * 8)
    let whole = Matrix(values.floats.prefix(40 * 8), rows: 40, columns: 8)
    #expect(whole.spareRows == 24)
    #expect(whole.rows(0..<32).spareRows == 0)
    #expect(whole.rows(32..<40).spareRows == 24)
    #expect(whole.prefix(10).spareRows == 54)
    #expect(Matrix(values.floats.prefix(40 * 8), rows: 20, columns: 8).spareRows == 0)
    #expect(Matrix(values.floats[0..<40 * 8], rows: 40, columns: 8).spareRows == 0)
    #expect(Matrix(values.floats.prefix(40 * 8), rows: 40, columns: 4, stride: 8).spareRows == 0)
  }

  /// Within what the rounding of both operands allows: half a step of a row times the weights, and
  /// half a step of a channel times the row.
  @Test(arguments: [(1, 8, 4), (33, 96, 40), (300, 64, 70)], [0, 31])
  func eightBits(_ size: (rows: Int, inner: Int, outer: Int), spare: Int) {
    let (rows, inner, outer) = size
    let engine = ProductEngine()
    // Rows of different sizes, one of them zero, one without negative numbers.
    var x = numbers(rows * inner, seed: 5)
    for i in x.indices {
      let row = i / inner
      x[i] *= row == 2 ? 0 : Float(1 + row % 5)
      if row == 3 { x[i] = abs(x[i]) }
    }
    let w = numbers(outer * inner, seed: 6).enumerated().map {
      $0.offset / inner == 1 ? 0 : $0.element * Float(1 + $0.offset / inner % 3)
    }
    let bias = storage(numbers(outer, seed: 7))
    let memory = Storage(count: QuantizedRows.floats(rows: rows + spare, columns: inner))
    let q = QuantizedRows(in: memory.floats, rows: rows, columns: inner)
    let xs = storage(x)
    q.copy(rounding: xs.floats)
    let weights = QuantizedStorage(count: w.count, channels: outer)
    let v = weights.weights(offset: 0, channel: 0, rows: outer, columns: inner)
    let ws = storage(w)
    v.copy(rounding: ws.floats)
    let room = Storage(count: (rows + spare) * outer)
    let sums = room.floats.prefix(rows * outer)
    let y = Storage(count: rows * outer)
    QuantizedKernels.multiply(q, v, into: sums, on: engine)
    QuantizedKernels.dequantize(sums, q, v, bias: bias.floats, into: y.floats)
    var worst = 0.0
    for r in 0..<rows {
      let row = x[r * inner..<(r + 1) * inner].map(Double.init)
      let step = (max(0, row.max() ?? 0) - min(0, row.min() ?? 0)) / 255
      for o in 0..<outer {
        let channel = w[o * inner..<(o + 1) * inner].map(Double.init)
        let channelStep = (channel.map(abs).max() ?? 0) / 127
        let expected = zip(row, channel).reduce(Double(bias.floats[o])) { $0 + $1.0 * $1.1 }
        let allowed =
          zip(row, channel).reduce(1e-3) {
            $0 + 0.51 * step * abs($1.1) + 0.51 * channelStep * abs($1.0)
              + 0.3 * step * channelStep
          }
        let error = abs(Double(y.floats[r * outer + o]) - expected)
        #expect(error <= allowed, "row \(r), channel \(o)")
        worst = max(worst, error / allowed)
      }
    }
    #expect(worst > 0.01, "the products were rounded")

    // The activation on top, rounded again: half a step more, of the activated row.
    let activatedMemory = Storage(count: QuantizedRows.floats(rows: rows, columns: outer))
    let activated = QuantizedRows(in: activatedMemory.floats, rows: rows, columns: outer)
    let working = Storage(count: outer)
    QuantizedKernels.activate(
      .relu, sums, q, v, bias: bias.floats, into: activated, row: working.floats)
    // Multiplied by the identity the rounded rows come out as numbers.
    var unit = [Float](repeating: 0, count: outer * outer)
    for o in 0..<outer { unit[o * outer + o] = 1 }
    let identity = QuantizedStorage(count: unit.count, channels: outer)
    let one = identity.weights(offset: 0, channel: 0, rows: outer, columns: outer)
    let units = storage(unit)
    one.copy(rounding: units.floats)
    let zero = Storage(count: outer)
    let back = Storage(count: rows * outer)
    QuantizedKernels.multiply(activated, one, into: sums, on: engine)
    QuantizedKernels.dequantize(sums, activated, one, bias: zero.floats, into: back.floats)
    for r in 0..<rows {
      let expected = (0..<outer).map { max(0, y.floats[r * outer + $0]) }
      let step = (expected.max() ?? 0) / 255
      for o in 0..<outer {
        #expect(abs(back.floats[r * outer + o] - expected[o]) <= 0.51 * step + 1e-4)
      }
    }
    withExtendedLifetime((memory, xs, ws, weights, activatedMemory, identity, units)) {}
  }
}
