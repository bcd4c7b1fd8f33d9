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
    /// trec_eval's values, and those with `-J`: query → measure → value.
    let expected: [String: [String: Double]]
    let judgedOnly: [String: [String: Double]]
    /// gdeval's values of five digits.
    let gdeval: [String: [String: Double]]
    /// RBP and Judged as ir_measures has them, from scores without ties in trec_eval's order.
    let irMeasures: [String: [String: Double]]
    /// How ir_measures prints what is typed.
    let names: [String: String]

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
    #expect(found.unjudgedQueries == 1 && found.missingQueries == 1 && names.count == 55)
    for (q, query) in found.queries.enumerated() {
      for (m, name) in names.enumerated() {
        let expected = try #require(fixture.expected[query]?[name])
        #expect(abs(found.values[m][q] - expected) < 1e-12, "\(name) of \(query)")
      }
    }
  }

  @Test func withoutUnjudgedDocumentsEveryQueryHasTrecEvalsValue() throws {
    let fixture = try Fixture.read()
    #expect(fixture.judgedOnly.count == 10)
    for (query, expected) in fixture.judgedOnly {
      let retrieved = try #require(fixture.retrieved[query])
      let ranked = try RankedQuery(retrieved, judgments: fixture.qrels[query] ?? [:])
      #expect(expected.count > 5)
      for (name, value) in expected {
        let asked = measure(name)
        #expect(
          abs(asked.value(of: ranked.judgedOnly) - value) < 1e-12, "\(name) of \(query)")
        #expect(
          abs(asked.judgedOnly.value(of: ranked) - value) < 1e-12, "\(name) of \(query)")
      }
    }
  }

  @Test func everyQueryHasIrMeasuresValue() throws {
    let fixture = try Fixture.read()
    #expect(fixture.irMeasures.count == 10)
    for (query, expected) in fixture.irMeasures {
      let retrieved = try #require(fixture.retrieved[query])
      let ranked = try RankedQuery(retrieved, judgments: fixture.qrels[query] ?? [:])
      #expect(expected.count == 7)
      for (name, value) in expected {
        #expect(abs(measure(name).value(of: ranked) - value) < 1e-12, "\(name) of \(query)")
      }
    }
  }

  /// gdeval prints five digits: half of the last is what it may be away.
  @Test func everyQueryHasGdevalsValue() throws {
    let fixture = try Fixture.read()
    #expect(fixture.gdeval.count == 6)
    for (query, expected) in fixture.gdeval {
      let retrieved = try #require(fixture.retrieved[query])
      let ranked = try RankedQuery(retrieved, judgments: fixture.qrels[query] ?? [:])
      for (name, value) in expected {
        #expect(abs(measure(name).value(of: ranked) - value) < 0.500_001e-5, "\(name) of \(query)")
      }
    }
  }

  @Test func aCompleteEvaluationCountsMissingQueriesAsZero() throws {
    let fixture = try Fixture.read()
    let measures = [measure("nDCG@10"), measure("AP")]
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
  @Test(
    .enabled(
      if: Material.hasShared(
        "collections/cranfield", "collections/scifact", "collections/cacm", "collections/vaswani"),
      "needs shared/collections"),
    arguments: [
      (
        "cranfield", "test",
        [
          "nDCG@10": 0.45691037572298415, "AP": 0.34813369257625015, "RR": 0.7508798288999473,
          "P@10": 0.2683333333333333, "R@100": 0.7052075152945895, "AP@10": 0.29545386355774134,
          "nDCG": 0.5544215960322193, "Success@5": 0.8666666666666667,
          "Rprec": 0.34767765924306165, "Bpref": 0.7052075152945895,
          "infAP": 0.3481329440694789, "SetF": 0.09767391508931,
        ]
      ),
      (
        "cranfield", "train",
        [
          "nDCG@10": 0.48048743538494154, "AP": 0.35522259413483176, "RR": 0.7698471328513397,
          "P@10": 0.28214285714285703, "R@100": 0.7043330327777936, "AP@10": 0.3028442889857546,
          "nDCG": 0.5726780988903942, "Success@5": 0.8714285714285714,
          "Rprec": 0.3513411388307433, "Bpref": 0.7043330327777936,
          "infAP": 0.3552217776382337, "SetF": 0.09965936616625598,
        ]
      ),
      (
        "scifact", "test",
        [
          "nDCG@10": 0.6568539255974151, "AP": 0.618381111811781, "RR": 0.6276850767063377,
          "P@10": 0.08566666666666692, "R@100": 0.8758888888888888, "AP@10": 0.61276917989418,
          "nDCG": 0.6797139537267175, "Success@5": 0.7366666666666667,
          "Rprec": 0.5308333333333334, "Bpref": 0.8758888888888888,
          "infAP": 0.6183810456068302, "SetF": 0.019596725675040196,
        ]
      ),
      (
        "cacm", "test",
        [
          "nDCG@10": 0.45197434679870724, "AP": 0.3220818473880855, "RR": 0.7716409603782342,
          "P@10": 0.28846153846153844, "R@100": 0.6693798419771925, "AP@10": 0.2428253123720275,
          "nDCG": 0.544501186956346, "Success@5": 0.9230769230769231,
          "Rprec": 0.3514109133735773, "Bpref": 0.6693798419771925,
          "infAP": 0.3220812700003008, "SetF": 0.14248875515642992,
        ]
      ),
      (
        "vaswani", "test",
        [
          "nDCG@10": 0.38235701738013933, "AP": 0.20353616027441956, "RR": 0.6668177016202602,
          "P@10": 0.3075268817204301, "R@100": 0.4904469643390085, "AP@10": 0.12756344438283315,
          "nDCG": 0.41352446650780705, "Success@5": 0.7849462365591398,
          "Rprec": 0.24977142913237294, "Bpref": 0.4904469643390085,
          "infAP": 0.2035358242262307, "SetF": 0.15795315022208395,
        ]
      ),
    ])
  func meansOfRealRunsAreTrecEvals(
    collection: String, split: String, expected: [String: Double]
  ) throws {
    let qrels = try Material.sharedPath("collections/\(collection)/qrels/\(split).tsv")
    let run = try Material.sharedPath("collections/\(collection)/runs/bm25.\(split).run")
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
