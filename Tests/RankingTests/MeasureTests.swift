import Diagnostics
import Foundation
import Ranking
import TestSupport
import Testing

/// Values against trec_eval's own, computed by pytrec-eval-terrier. Sums of the same terms in the
/// same order differ by rounding alone: 1e-12 lets nothing else pass.
@Suite struct MeasureReferenceTests {
  struct Fixture: Decodable {
    let qrels: [String: [String: Double]]
    let run: [String: [String: Double]]
    let expected: [String: [String: Double]]

    /// Fixtures/measures.json, made by Fixtures/make_measures.py.
    static func read() throws -> Fixture {
      let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/measures.json")
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }

    var retrieved: [String: [(document: String, score: Double)]] {
      run.mapValues { $0.map { (document: $0.key, score: $0.value) } }
    }
  }

  @Test func everyQueryHasTrecEvalsValue() throws {
    let fixture = try Fixture.read()
    let names = try #require(fixture.expected["q1"]).keys.sorted()
    let measures = try names.map { try Measure(parsing: $0) }
    let found = try evaluate(
      run: fixture.retrieved, judgments: fixture.qrels, measures: measures)
    #expect(found.queries == ["q1", "q10", "q11", "q12", "q2", "q3", "q4", "q5", "q6", "q8"])
    #expect(Set(found.queries) == Set(fixture.expected.keys))
    #expect(found.unjudgedQueries == 1 && found.missingQueries == 1 && names.count == 25)
    for (q, query) in found.queries.enumerated() {
      for (m, name) in names.enumerated() {
        let expected = try #require(fixture.expected[query]?[name])
        #expect(abs(found.values[m][q] - expected) < 1e-12, "\(name) of \(query)")
      }
    }
  }

