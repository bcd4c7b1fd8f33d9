import Tensors
import Testing

/// The general kernels against those of BERT's case, where both compute the same.
@Suite struct NormKernelTests {
  private let owners = Owners()

  private func zeros(_ count: Int) -> Storage { owners.keep(Storage(count: count)) }

  private func numbers(_ count: Int, seed: Int) -> Storage {
    let storage = zeros(count)
    for i in 0..<count {
      storage.floats[i] = Float((i * 7919 + seed * 104_729) % 2001 - 1000) / 500
    }
    return storage
  }

  private func expectNear(
    _ found: Storage, _ expected: Storage, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      zip(found.array, expected.array).allSatisfy { abs($0 - $1) <= 2e-5 * max(1, abs($1)) },
      sourceLocation: sourceLocation)
  }

  /// LayerNorm of a sum: by BERT's kernel, and as a sum with dropout and a norm of its own. Sums of
  /// up to 300 terms in another order.
  @Test(arguments: [1, 19, 300], [Float(0), 0.25])
  func sumAndNormApart(_ columns: Int, _ rate: Float) {
    let rows = 5
    let site = rate > 0 ? DropoutSite(seed: 3, step: 1, site: 2, rate: rate) : .none
    let x = numbers(rows * columns, seed: 1)
    let (h, sum) = (numbers(rows * columns, seed: 2), numbers(rows * columns, seed: 2))
    let gamma = numbers(columns, seed: 3)
    let beta = numbers(columns, seed: 4)
    let weights = NormWeights(.layer, gamma: gamma.floats, beta: beta.floats, epsilon: 1e-3)
    let (together, apart) = (zeros(rows * columns), zeros(rows * columns))
    let rstd = zeros(rows)
    let statistics = zeros(2 * rows)
    RowKernels.residualNorm(
      x.floats, h.floats, weights, into: together.floats, rstd: rstd.floats, site, identity: nil)
    RowKernels.addResidual(x.floats, to: sum.floats, columns: columns, site, identity: nil)
    RowKernels.norm(sum.floats, weights, into: apart.floats, statistics: statistics.floats)
    expectNear(apart, together)

    let dy = numbers(rows * columns, seed: 5)
    let (dx, dxApart) = (numbers(rows * columns, seed: 6), numbers(rows * columns, seed: 6))
    let (dh, dsum) = (zeros(rows * columns), zeros(rows * columns))
    let dgamma = (numbers(columns, seed: 7), numbers(columns, seed: 7))
    let dbeta = (numbers(columns, seed: 8), numbers(columns, seed: 8))
    RowKernels.residualNormBackward(
      dy.floats, normalized: h.floats, rstd: rstd.floats, weights, dx: dx.floats,
      dxIsFresh: false, dh: dh.floats,
      gradients: NormWeights(
        .layer, gamma: dgamma.0.floats, beta: dbeta.0.floats, epsilon: 1e-3), site,
      identity: nil)
    RowKernels.normBackward(
      dy.floats, x: sum.floats, weights, statistics: statistics.floats, dx: dsum.floats,
      dxIsFresh: true,
      gradients: NormWeights(
        .layer, gamma: dgamma.1.floats, beta: dbeta.1.floats, epsilon: 1e-3))
    RowKernels.addResidualBackward(
      dsum.floats, dx: dxApart.floats, dxIsFresh: false, columns: columns, site, identity: nil)
    expectNear(dsum, dh)
    expectNear(dxApart, dx)
    expectNear(dgamma.1, dgamma.0)
    expectNear(dbeta.1, dbeta.0)
  }
}
