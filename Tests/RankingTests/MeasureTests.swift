import Diagnostics
import Foundation
import Ranking
import Testing

@Suite struct MeasureTests {
  /// Grades by rank: 0, 3, unjudged, 1, −1; judged beside them: 2. Relevant are three, from grade
  /// 1.
  private let query = RankedQuery(ranked: [0, 3, nil, 1, -1], judged: [0, 3, 1, -1, 2])

  @Test func valuesAreTheirFormulas() {
    #expect(measure("AP").value(of: query) == (1.0 / 2 + 2.0 / 4) / 3)
    #expect(measure("AP@2").value(of: query) == 1.0 / 2 / 3)
    #expect(measure("RR").value(of: query) == 1.0 / 2)
    #expect(measure("RR@1").value(of: query) == 0)
    #expect(measure("P@10").value(of: query) == 2.0 / 10)
    #expect(measure("P").value(of: query) == 2.0 / 5)
    #expect(measure("R@3").value(of: query) == 1.0 / 3)
    #expect(measure("R(rel=2)@3").value(of: query) == 1.0 / 2)
    #expect(measure("Success(rel=4)@4").value(of: query) == 0)
    let plain = (3 / log2(3.0) + 1 / log2(5.0)) / (3 + 2 / log2(3.0) + 1 / log2(4.0))
    let exponential = (7 / log2(3.0) + 1 / log2(5.0)) / (7 + 3 / log2(3.0) + 1 / log2(4.0))
    #expect(abs(measure("nDCG@10").value(of: query) - plain) < 1e-15)
    #expect(abs(measure("nDCG(dcg='exp-log2')").value(of: query) - exponential) < 1e-15)
  }

  /// Each written out from its paper, over the grades above.
  @Test func newerMeasuresAreTheirFormulas() {
    // Stops at rank 2 with (2³ − 1) / 2⁴, at rank 4 with 1 / 2⁴.
    #expect(abs(measure("ERR").value(of: query) - (7.0 / 16 / 2 + 9.0 / 16 / 16 / 4)) < 1e-15)
    #expect(measure("ERR@2").value(of: query) == 7.0 / 16 / 2)
    #expect(measure("ERR(max_rel=3)@2").value(of: query) == 7.0 / 8 / 2)
    #expect(abs(measure("RBP").value(of: query) - 0.2 * (0.8 + 0.8 * 0.8 * 0.8)) < 1e-15)
    #expect(abs(measure("RBP(p=0.5)@2").value(of: query) - 0.25) < 1e-15)
    #expect(abs(measure("RBP(p=0.5,rel=2)").value(of: query) - 0.25) < 1e-15)
    #expect(measure("RBP(p=0)").value(of: query) == 0)
    #expect(measure("Judged").value(of: query) == 4.0 / 5)
    #expect(measure("Judged@3").value(of: query) == 2.0 / 3)
    #expect(measure("Judged@10").value(of: query) == 4.0 / 5)
    #expect(measure("Judged@4").ceiling(of: query) == 1)
    // Three are relevant, and one of the first three is.
    #expect(measure("Rprec").value(of: query) == 1.0 / 3)
    // One non-relevant of one stands above both; the third was not retrieved.
    #expect(measure("Bpref").value(of: query) == 0)
    #expect(measure("SetP").value(of: query) == 2.0 / 5)
    #expect(measure("SetR").value(of: query) == 2.0 / 3)
    #expect(abs(measure("SetF").value(of: query) - 0.5) < 1e-15)
    // At rank 2: one above, judged and not relevant. At rank 4: three above, of which two are in
    // the pool and half of those relevant.
    let (e, n) = (0.00001, 1.00002)
    let estimated = 1.0 / 2 + e / n / 2 + 1.0 / 4 + 2.0 / 4 * (1 + e) / (2 + 2 * e)
    #expect(abs(measure("infAP").value(of: query) - estimated / 3) < 1e-15)
  }

  @Test func gradesBeyondERRsGreatestAreAFailure() throws {
    let ranking = QueryRanking(query: "7", ranked: RankedQuery(ranked: [5], judged: [5, 1]))
    do throws(Failure) {
      _ = try Evaluation(of: [ranking], measures: [measure("ERR@20")])
      Issue.record("a grade of 5 was accepted")
    } catch {
      #expect(error.problem.hasSuffix("up to 4, for the query '7'") && error.kind == .badData)
      #expect(error.remedy?.hasPrefix("write 'ERR(max_rel=5)@20'") == true)
    }
    let greater = try Evaluation(of: [ranking], measures: [measure("ERR(max_rel=5)@20")])
    #expect(greater.means == [31.0 / 32])
  }

