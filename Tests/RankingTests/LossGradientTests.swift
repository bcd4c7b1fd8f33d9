import Ranking
import Testing

/// Gradients against central differences, over everything in the registry.
@Suite struct LossGradientTests {
  /// With a step of 1e-6 the error is about 1e-16/1e-6 times the value (rounding) and 1e-12 times
  /// the third derivative (up to about 1e4, for steep losses): 1e-7 stands clear of both.
  ///
  /// LightGBM's normalisation puts score distances into weights, which are not differentiated: it
  /// is left out here, and LossReferenceTests holds it to detached weights in PyTorch.
  @Test(
    arguments: LossVariant.all.filter {
      !($0.definition.kind == .lambda && $0.options["normalize"] == true)
    })
  func isTheSlopeOfTheValue(variant: LossVariant) throws {
    let loss = try Loss(variant.definition.name, options: variant.options)
    var random = SeededRandom(state: 3)
    for graded in [true, false] {
      let plain = LossBatch(sizes: [1, 2, 0, 5, 8, 13], graded: graded, using: &random)
      for batch in [plain, plain.weighted(using: &random)] {
        let gradient = batch.evaluate(loss).gradient
        let step = 1e-6
        for i in batch.scores.indices {
          var (up, down) = (batch, batch)
          up.scores[i] += step
          down.scores[i] -= step
          let slope = (up.evaluate(loss).value - down.evaluate(loss).value) / (2 * step)
          #expect(distance(gradient[i], slope) < 1e-7, "item \(i)")
        }
      }
    }
  }

  @Test func aSumIsTheSumOfItsParts() throws {
    var random = SeededRandom(state: 5)
    let batch = LossBatch(sizes: [4, 7], using: &random).weighted(using: &random)
    let parts = [try Loss("lambdarank"), try Loss("bce"), try Loss("ranknet")]
    let weights = [1, 0.5, 0.25]
    let sum = try Loss(sum: Array(zip(weights, parts)).map { (weight: $0, loss: $1) })
    let found = batch.evaluate(sum)
    let expected = zip(weights, parts).map { weight, part in
      let (value, gradient) = batch.evaluate(part)
      return (value: weight * value, gradient: gradient.map { weight * $0 })
    }
    #expect(distance(found.value, expected.map(\.value).reduce(0, +)) < 1e-14)
    for i in batch.scores.indices {
      #expect(distance(found.gradient[i], expected.map(\.gradient[i]).reduce(0, +)) < 1e-14)
    }
    #expect(sum.description == "lambdarank + 0.5 * bce + 0.25 * ranknet")
  }
}
