import Foundation
import Serving
import Testing

/// What is measured of workers and texts.
@Suite struct ServiceRateTests {
  @Test func nothingIsKnownAtFirst() {
    let rate = ServiceRate(workers: 4)
    #expect(rate.perSecond == 0 && rate.bestPerSecond == 0)
  }

  /// Two workers that do 50 each a second do 100 together, however long their slices are.
  @Test(arguments: [0.01, 0.3, 5]) func steadyWorkers(_ seconds: Double) {
    var rate = ServiceRate(workers: 2)
    for _ in 0..<100 { rate.note(50 * seconds, in: seconds, at: 0) }
    #expect(abs(rate.perSecond - 100) < 1e-9)
    #expect(abs(rate.bestPerSecond - 100) < 1)
  }

  /// Six seconds of both workers weigh as much as 1 − e^−2 of all; the best rate stays what it was.
  @Test func slowerWorkers() {
    var rate = ServiceRate(workers: 2)
    for _ in 0..<20_000 { rate.note(0.5, in: 0.01, at: 0) }
    for _ in 0..<1200 { rate.note(0.1, in: 0.01, at: 0) }
    let expected = 20 + 80 * exp(-2.0)
    #expect(abs(rate.perSecond - expected) < 0.1)
    #expect((97.0...100).contains(rate.bestPerSecond))
  }

  /// One short slice that was quicker than the clock can tell is no best rate.
  @Test func flukes() {
    var rate = ServiceRate(workers: 1)
    rate.note(50, in: 1e-6, at: 0)
    for _ in 0..<100 { rate.note(1, in: 0.1, at: 0) }
    #expect(rate.perSecond < 30 && rate.bestPerSecond < 120)
    rate.note(1e9, in: 0, at: 0)
    rate.note(1, in: .nan, at: 0)
    #expect(rate.perSecond < 30)
  }

  /// A second of all workers is enough to go by, for a minute.
  @Test func certainty() {
    var rate = ServiceRate(workers: 2)
    #expect(!rate.isCertain(at: 0))
    for second in 0..<15 { rate.note(10, in: 0.1, at: Double(second)) }
    #expect(!rate.isCertain(at: 15))
    for second in 15..<30 { rate.note(10, in: 0.1, at: Double(second)) }
    #expect(rate.isCertain(at: 30) && rate.isCertain(at: 88))
    #expect(!rate.isCertain(at: 90))
  }

  @Test func tokensInBytes() {
    var ratio = TokenRatio()
    #expect(ratio.tokens(in: 0) == 0)
    #expect(ratio.tokens(in: 1) == 1 && ratio.tokens(in: 400) == 100)
    // A script with three bytes a letter, each of which is a token.
    for _ in 0..<1000 { ratio.note(tokens: 1000, bytes: 3000) }
    #expect(abs(ratio.tokens(in: 30_000) - 10_000) < 20)
    // What came lately counts most.
    for _ in 0..<1000 { ratio.note(tokens: 1000, bytes: 6000) }
    #expect(abs(ratio.tokens(in: 60_000) - 10_000) < 100)
  }
}