  @Test func everyMeasureIsDescribed() {
    let names = Measures.all.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count && names.count >= 15)
    for definition in Measures.all {
      #expect(!definition.meaning.isEmpty && !definition.source.isEmpty)
      #expect(!definition.meaning.hasSuffix("."))
    }
  }

  /// Gains beyond what 64 bits hold: the ratio is the same as with all grades 1,990 less, where a
  /// grade of 10 is 2^10 − 1 and one of 1,990 less than 1 is nothing.
  @Test func gainsBeyondAllNumbers() throws {
    let query = RankedQuery(ranked: [1998, 2000, 1, nil], judged: [2000, 1998, 1])
    let scale = [0.25, 1].enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
    let ideal = [1, 0.25].enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
    #expect(abs(measure("nDCG(dcg='exp-log2')@10").value(of: query) - scale / ideal) < 1e-12)
    #expect(abs(measure("ERR(max_rel=2000)").value(of: query) - (0.25 + 0.75 / 2)) < 1e-12)
    let huge = QueryRanking(
      query: "7", ranked: RankedQuery(ranked: [1.7e308, 1.7e308], judged: [1.7e308, 1.7e308]))
    let failure = #expect(throws: Failure.self) {
      try Evaluation(of: [huge], measures: [measure("nDCG")])
    }
    #expect(failure?.kind == .badData && failure?.problem.contains("not finite") == true)
  }

  /// As ir_measures writes it, or by the function that the command line's flag stands for.
  @Test func judgedOnlyIsPartOfAMeasure() throws {
    let asked = measure("P(judged_only=True)@2")
    #expect(asked.value(of: query) == 0.5 && measure("P@2").value(of: query) == 0.5)
    #expect(
      measure("P(judged_only=True)@3").value(of: query)
        == measure("P@3").judgedOnly.value(of: query))
    #expect(measure("P(judged_only=True)@3").value(of: query) != measure("P@3").value(of: query))
    #expect(asked.description == "P(judged_only=True)@2")
    #expect(measure("P(judged_only=False)@2") == measure("P@2"))
    #expect(
      measure("nDCG(dcg='exp-log2')@5").judgedOnly.description
        == "nDCG(dcg='exp-log2',judged_only=True)@5")
    #expect(measure("Judged@10").judgedOnly == measure("Judged@10"))
    #expect(measure("AP(cutoff=100)") == measure("AP@100"))
    #expect(measure("AP(cutoff=100,rel=2)").description == "AP(rel=2)@100")
    for wrong in [
      "AP(cutoff=5)@5", "AP(cutoff=0)", "nDCG@+10", "Bpref(judged_only=True)", "P(judged_only=1)",
    ] {
      #expect(throws: Failure.self) { try Measure(parsing: wrong) }
    }
  }

  @Test func ordersByScoreThenDescendingId() {
    let scores: [Double] = [1, 2, -0.0, 0, 1, .infinity, -3, 1 + 1e-9, -.infinity]
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
    let query = RankedQuery(
      scores: scores, grades: ids.indices.map { Double($0) }, judged: []
    ) { ids[$0] < ids[$1] }
    #expect(query.ranked == [5, 1, 7, 4, 0, 3, 2, 6, 8])
  }

  @Test func withoutUnjudgedDocuments() {
    #expect(query.judgedOnly.ranked == [0, 3, 1])
    #expect(query.prefix(2).ranked == [0, 3])
  }

  @Test func noOrderIsAboveTheCeiling() {
    func orders(_ grades: [Double?]) -> [[Double?]] {
      guard grades.count > 1 else { return [grades] }
      return grades.indices.flatMap { first in
        var rest = grades
        let chosen = rest.remove(at: first)
        return orders(rest).map { [chosen] + $0 }
      }
    }
    let all = orders(query.ranked)
    #expect(all.count == 120)
    for definition in Measures.all {
      let names = [definition.name] + (definition.takesCutoff ? ["\(definition.name)@3"] : [])
      for measure in names.map({ measure($0) }) {
        let ceiling = measure.ceiling(of: query)
        let values = all.map {
          measure.value(of: RankedQuery(ranked: $0, judged: query.judged))
        }
        #expect(values.allSatisfy { $0 <= ceiling + 1e-15 }, "\(measure)")
        #expect(values.contains { abs($0 - ceiling) < 1e-15 }, "\(measure)")
      }
    }
  }

  @Test func theCeilingIsTheBestOrderOfTheCandidates() {
    #expect(query.bestOrder.ranked == [3, 1, 0, nil, -1])
    #expect(measure("RR").ceiling(of: query) == 1)
    #expect(measure("AP").ceiling(of: query) == 2.0 / 3)
    let ndcg = (3 + 1 / log2(3.0)) / (3 + 2 / log2(3.0) + 1 / log2(4.0))
    #expect(abs(measure("nDCG").ceiling(of: query) - ndcg) < 1e-15)
  }

  @Test func nothingRelevantIsZero() {
    for definition in Measures.all {
      for cutoff in definition.takesCutoff ? ["", "@5"] : [""] {
        let measure = measure(definition.name + cutoff)
        #expect(measure.value(of: RankedQuery(ranked: [], judged: [])) == 0)
        #expect(measure.value(of: RankedQuery(ranked: [], judged: [2])) == 0)
        if definition.name == "Judged" { continue }
        #expect(measure.value(of: RankedQuery(ranked: [nil, 0, -2], judged: [0, -2])) == 0)
      }
    }
  }

  @Test func mistakesInARunAreFailures() {
    let twice = [(document: "a", score: 1.0), (document: "a", score: 2.0)]
    #expect(throws: Failure.self) { try RankedQuery(twice, judgments: [:]) }
    do throws(Failure) {
      _ = try evaluate(run: ["7": twice], judgments: ["7": ["a": 1]], measures: [])
      Issue.record("a duplicate was accepted")
    } catch {
      #expect(error.problem == "the document 'a' is retrieved twice, for the query '7'")
    }
    #expect(throws: Failure.self) {
      try evaluate(run: ["7": [("a", .nan)]], judgments: ["7": ["a": 1]], measures: [])
    }
    #expect(throws: Failure.self) {
      try evaluate(run: ["07": [("a", 1)]], judgments: ["7": ["a": 1]], measures: [])
    }
  }

  @Test func queriesComeInTheOrderOfTheirIds() throws {
    let ids = ["10", "9", "b", "a", "é", "100"]
    let run = Dictionary(uniqueKeysWithValues: ids.map { ($0, [(document: "d", score: 1.0)]) })
    let judgments = Dictionary(uniqueKeysWithValues: ids.map { ($0, ["d": 1.0]) })
    let found = try evaluate(run: run, judgments: judgments, measures: [measure("Success")])
    #expect(found.queries == ["9", "10", "100", "a", "b", "é"])
    #expect(found.means == [1])
  }
}
