import Autodiff
import Batches
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

/// Candidates that leave at exits.
@Suite struct CascadeTests {
  private static let plan = ExitPlan(
    head: .own, exits: [.init(after: 1, weight: 0.5), .init(after: 3, weight: 0.5)])

  /// Queries with different numbers of documents, some of them long or without tokens.
  private struct Given {
    let model: CrossEncoder
    var tokens: PairTokens
    var pairs: [Pair] = []

    init() throws {
      model = try CrossEncoder(
        ModelSource(TinyModel(layers: 5).written()), seed: 1,
        exits: .trained(CascadeTests.plan, place: Place("test")))
      tokens = PairTokens(model.tokenizer)
      for (query, count) in [40, 3, 12, 25].enumerated() {
        let number = tokens.append(
          query: TinyModel.text(words: 2 + query, seed: UInt64(query)))
        for i in 0..<count {
          let text = TinyModel.text(
            words: i % 9 == 4 ? 0 : (i * 37 + query) % 80, seed: UInt64(1000 * query + i + 1))
          pairs.append(Pair(query: number, document: tokens.append(document: text)))
        }
      }
    }
  }

  private func cascade(_ shares: [Double], least: Int = 1) -> ExitCascade {
    ExitCascade(
      zip([1, 3], shares).map { .init(layer: $0, share: $1, slope: 0.5, intercept: 0.1) },
      least: least)
  }

