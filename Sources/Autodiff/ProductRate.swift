import Tensors

/// The rate at which this machine multiplies matrices. Benchmarks report other rates relative to
/// it, since absolute times mean little on another machine.
public enum ProductRate {
  /// Floating-point operations per second in products of square matrices, with one product loop per
  /// worker at the same time: the best of several rounds, the first of which warms up.
  ///
  /// - Parameters:
  ///   - precision: the precision of the products.
  ///   - workers: the number of loops; by default one per core.
  ///   - size: the number of rows and of columns of the matrices.
  ///   - rounds: the number of rounds measured.
  public static func measure(
    _ precision: Precision = .f32, workers: Int? = nil, size: Int = 1024, rounds: Int = 7
  ) -> Double {
    precondition(size > 0 && rounds > 0, "ProductRate: size and rounds are positive")
    let count = max(1, workers ?? Workers.cores)
    let cells = size * size
    let loops = (0..<count).map { _ in ProductLoop(precision, size: size) }
    // Several products per round, so that the cost of starting and stopping the workers is
    // negligible.
    let products = 3
    let team = Workers(count: count) { worker in
      for _ in 0..<products { loops[worker].multiply() }
    }
    defer { team.stop() }
    let operations = 2 * Double(cells) * Double(size) * Double(products * count)
    let clock = ContinuousClock()
    var best = 0.0
    team.run()
    for _ in 0..<rounds {
      let seconds = clock.measure { team.run() } / .seconds(1)
      best = max(best, operations / seconds)
    }
    return best
  }
}

/// One worker's buffers: two square matrices, their product, and the product engine.
private final class ProductLoop: @unchecked Sendable {
  let multiply: () -> Void

  init(_ precision: Precision, size: Int) {
    let cells = size * size
    let memory = Storage(count: 3 * cells)
    let floats = memory.floats
    // Some processors multiply zeros faster.
    for i in 0..<2 * cells { floats[i] = Float(i % 251) / 251 - 0.5 }
    let (left, right) = (floats[0..<cells], floats[cells..<2 * cells])
    let result = floats[2 * cells..<3 * cells]
    func square(_ floats: Floats) -> Matrix { Matrix(floats, rows: size, columns: size) }
    switch precision {
    case .f32:
      multiply = {
        withExtendedLifetime(memory) {
          Matrix.multiply(square(left), square(right), into: square(result), adding: false)
        }
      }
    case .bf16:
      let engine = ProductEngine()
      let rounded = BFloatStorage(count: 2 * cells)
      rounded.bfloats.copy(rounding: floats[0..<2 * cells])
      multiply = {
        withExtendedLifetime((memory, rounded)) {
          let halves = rounded.bfloats
          Matrix.multiply(
            Matrix(halves[0..<cells], rows: size, columns: size),
            Matrix(halves[cells..<2 * cells], rows: size, columns: size), into: square(result),
            adding: false, on: engine)
        }
      }
    case .int8:
      let engine = ProductEngine()
      let rows = Storage(count: QuantizedRows.floats(rows: size, columns: size))
      let weights = QuantizedStorage(count: cells, channels: size)
      let q = QuantizedRows(in: rows.floats, rows: size, columns: size)
      q.copy(rounding: left)
      let w = weights.weights(offset: 0, channel: 0, rows: size, columns: size)
      w.copy(rounding: right)
      multiply = {
        withExtendedLifetime((memory, rows, weights)) {
          QuantizedKernels.multiply(q, w, into: result, on: engine)
        }
      }
    }
  }
}
