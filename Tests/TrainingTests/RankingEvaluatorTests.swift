import Diagnostics
import Lists
import Ranking
import Testing
import Training

@Suite struct RankingEvaluatorTests {
  /// Two queries of four candidates each; the first stage ranks the first query perfectly and the
  /// second the wrong way round. A third query has no candidates and is left out.
  private func evaluator(_ select: String = "nDCG@10") throws -> RankingEvaluator {
    try RankingEvaluator(
      [
        JudgedQuery(
          id: "a", query: 0, judged: [(0, 2), (1, 1), (9, 1)],
          candidates: [(0, 4), (1, 3), (2, 2), (3, 1)]),
        JudgedQuery(
          id: "b", query: 1, judged: [(7, 1)], candidates: [(4, 8), (5, 6), (6, 4), (7, 2)]),
        JudgedQuery(id: "c", query: 2, judged: [(7, 1)], candidates: []),
      ], documentIDs: (0..<10).map { "d\($0)" },
      measures: [Measure(parsing: "RR@10"), Measure(parsing: "nDCG@10")],
      select: Measure(parsing: select), maximumLength: 16, split: "dev")
  }

  private let perfect: [Double] = [4, 3, 2, 1, 1, 2, 3, 4]

  @Test func ordersAndCeiling() throws {
    let report = try evaluator().report(model: perfect, biEncoder: nil, fusion: nil)
    #expect(report.measures == ["RR@10", "nDCG@10"] && report.queries == 2)
    #expect(report.orders.map(\.name) == ["first stage", "model"])
    // The reciprocal ranks are 1 and 1/4 in the first stage's order.
    #expect(report.value("first stage", "RR@10") == 0.625)
    #expect(report.value("model", "RR@10") == 1)
    #expect(report.ceiling == [1, report.value("model", "nDCG@10")])
    // Document 9 is relevant and no candidate: no order reaches 1. Gain 2, then 1 twice.
    let (second, third) = (0.6309297535714574, 0.5)
    let reached = (2 + second) / (2 + second + third)
    #expect(abs(report.ceiling[1] - (reached + 1) / 2) < 1e-12)
    #expect(report.value("model", "P@1") == nil && report.value("fused", "RR@10") == nil)
  }

  @Test func otherOrders() throws {
    let report = try evaluator().report(
      model: perfect, biEncoder: perfect.map { -$0 }, fusion: Fusion(weight: 1))
    #expect(report.orders.map(\.name) == ["first stage", "bi-encoder", "model", "fused"])
    #expect(report.fusionWeight == 1)
    #expect(report.value("fused", "nDCG@10") == report.value("first stage", "nDCG@10"))
    // The relevant documents come third and fourth, and last.
    #expect(report.value("bi-encoder", "RR@10") == (1.0 / 3 + 1.0 / 4) / 2)
  }

  /// The measure that selects is measured where it is not on the list.
  @Test func selectIsMeasured() throws {
    let report = try evaluator("P@1").report(model: perfect, biEncoder: nil, fusion: nil)
    #expect(report.measures == ["P@1", "RR@10", "nDCG@10"])
    #expect(report.value("first stage", "P@1") == 0.5)
  }

  @Test func fusionWeight() throws {
    let evaluator = try evaluator()
    #expect(try evaluator.bestFusion(model: perfect).weight == 0, "of equals the smallest")
    // A model that is right on the second query and wrong on the first, where the stages cancel at
    // 1/2: from the next weight on the first stage wins everywhere, before it the model.
    let half: [Double] = [1, 2, 3, 4, 1, 2, 3, 4]
    func value(_ weight: Double) throws -> Double {
      let report = try evaluator.report(model: half, biEncoder: nil, fusion: Fusion(weight: weight))
      return try #require(report.value("fused", "nDCG@10"))
    }
    let best = try evaluator.bestFusion(model: half).weight
    let values = try (0...20).map { try value(Double($0) / 20) }
    #expect(values[Int((best * 20).rounded())] == values.max())
    #expect(values.firstIndex(of: values.max() ?? 0) == Int((best * 20).rounded()))
  }

  @Test func noCandidates() {
    let failure = #expect(throws: Failure.self) {
      try RankingEvaluator(
        [JudgedQuery(id: "c", query: 2, judged: [(7, 1)], candidates: [])], documentIDs: [],
        measures: [], select: Measure(parsing: "AP"), maximumLength: 16, split: "dev")
    }
    #expect(
      failure?.description == """
        error: no judged query of split 'dev' has candidates to rerank
          expected: a run file of the first stage for this split
          to do: set 'candidates' of the source in the recipe
        """)
  }
}