  /// If nobody leaves, scores are those of the model.
  @Test func wholeShares() throws {
    let given = try Given()
    let scorer = PairScorer(given.model, workers: 2)
    for long in [LongDocuments(), LongDocuments(.max, overlap: 4, mostPassages: 4)] {
      let whole = scorer.scores(
        of: given.pairs, in: given.tokens, maximumLength: 40, longDocuments: long)
      let found = scorer.scores(
        of: given.pairs, in: given.tokens, maximumLength: 40, longDocuments: long,
        cascade: cascade([1, 1]))
      #expect(found.passages == whole.passages && found.isCut == whole.isCut)
      // Sums are added up in other blocks.
      for (a, b) in zip(found.scores, whole.scores) { #expect(abs(a - b) < 1e-5) }
    }
  }

  /// Those with the lowest scores at an exit leave; the rest have the model's scores, and are above
  /// them. Scores at exits are those of the cut models.
  @Test(arguments: [1, 3]) func leaving(_ workers: Int) throws {
    let given = try Given()
    let scorer = PairScorer(given.model, workers: workers)
    let cascade = cascade([0.5, 0.2])
    let stages = scorer.stageScores(
      of: given.pairs, in: given.tokens, maximumLength: 40, cascade: cascade)
    let models = [try given.model.cut(toLayers: 1), try given.model.cut(toLayers: 3), given.model]
    let exact = models.map {
      PairScorer($0, workers: 2).scores(of: given.pairs, in: given.tokens, maximumLength: 40)
    }
    for (pair, scores) in stages.scores.enumerated() {
      for (stage, score) in scores.enumerated() {
        #expect(abs(score - exact[stage][pair]) < 1e-5, "pair \(pair), stage \(stage)")
      }
    }
    var start = 0
    let merged = scorer.scores(
      of: given.pairs, in: given.tokens, maximumLength: 40, longDocuments: LongDocuments(),
      cascade: cascade)
    for count in [40, 3, 12, 25] {
      let query = start..<start + count
      let reached = query.map { stages.scores[$0].count }
      #expect(reached.count { $0 > 1 } == (count + 1) / 2)
      #expect(reached.count { $0 > 2 } == (count + 4) / 5)
      for stage in 0..<2 {
        let there = query.filter { stages.scores[$0].count > stage }
        let left = there.filter { stages.scores[$0].count == stage + 1 }
        let lowest =
          there.filter { stages.scores[$0].count > stage + 1 }
          .map { exact[stage][$0] }.min() ?? 0
        #expect(left.allSatisfy { exact[stage][$0] < lowest + 1e-5 })
      }
      // The order: by stage, and within a stage by its score; equal texts have equal ones.
      let order = query.sorted { merged.scores[$0] > merged.scores[$1] }
      for (a, b) in zip(order, order.dropFirst()) {
        let (first, second) = (stages.scores[a], stages.scores[b])
        let isHigher = (first.last ?? 0) >= (second.last ?? 0)
        #expect(first.count > second.count || first.count == second.count && isHigher)
      }
      for pair in query where stages.scores[pair].count == 3 {
        #expect(merged.scores[pair] == stages.scores[pair][2])
      }
      start += count
    }
    let again = PairScorer(given.model, workers: 2).scores(
      of: given.pairs, in: given.tokens, maximumLength: 40, longDocuments: LongDocuments(),
      cascade: cascade)
    #expect(again.scores == merged.scores)
  }

  /// Decoders compute what pairs begin with once, before and after an exit.
  @Test func sharedPrefixes() throws {
    let plan = ExitPlan(head: .own, exits: [.init(after: 2, weight: 1)])
    var given = try DecoderPairs(exits: plan)
    given.add(queries: 5) { [12, 1, 30, 2, 18][$0] }
    let scorer = PairScorer(given.model, workers: 2)
    let cascade = ExitCascade([.init(layer: 2, share: 0.5)], least: 1)
    let found = scorer.stageScores(
      of: given.pairs, in: given.tokens, maximumLength: 128, cascade: cascade
    ).scores
    let alone = given.alone(maximumLength: 128)
    let cut = PairScorer(try given.model.cut(toLayers: 2), workers: 2).scores(
      of: given.pairs, in: given.tokens, maximumLength: 128)
    #expect(found.count { $0.count == 2 } == 6 + 1 + 15 + 1 + 9)
    for (pair, scores) in found.enumerated() {
      #expect(abs(scores[0] - cut[pair]) < 1e-5)
      if scores.count == 2 { #expect(abs(scores[1] - alone[pair]) < 1e-5) }
    }
  }

  /// Less is computed.
  @Test func work() throws {
    let given = try Given()
    func operations(_ cascade: ExitCascade?) -> Double {
      let scorer = PairScorer(given.model, workers: 1)
      if let cascade {
        _ = scorer.scores(
          of: given.pairs, in: given.tokens, maximumLength: 40, longDocuments: LongDocuments(),
          cascade: cascade)
      } else {
        _ = scorer.scores(of: given.pairs, in: given.tokens, maximumLength: 40)
      }
      return scorer.productOperations
    }
    let cascade = cascade([0.25, 0.25])
    let share = operations(cascade) / operations(nil)
    // (1 + 0.25 · 4) / 5 of the layers' work; the last layer computes less than the others.
    #expect(abs(cascade.work(layers: 5, candidates: 40) - 0.4) < 1e-12)
    #expect(
      abs(self.cascade([0.25, 0.25], least: 20).work(layers: 5, candidates: 40) - 0.6) < 1e-12)
    #expect(share > 0.35 && share < 0.55, "\(share)")
  }

  @Test func countsAndSurvivors() {
    let cascade = ExitCascade(
      [.init(layer: 1, share: 0.7), .init(layer: 2, share: 0.25)], least: 3)
    #expect(cascade.kept(at: 0, of: 10) == 7 && cascade.kept(at: 1, of: 10) == 3)
    #expect(cascade.kept(at: 0, of: 2) == 2 && cascade.kept(at: 1, of: 100) == 25)
    #expect(cascade.kept(at: 0, of: 11) == 8)
    let scores: [Float] = [1, .nan, 3, 3, 2, 0, 3, -1, 5, 4]
    #expect(
      cascade.survivors(of: Array(0..<10), at: 1, ofQueryWith: 10) { scores[$0] } == [2, 8, 9])
    #expect(cascade.survivors(of: [1, 5], at: 1, ofQueryWith: 10) { scores[$0] } == [1, 5])
  }

  /// Those that left earlier are below those that left later, at the distances of their own scale.
  @Test func merging() {
    let cascade = ExitCascade(
      [.init(layer: 1, share: 0.7, slope: 2, intercept: 1), .init(layer: 2, share: 0.3)], least: 1)
    // At the last layer 4 and 3; at the second exit 3.5, which is too high, and 1; at the first 2 · 0
    // + 1 and 2 · -1 + 1, which are below anyway, and one that equals the first.
    let merged = cascade.merged([
      [9, 9, 4], [9, 3.5], [0], [9, 9, 3], [-1], [9, 1], [0],
    ])
    #expect(merged[0] == 4 && merged[3] == 3)
    #expect(merged[1] == Float(3).nextDown)
    #expect(abs(merged[5] - 0.5) < 1e-6)
    // 1 is not below 0.5: lowered by as much, and so is -1.
    #expect(merged[2] < merged[5] && abs(merged[2] - 0.5) < 1e-6)
    #expect(merged[6] == merged[2] && abs(merged[4] - -1.5) < 1e-6)
    #expect(cascade.merged([[1, 2, 3]]) == [3])
    #expect(cascade.merged([]).isEmpty)
  }
}
