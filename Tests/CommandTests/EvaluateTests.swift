import Foundation
import Ranking
import TestSupport
import Testing

/// `ltr evaluate`: what it measures, how it compares runs, and the forms it prints.
@Suite struct EvaluateTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  /// A program with qrels for eight queries, of which each has one relevant document, and three
  /// runs: `a_1.run` finds it at rank 2, `b.run` at rank 1, and `c.run` at rank 1 for half.
  private func comparing() throws -> Program {
    let program = try Program()
    var (qrels, runs) = ("", ["", "", ""])
    for query in 1...8 {
      qrels += "\(query) 0 good 1\n\(query) 0 bad 0\n\(query) 0 far 1\n"
      let (first, second) = ("\(query) Q0 good 1 9 tag", "\(query) Q0 bad 2 8 tag")
      let (other, last) = ("\(query) Q0 bad 1 9 tag", "\(query) Q0 good 2 8 tag")
      runs[0] += "\(other)A\n\(last)A\n\(query) Q0 unknown 3 7 tagA\n"
      runs[1] += "\(first)B\n\(second)B\n\(query) Q0 unknown 3 7 tagB\n"
      let half = query > 4 ? [first, second] : [other, last]
      runs[2] += "\(half[0])C\n\(half[1])C\n\(query) Q0 unknown 3 7 tagC\n"
    }
    try program.write("t.qrels", qrels)
    for (name, run) in zip(["a_1", "b", "c"], runs) { try program.write("\(name).run", run) }
    return program
  }

  private let compare = "evaluate --qrels t.qrels --run a_1.run b.run c.run --measures RR"

  @Test func evaluatesAsWrittenDown() throws {
    let program = try program()
    let command = "evaluate --qrels shop/qrels/test.tsv --run first.run --measures"
    let result = try program(
      command.split(separator: " ").map(String.init) + ["nDCG@10 RR AP", "--json"])
    let runs = try #require(try result.json()["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(runs[0]["name"] as? String == "first.run")
    #expect(runs[0]["queries"] as? Int == 2)
    let measures = try #require(runs[0]["measures"] as? [String: Double])
    // q1 finds its document at rank 2, q2 at rank 1; there is one relevant document each.
    #expect(Set(measures.keys) == ["nDCG@10", "RR", "AP"])
    #expect(abs((measures["nDCG@10"] ?? 0) - (1 / log2(3.0) + 1) / 2) < 1e-12)
    #expect(measures["RR"] == 0.75)
    #expect(measures["AP"] == 0.75)
    #expect((runs[0]["ceiling"] as? [String: Double])?["RR"] == 1)
    #expect(runs[0]["per_query"] == nil)

    let table = try program("\(command) RR --per-query")
    #expect(
      table.output == """
        run           queries      RR
        first.run q1           0.5000
        first.run q2           1.0000
        first.run           2  0.7500
          ceiling              1.0000

        """)
    let twice = try program("\(command) RR --run first.run first.run --json").json()["runs"]
    #expect((twice as? [Any])?.count == 3)
  }

  @Test func countsMissingQueriesWhenAsked() throws {
    let program = try program()
    try program.write("half.run", "q2 Q0 d4 1 3 bm25\nq3 Q0 d4 1 3 bm25\n")
    let command = "evaluate --qrels shop/qrels/test.tsv --run half.run --measures RR --json"
    for (flag, queries, mean) in [("", 1, 1.0), (" -c", 2, 0.5), (" --complete", 2, 0.5)] {
      let result = try program(command + flag)
      let runs = try #require(try result.json()["runs"] as? [[String: Any]])
      #expect(runs[0]["queries"] as? Int == queries)
      #expect((runs[0]["measures"] as? [String: Double])?["RR"] == mean)
      let counted = flag.isEmpty ? "left out (--complete counts them as 0)" : "counted as 0"
      #expect(result.errors.contains("judged queries that are not in the run, \(counted): 1\n"))
      #expect(result.errors.contains("queries without judgments, which are left out: 1\n"))
    }
    // Nothing in common is a mistake, whatever counts.
    try program.write("other.run", "q8 Q0 d4 1 3 bm25\n")
    for flag in ["", " -c"] {
      let other = try program(command.replacing("half.run", with: "other.run") + flag)
      #expect(other.code == 65 && other.errors.contains("no query of the run has judgments"))
    }
  }

  @Test func comparesWithTheFirstRun() throws {
    let program = try comparing()
    let json = try program("\(compare) --json").json()
    #expect((json["runs"] as? [Any])?.count == 3)
    let found = try #require(json["comparisons"] as? [[String: Any]])
    #expect(found.map { $0["run"] as? String } == ["b.run", "c.run"])
    for (entry, wins) in zip(found, [8, 4]) {
      #expect(entry["baseline"] as? String == "a_1.run" && entry["measure"] as? String == "RR")
      #expect(entry["wins"] as? Int == wins && entry["losses"] as? Int == 0)
      #expect(entry["ties"] as? Int == 8 - wins && entry["queries"] as? Int == 8)
      #expect(entry["difference"] as? Double == 0.5 * Double(wins) / 8)
      // Every way to set the signs: all plus and all minus are as far from 0.
      let p = 2 / Double(1 << wins)
      #expect(entry["p_randomization"] as? Double == p && entry["exact"] as? Bool == true)
      #expect(entry["p_randomization_holm"] as? Double == (wins == 8 ? 2 * p : p))
      #expect(entry["family"] as? Int == 2)
    }
    // All differences are the same: t is beyond all numbers.
    #expect(found[0]["p_t_test"] as? Double == 0 && found[0]["t"] is NSNull)
    // Four of 0.5 and four of 0: mean 0.25, deviation √(8 · 0.25² / 7), t = √7.
    #expect(abs((found[1]["t"] as? Double ?? 0) - 7.0.squareRoot()) < 1e-12)
    #expect(abs((found[1]["p_t_test"] as? Double ?? 0) - 0.033_146) < 1e-6)
    let other = try program("\(compare) --baseline b.run --json").json()["comparisons"]
    #expect((other as? [[String: Any]])?.map { $0["run"] as? String } == ["a_1.run", "c.run"])
    for name in ["b", "tagB"] {
      let same = try program("\(compare) --baseline \(name) --json").json()["comparisons"]
      #expect(same as? [NSDictionary] == other as? [NSDictionary])
    }
  }

  /// A gain that is not shown says what it would take: four differences of 0.5 and four of 0 have mean
  /// 0.25 and variance 1/14, and 7.84888 · (1/14) / 0.25² is 8.97.
  @Test func verdictSaysWhatAGainTakes() throws {
    let program = try comparing()
    let better = try program("\(compare) --json").json()["verdict"] as? [String: Any]
    #expect(better?["outcome"] as? String == "better" && better?["queries_needed"] == nil)
    #expect(better?["better_than"] as? [String] == ["a_1.run"])
    let command = "evaluate --qrels t.qrels --run a_1.run c.run --measures RR"
    let open = try program("\(command) --json").json()["verdict"] as? [String: Any]
    #expect(open?["outcome"] as? String == "not different" && open?["queries_needed"] as? Int == 9)
    #expect(open?["better_than"] as? [String] == [])
    #expect(
      try program(command).output.hasSuffix(
        "use neither: no gain over a_1.run is shown; a gain of this size takes about 9 queries to "
          + "show\n"))
  }

  @Test func drawsFromTheSeed() throws {
    let program = try Program()
    var (qrels, first, second) = ("", "", "")
    for query in 1...40 {
      qrels += "\(query) 0 d 1\n"
      first += "\(query) Q0 \(query % 3 == 0 ? "x" : "d") 1 2 a\n\(query) Q0 y 2 1 a\n"
      second += "\(query) Q0 \(query % 5 < 2 ? "x" : "d") 1 2 b\n\(query) Q0 y 2 1 b\n"
    }
    try program.write("t.qrels", qrels)
    try program.write("a.run", first)
    try program.write("b.run", second)
    let command = "evaluate --qrels t.qrels --run a.run b.run --measures RR --json --draws 200"
    let p = try ["", " --seed 1", " --seed 2", " --seed 3"].map { seed in
      let found = try program(command + seed).json()["comparisons"] as? [[String: Any]]
      return try #require(found?.first?["p_randomization"] as? Double)
    }
    #expect(p[0] == p[1] && Set(p).count > 1)
  }

  @Test func printsTheTableOfAPaper() throws {
    let program = try comparing()
    let plain = try program(compare)
    try Snapshot.check(plain.output, "evaluate-runs")
    #expect(plain.errors == "" && !plain.output.contains("\u{1B}"))
    try Snapshot.check(try program("\(compare) --tex").output, "evaluate-runs-tex")
    try Snapshot.check(
      try program("\(compare) --markdown --ceiling").output, "evaluate-runs-markdown")
  }

  @Test(.enabled(if: Program.hasTerminal, "needs /usr/bin/script"))
  func theBestIsBoldOnATerminal() throws {
    let shown = try comparing().onTerminal(compare)
    #expect(shown.contains("b.run            8  \u{1B}[1m1.0000*\u{1B}[0m\n"))
    #expect(shown.contains("a_1.run          8  0.5000\n"))
  }

  @Test func namesAreEscaped() throws {
    let program = try comparing()
    let name = "50%_{a}&b$#|^~.run"
    try program.write(name, try program.read("b.run"))
    let tex = try program("evaluate --qrels t.qrels --run a_1.run \(name) --measures RR --tex")
    let escaped =
      ##"50\%\_\{a\}\&b\$\#\textbar{}\textasciicircum{}\textasciitilde{}.run"##
    #expect(tex.output.contains("  \(escaped) & 8 & "), "\(tex.output)")
    let markdown = try program(
      "evaluate --qrels t.qrels --run a_1.run \(name) --measures RR --markdown")
    #expect(markdown.output.contains(##"| 50%\_\{a\}&b$\#\|^\~.run | 8 |"##), "\(markdown.output)")
  }

  @Test func runsOfOtherQueriesAreComparedOnThoseShared() throws {
    let program = try comparing()
    let half = try program.read("b.run").split(separator: "\n").filter { $0.first ?? "0" > "4" }
    try program.write("half.run", half.joined(separator: "\n"))
    let command = "evaluate --qrels t.qrels --run c.run half.run --measures RR --json"
    let shared = try program(command)
    #expect(shared.errors.contains("warning: the runs cover different queries"))
    #expect(shared.errors.contains("half.run: 4 of its 4 queries are shared with c.run"))
    let entry = try #require((try shared.json()["comparisons"] as? [[String: Any]])?.first)
    #expect(entry["queries"] as? Int == 4 && entry["ties"] as? Int == 4)
    #expect(entry["baseline_mean"] as? Double == 1)
    let runs = try #require(try shared.json()["runs"] as? [[String: Any]])
    #expect((runs[0]["measures"] as? [String: Double]) == ["RR": 0.75])

    let all = try program(command + " -c")
    #expect(!all.errors.contains("warning"))
    let complete = try #require((try all.json()["comparisons"] as? [[String: Any]])?.first)
    #expect(complete["queries"] as? Int == 8 && complete["losses"] as? Int == 4)
  }

  @Test func removesUnjudgedDocuments() throws {
    let program = try program()
    // q1 has d2 (0), d1 (2), d9 and d3, of which the last two are not judged.
    let command = "evaluate --qrels shop/qrels/test.tsv --run first.run --json --measures SetP"
    for (flag, value) in [("", (1.0 / 4 + 1.0 / 2) / 2), (" --judged-only", (1.0 / 2 + 1) / 2)] {
      let runs = try program(command + flag).json()["runs"] as? [[String: Any]]
      let name = flag.isEmpty ? "SetP" : "SetP(judged_only=True)"
      #expect((runs?.first?["measures"] as? [String: Double]) == [name: value])
    }
  }

  @Test func showsWhatDepthsCanReach() throws {
    let program = try program()
    let command = "evaluate --qrels shop/qrels/test.tsv --run first.run --measures RR"
    let table = try program("\(command) --depths 1,2,3,9").output
    #expect(
      table == """
        run        queries      RR
        first.run        2  0.7500
          ceiling           1.0000

        ceiling of first.run: recall of the first documents, and measures of their ideal order
        documents  recall      RR
        first 1    0.5000  0.5000
        first 2    1.0000  1.0000
        first 3    1.0000  1.0000
        first 4    1.0000  1.0000

        """)
    let runs = try program("\(command) --ceiling --json").json()["runs"] as? [[String: Any]]
    let depths = try #require(runs?.first?["depths"] as? [[String: Any]])
    #expect(depths.map { $0["depth"] as? Int } == [4])
    #expect(depths[0]["recall"] as? Double == 1)
    #expect(depths[0]["ceiling"] as? [String: Double] == ["RR": 1])
  }

  @Test func listsMeasures() throws {
    let program = try program()
    try Snapshot.check(try program("evaluate --list-measures").output, "measures")
    let list = try program("evaluate --list-measures --json").json()["measures"]
    let measures = try #require(list as? [[String: Any]])
    #expect(measures.count >= 15)
    for measure in measures {
      let name = try #require(measure["name"] as? String)
      let command = "evaluate --qrels shop/qrels/test.tsv --run first.run --json --measures"
      let runs = try program("\(command) \(name)").json()["runs"] as? [[String: Any]]
      let value = try #require((runs?.first?["measures"] as? [String: Double])?[name])
      #expect((0...1).contains(value), "\(name)")
    }
  }

  /// trec_eval's figures for the BM25 run, as the collection's own first stage has them.
  @Test(.enabled(if: Material.hasShared("collections/scifact"), "needs shared/collections"))
  func evaluatesARealRun() throws {
    let collection = try Material.sharedPath("collections/scifact")
    let result = try Program()([
      "evaluate", "--qrels", collection + "/qrels/test.tsv", "--run",
      collection + "/runs/bm25.test.run", "--json", "--measures", "nDCG@10 R@100",
    ])
    let runs = try #require(try result.json()["runs"] as? [[String: Any]])
    #expect(runs[0]["queries"] as? Int == 300)
    let measures = try #require(runs[0]["measures"] as? [String: Double])
    // By pytrec-eval-terrier 0.5.11.
    #expect(abs((measures["nDCG@10"] ?? 0) - 0.6568539255974151) < 1e-12)
    #expect(abs((measures["R@100"] ?? 0) - 0.8758888888888888) < 1e-12)
  }

  /// The whole way from files: trec_eval's values of a run with equal scores, scores that differ
  /// only beyond 32 bits, grades below 0 and ids that are not ASCII. The fixture is that of the
  /// measures' own tests, which says how it was made.
  @Test func everyQueryHasTrecEvalsValue() throws {
    struct Fixture: Decodable {
      let qrels, run, expected, judgedOnly: [String: [String: Double]]
    }
    let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/measures.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    let program = try Program()
    try program.write(
      "t.qrels",
      fixture.qrels.map { query, grades in
        grades.map { "\(query) 0 \($0) \(Int($1))\n" }.joined()
      }.joined())
    try program.write(
      "t.run",
      fixture.run.map { query, scores in
        scores.map { "\(query) Q0 \($0) 1 \($1) s\n" }.joined()
      }.joined())
    let names = try #require(fixture.expected["q1"]).keys.sorted()
    for (expected, flags) in [(fixture.expected, []), (fixture.judgedOnly, ["--judged-only"])] {
      let result = try program(
        [
          "evaluate", "--qrels", "t.qrels", "--run", "t.run", "--json", "--per-query", "--measures",
          names.joined(separator: " "),
        ] + flags)
      let runs = try #require(try result.json()["runs"] as? [[String: Any]])
      let queries = try #require(runs[0]["per_query"] as? [[String: Any]])
      #expect(queries.count == 10 && names.count == 55)
      for entry in queries {
        let query = try #require(entry["query"] as? String)
        let values = try #require(entry["measures"] as? [String: Double])
        for name in names {
          let key =
            flags.isEmpty ? name : try Measure(parsing: name).judgedOnly.description
          let (found, right) = (values[key] ?? -1, try #require(expected[query]?[name]))
          #expect(abs(found - right) < 1e-12, "\(name) of \(query): \(found), \(right)")
        }
      }
    }
  }

  /// Bytes that are not UTF-8 are read alike in judgments and in runs.
  @Test func idsInOtherEncodings() throws {
    let program = try Program()
    let latin1 = Data([0x63, 0x61, 0x66, 0xE9])
    try (Data("1 0 ".utf8) + latin1 + Data(" 1\n".utf8))
      .write(to: program.folder.appending(path: "t.qrels"))
    try (Data("1 Q0 ".utf8) + latin1 + Data(" 1 2.5 s\n".utf8))
      .write(to: program.folder.appending(path: "t.run"))
    let runs = try program("evaluate --qrels t.qrels --run t.run --json").json()["runs"]
    let measures = (runs as? [[String: Any]])?.first?["measures"] as? [String: Double]
    #expect(measures?["RR@10"] == 1)
  }

  @Test func gradesBetweenZeroAndOne() throws {
    let program = try Program()
    try program.write("t.qrels", "1 0 a 0.5\n1 0 b 0\n")
    try program.write("t.run", "1 Q0 a 1 2 s\n1 Q0 b 2 1 s\n")
    let plain = try program("evaluate --qrels t.qrels --run t.run --measures RR")
    #expect(plain.errors.contains("not relevant for RR: 1."))
    let lower = try program(
      [
        "evaluate", "--qrels", "t.qrels", "--run", "t.run", "--measures", "RR(rel=0.5)",
        "--ceiling",
      ])
    #expect(lower.errors.isEmpty)
    #expect(lower.output.contains("R(rel=0.5)"))
  }
}
