import ModelSupport
import Options
import TestSupport
import Testing
import Training

/// Runs at whose end dev chooses between the trained weights, the base and sums of both.
extension TrainerTests {
  @Suite(.serialized) struct BaseShareTests: AveragingRuns {
    let collection: TinyCollection

    init() throws { collection = try TinyCollection() }

    private func bench(rate: Double, head: Bool = true) throws -> TrainerTests.Bench {
      try TrainerTests.Bench(collection, head: head) { plan in
        plan.training.average = AverageOptions(base: .dev)
        plan.optimizer.schedule = Schedule(peak: rate)
      }
    }

    /// Whatever training does, the run ends with the share that dev values most, and never below the
    /// base.
    @Test(arguments: [1e-4, 1e-3, 1e-1, 1]) func isNeverBelowTheBase(_ rate: Double) throws {
      let bench = try bench(rate: rate)
      let base = bench.parameters
      let outcome = try finish(bench)
      let dev = try #require(outcome.dev)
      let own = try #require(dev.value("base model", "nDCG@10"))
      var (share, value) = (1.0, try #require(bench.events.best))
      var seen: [Double] = []
      for report in bench.events.averages {
        guard case .base(let found) = report.kind else { continue }
        seen.append(found)
        let result = try #require(report.value)
        // The base stays where nothing is better than it.
        let isBetter = found == 0 ? result >= value : result > value
        #expect(report.isKept == isBetter)
        if isBetter { (share, value) = (found, result) }
      }
      #expect(seen == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0])
      #expect(outcome.average?.base == share)
      #expect(dev.value("model", "nDCG@10") == value)
      #expect(value >= own)
      if share == 0 {
        #expect(bench.parameters == base)
        #expect(value == own)
      }
    }

    /// Training that changes nothing that dev sees ends with the bits of the base, and says so.
    @Test func baseItself() throws {
      let bench = try bench(rate: 1e-30)
      let base = bench.parameters
      let outcome = try finish(bench)
      #expect(outcome.average?.base == 0)
      #expect(bench.parameters == base)
      #expect(bench.events.notes.contains { $0.hasPrefix("the model is the base itself") })
      let verdict = try #require(outcome.verdict)
      #expect(verdict.outcome != .better)
      #expect(verdict.advice.first?.hasPrefix("the model is the base itself") ?? false)
    }

    /// A base without a score head is nothing to go back to.
    @Test func newHead() throws {
      let plain = try TrainerTests.Bench(collection, head: false)
      _ = try finish(plain)
      let bench = try bench(rate: 1e-3, head: false)
      let outcome = try finish(bench)
      #expect(outcome.average == nil && bench.events.averages.isEmpty)
      #expect(bench.events.notes.contains { $0.contains("has nothing to go back to") })
      #expect(bench.parameters == plain.parameters)
    }
  }

  /// The rule, by values that are known.
  @Suite struct BaseSumTests {
    private func chosen(_ sums: [(share: Double, value: Double)]) -> Int {
      BaseSum.chosen(among: sums.map { BaseSum(share: $0.share, value: $0.value, values: []) })
    }

    @Test func highestValue() {
      #expect(chosen([(1, 0.5), (0.5, 0.6), (0, 0.55)]) == 1)
      #expect(chosen([(1, 0.5), (0.5, 0.5), (0, 0.4)]) == 0)
    }

    @Test func baseStays() {
      #expect(chosen([(1, 0.5), (0.5, 0.6), (0, 0.6)]) == 2)
      #expect(chosen([(1, 0.4), (0.5, 0.5), (0, 0.6)]) == 2)
    }

    /// Of given shares none is the base itself: the first of equal ones stays.
    @Test func givenShares() {
      #expect(chosen([(1, 0.5), (0.5, 0.5)]) == 0)
    }
  }
}
