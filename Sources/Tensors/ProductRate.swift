/// How fast this machine multiplies matrices: what every other rate is held against, since
/// absolute times mean little elsewhere.
public enum ProductRate {
  /// Floating-point operations a second of 32-bit products of square matrices, with one product
  /// loop per worker at the same time: the best of several rounds, the first of which warms up.
  ///
  /// - Parameters:
  ///   - workers: how many loops; one a core unless said otherwise.
  ///   - size: rows and columns of the matrices.
  ///   - rounds: how many rounds are measured.
  public static func measure(
    workers: Int? = nil, size: Int = 1024, rounds: Int = 7
  ) -> Double {
    precondition(size > 0 && rounds > 0, "ProductRate: size and rounds are positive")
    let count = max(1, workers ?? Workers.cores)
    let cells = size * size
    let storages = (0..<count).map { _ in
      let storage = Storage(count: 3 * cells)
      // Zeros would let some processors cheat.
      for i in 0..<2 * cells { storage.floats[i] = Float(i % 251) / 251 - 0.5 }
      return storage
    }
    // Several products a round, so that starting and stopping the workers does not count.
    let products = 3
    let team = Workers(count: count) { worker in
      let floats = storages[worker].floats
      for _ in 0..<products {
        Matrix.multiply(
          Matrix(floats[0..<cells], rows: size, columns: size),
          Matrix(floats[cells..<2 * cells], rows: size, columns: size),
          into: Matrix(floats[2 * cells..<3 * cells], rows: size, columns: size), adding: false)
      }
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