  @Test func aCompleteEvaluationCountsMissingQueriesAsZero() throws {
    let fixture = try Fixture.read()
    let measures = [Measure(.nDCG, cutoff: 10), Measure(.averagePrecision)]
    let some = try evaluate(run: fixture.retrieved, judgments: fixture.qrels, measures: measures)
    let all = try evaluate(
      run: fixture.retrieved, judgments: fixture.qrels, measures: measures, complete: true)
    #expect(all.queries.count == 11 && all.queries.contains("q9"))
    for measure in measures {
      let (a, b) = (try #require(some.mean(of: measure)), try #require(all.mean(of: measure)))
      #expect(abs(a * 10 - b * 11) < 1e-12 && b > 0)
    }
  }

  /// Means of BM25 runs, by pytrec-eval-terrier 0.5.11 with the same qrels and runs.
  @Test(arguments: [
    (
      "cranfield", "test",
      [
        "nDCG@10": 0.45691037572298415, "AP": 0.34813369257625015, "RR": 0.7508798288999473,
        "P@10": 0.2683333333333333, "R@100": 0.7052075152945895, "AP@10": 0.29545386355774134,
        "nDCG": 0.5544215960322193, "Success@5": 0.8666666666666667,
      ]
    ),
    (
      "cranfield", "train",
      [
        "nDCG@10": 0.48048743538494154, "AP": 0.35522259413483176, "RR": 0.7698471328513397,
        "P@10": 0.28214285714285703, "R@100": 0.7043330327777936, "AP@10": 0.3028442889857546,
        "nDCG": 0.5726780988903942, "Success@5": 0.8714285714285714,
      ]
    ),
    (
      "scifact", "test",
      [
        "nDCG@10": 0.6568539255974151, "AP": 0.618381111811781, "RR": 0.6276850767063377,
        "P@10": 0.08566666666666692, "R@100": 0.8758888888888888, "AP@10": 0.61276917989418,
        "nDCG": 0.6797139537267175, "Success@5": 0.7366666666666667,
      ]
    ),
    (
      "cacm", "test",
      [
        "nDCG@10": 0.45197434679870724, "AP": 0.3220818473880855, "RR": 0.7716409603782342,
        "P@10": 0.28846153846153844, "R@100": 0.6693798419771925, "AP@10": 0.2428253123720275,
        "nDCG": 0.544501186956346, "Success@5": 0.9230769230769231,
      ]
    ),
    (
      "vaswani", "test",
      [
        "nDCG@10": 0.38235701738013933, "AP": 0.20353616027441956, "RR": 0.6668177016202602,
        "P@10": 0.3075268817204301, "R@100": 0.4904469643390085, "AP@10": 0.12756344438283315,
        "nDCG": 0.41352446650780705, "Success@5": 0.7849462365591398,
      ]
    ),
  ])
  func meansOfRealRunsAreTrecEvals(
    collection: String, split: String, expected: [String: Double]
  ) throws {
    guard
      let qrels = Material.shared("collections/\(collection)/qrels/\(split).tsv"),
      let run = Material.shared("collections/\(collection)/runs/bm25.\(split).run")
    else { return }
    var judgments: [String: [String: Double]] = [:]
    for line in try String(contentsOfFile: qrels, encoding: .utf8).split(separator: "\n")
      .dropFirst()
    {
      let fields = line.split(separator: "\t").map(String.init)
      judgments[fields[0], default: [:]][fields[1]] = Double(fields[2])
    }
    var retrieved: [String: [(document: String, score: Double)]] = [:]
    for line in try String(contentsOfFile: run, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      retrieved[fields[0], default: []].append((fields[2], try #require(Double(fields[4]))))
    }
    let measures = try expected.keys.map { try Measure(parsing: $0) }
    let found = try evaluate(run: retrieved, judgments: judgments, measures: measures)
    let best = try ceiling(run: retrieved, judgments: judgments, measures: measures)
    for (name, value) in expected {
      let mean = try #require(found.mean(of: try Measure(parsing: name)))
      #expect(abs(mean - value) < 1e-12, "\(name)")
      #expect(try #require(best.mean(of: try Measure(parsing: name))) >= mean)
    }
  }
}

@Suite struct MeasureTests {
  /// Grades by rank: 0, 3, unjudged, 1, −1; judged beside them: 2. Relevant are three, from grade 1.
  private let query = RankedQuery(ranked: [0, 3, nil, 1, -1], judged: [0, 3, 1, -1, 2])

  @Test func valuesAreTheirFormulas() {
    #expect(Measure(.averagePrecision).value(of: query) == (1.0 / 2 + 2.0 / 4) / 3)
    #expect(Measure(.averagePrecision, cutoff: 2).value(of: query) == 1.0 / 2 / 3)
    #expect(Measure(.reciprocalRank).value(of: query) == 1.0 / 2)
    #expect(Measure(.reciprocalRank, cutoff: 1).value(of: query) == 0)
    #expect(Measure(.precision, cutoff: 10).value(of: query) == 2.0 / 10)
    #expect(Measure(.precision).value(of: query) == 2.0 / 5)
    #expect(Measure(.recall, cutoff: 3).value(of: query) == 1.0 / 3)
    #expect(Measure(.recall, cutoff: 3, relevance: 2).value(of: query) == 1.0 / 2)
    #expect(Measure(.success, cutoff: 4, relevance: 4).value(of: query) == 0)
    let plain = (3 / log2(3.0) + 1 / log2(5.0)) / (3 + 2 / log2(3.0) + 1 / log2(4.0))
    let exponential = (7 / log2(3.0) + 1 / log2(5.0)) / (7 + 3 / log2(3.0) + 1 / log2(4.0))
    #expect(abs(Measure(.nDCG, cutoff: 10).value(of: query) - plain) < 1e-15)
    #expect(abs(Measure(.nDCG, gain: .exponential).value(of: query) - exponential) < 1e-15)
  }

  @Test func theCeilingIsTheBestOrderOfTheCandidates() {
    #expect(query.bestOrder.ranked == [3, 1, 0, nil, -1])
    #expect(Measure(.reciprocalRank).ceiling(of: query) == 1)
    #expect(Measure(.averagePrecision).ceiling(of: query) == 2.0 / 3)
    let ndcg = (3 + 1 / log2(3.0)) / (3 + 2 / log2(3.0) + 1 / log2(4.0))
    #expect(abs(Measure(.nDCG).ceiling(of: query) - ndcg) < 1e-15)
  }

  @Test func nothingRelevantIsZero() {
    for name in Measure.Name.allCases {
      for cutoff in [nil, 5] {
        let measure = Measure(name, cutoff: cutoff)
        #expect(measure.value(of: RankedQuery(ranked: [], judged: [])) == 0)
        #expect(measure.value(of: RankedQuery(ranked: [nil, 0, -2], judged: [0, -2])) == 0)
        #expect(measure.value(of: RankedQuery(ranked: [], judged: [2])) == 0)
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
    let found = try evaluate(run: run, judgments: judgments, measures: [Measure(.success)])
    #expect(found.queries == ["9", "10", "100", "a", "b", "é"])
    #expect(found.means == [1])
  }
}

@Suite struct MeasureParsingTests {
  @Test(arguments: [
    "nDCG@10", "nDCG", "nDCG(dcg='exp-log2')@10", "AP", "AP@100", "RR@10", "P(rel=2)@10",
    "R@1000", "Success@5", "AP(rel=3)", "P(rel=0.5)@5",
  ])
  func printsAsItIsTyped(text: String) throws {
    #expect(try Measure(parsing: text).description == text)
  }

  @Test func understandsOtherSpellings() throws {
    #expect(try Measure(parsing: "MRR@10") == Measure(.reciprocalRank, cutoff: 10))
    #expect(try Measure(parsing: "P( rel = 1 )@3") == Measure(.precision, cutoff: 3))
    #expect(
      try Measure(parsing: "nDCG(dcg=\"exp-log2\")") == Measure(.nDCG, gain: .exponential))
    #expect(
      try Measure.list(parsing: " nDCG@10\tAP ") == [
        Measure(.nDCG, cutoff: 10), Measure(.averagePrecision),
      ])
  }

  @Test(arguments: [
    ("ndcg@10", "write 'nDCG@10'"), ("NDGC@5", "write 'nDCG@5'"), ("Sucess@5", "write 'Success@5'"),
    ("map", "write 'MAP'"),
  ])
  func aWrongNameBringsTheNearest(text: String, remedy: String) {
    #expect(throws: Failure.self) { try Measure(parsing: text) }
    do throws(Failure) {
      _ = try Measure(parsing: text)
    } catch {
      #expect(error.remedy == remedy && error.kind == .usage)
    }
  }

  @Test(arguments: [
    "", "@10", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@ten", "P(rel=2", "P(rel)@10", "P(rel=x)@10",
    "P(rel=0)@10", "P(rel=nan)@10", "P(dcg='log2')@10", "nDCG(rel=2)@10", "nDCG(dcg='e')", "AP)",
    "AP(rel=2)x",
  ])
  func whatIsNotAMeasureIsAFailure(text: String) {
    #expect(throws: Failure.self) { try Measure(parsing: text) }
  }

  @Test func aFailureShowsWhatAMeasureLooksLike() {
    do throws(Failure) {
      _ = try Measure.list(parsing: "nDCG@10 nDCG@x")
      Issue.record("'nDCG@x' was accepted")
    } catch {
      #expect(
        error.description == """
          error: 'x' is not a cut-off, in the measure 'nDCG@x'
            expected: a whole number after '@', 1 or more
            to do: measures look like nDCG@10, RR@10, AP, P(rel=2)@10
          """)
    }
    #expect(throws: Failure.self) { try Measure.list(parsing: "  ") }
  }
}
