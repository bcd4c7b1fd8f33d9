import Foundation
import TestSupport
import Testing

/// What the commands say of texts that are not there, of queries that are documents, and of scores
/// that are all equal.
@Suite struct DataVerdictTests {
  /// A collection whose texts are under another key, a run over it, a job and a recipe.
  private func withoutTexts(queries: String = "text") throws -> Program {
    let program = try Program()
    try HandwrittenModel.write(to: program.folder.appending(path: "model"), notes: nil)
    try program.write(
      "c/corpus.jsonl",
      """
      {"_id": "d1", "contents": "a cat"}
      {"_id": "d2", "contents": "a dog", "url": "x"}
      {"_id": "d3", "contents": "the menu"}

      """)
    try program.write(
      "c/queries.jsonl", #"{"_id": "q1", "\#(queries)": "cat"}"# + "\n")
    try program.write("c/qrels/test.tsv", "q1\td1\t1\nq1\td2\t0\n")
    try program.write("f.run", "q1 Q0 d1 1 3 s\nq1 Q0 d2 2 2 s\n")
    try program.write(
      "job.yaml", "collection: c\nsplit: test\nfirst_stage: { run: f.run }\noutput: { folder: m }\n"
    )
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 16 }
      data: { train: { collection: c, split: test, candidates: f.run } }
      output: t
      """)
    return program
  }

  private static let commands = [
    "inspect c", "index build --collection c --output i",
    "rerank --model model --collection c --run f.run --output o.run", "mine job.yaml",
    "train recipe.yaml", "train recipe.yaml --dry-run",
    "calibrate --model model --collection c --split test --run f.run --output o.json",
    "bench rerank --model model --collection c --run f.run --max-length 16",
    "bench train --model model --collection c --run f.run --max-length 16",
    "bench tokenize --model model --collection c",
  ]

  @Test(arguments: commands) func documentsWithoutTextsEndTheJob(command: String) throws {
    let program = try withoutTexts()
    let result = try program(command)
    #expect(result.code == 65 && result.output.isEmpty, "\(result.errors)")
    #expect(
      result.errors.contains(
        "documents that were read are empty: no record has 'text'; the records have:"))
    #expect(result.errors.contains("_id, contents") && result.errors.contains("c/corpus.jsonl:1"))
    #expect(result.errors.contains("to do: rename the key 'contents' to 'text'"))
    for name in ["i", "o.run", "o.json", "m/lists.jsonl", "t/model"] {
      #expect(
        !FileManager.default.fileExists(atPath: program.folder.appending(path: name).path),
        "\(name)")
    }
  }

  @Test func queriesWithoutTextsEndTheJob() throws {
    let program = try withoutTexts(queries: "query")
    try program.write("c/corpus.jsonl", #"{"_id": "d1", "text": "a cat"}"# + "\n")
    #expect(try program("index build --collection c --output i").code == 0)
    for command in [
      "index search --index i --collection c --output o.run",
      "rerank --model model --collection c --run f.run --output o.run", "inspect c",
    ] {
      let result = try program(command)
      #expect(result.code == 65, "\(command)")
      #expect(
        result.errors.contains(
          "1 of 1 queries that were read is empty: no record has 'text'; the records have: _id, query"
        ))
    }
  }

  /// A few empty texts are a warning with their number, file and first line.
  @Test func fewEmptyTextsAreAWarning() throws {
    let program = try Program()
    try program.writeFixture()
    try program.write("first.run", "q1 Q0 d1 1 3 s\nq1 Q0 e 2 2 s\nq1 Q0 d2 3 2 s\n")
    let corpus = try program.read("shop/corpus.jsonl")
    try program.write(
      "shop/corpus.jsonl", corpus + #"{"_id": "e", "title": "", "text": ""}"# + "\n")
    let warning = "empty in shop/corpus.jsonl, the first on line 5"
    for (command, read) in [
      ("index build --collection shop --output i", 5),
      ("index search --index i --collection shop --split test --output s.run", 5),
      ("rerank --model model --collection shop --run first.run --output o.run", 3),
      ("inspect shop", 5),
    ] {
      let result = try program(command)
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.errors.contains("warning: 1 of \(read) documents that were read is \(warning)"),
        "\(command): \(result.errors)")
    }
    #expect(try program("inspect shop --json").json()["empty_documents"] as? Int == 1)
  }

  @Test func pairsAndListsAreJudgedAlike() throws {
    let program = try Program()
    try program.writeFixture()
    let (full, empty) = (#"{"query": "a", "text": "b"}"#, #"{"query": "a", "text": " "}"#)
    try program.write("few.jsonl", "\(full)\n\(empty)\n")
    let few = try program("score --model model --input few.jsonl")
    #expect(few.code == 0 && few.lines.count == 2)
    #expect(
      few.errors.contains(
        "warning: 1 of 2 texts that were read is empty in few.jsonl, the first on line 2"))
    // What comes in one by one, perhaps from a program, is not judged by what came so far.
    let piped = try program("score --model model", input: empty + "\n")
    #expect(piped.code == 0 && piped.lines.count == 1)
    #expect(
      piped.errors.contains("warning: 1 of 1 texts that were read is empty in standard input"))
    try program.write("most.jsonl", "\(empty)\n\(full)\n\(empty)\n")
    let most = try program("score --model model --input most.jsonl")
    #expect(most.code == 65 && most.output.isEmpty)
    #expect(most.errors.contains("2 of 3 texts that were read are empty"))
    #expect(most.errors.contains("at: most.jsonl:1"))

    try program.write(
      "lists.jsonl",
      #"{"query": "a", "documents": [{"text": "", "label": 1}, {"text": "b", "label": 0}, "#
        + #"{"text": "", "label": 0}]}"# + "\n")
    try program.write(
      "recipe.yaml",
      "model: { base: model, max_length: 16 }\ndata: { train: { lists: lists.jsonl } }\noutput: t\n"
    )
    for command in ["inspect lists.jsonl", "train recipe.yaml"] {
      let result = try program(command)
      #expect(result.code == 65, "\(command)")
      #expect(
        result.errors.contains("2 of 3 documents that were read are empty"), "\(result.errors)")
    }
  }

  /// What an index refuses, inspect refuses in the same words.
  @Test(arguments: [
    #"{"_id": "d1", "title": 3, "text": "a"}"#, #"{"_id": "d1", "text": ["a"]}"#,
    #"{"_id": "d1", "text": "a", oops}"#, #"{"_id": "a\nb", "text": "a"}"#,
  ]) func inspectRefusesWhatAnIndexDoes(line: String) throws {
    let program = try Program()
    try program.write("c/corpus.jsonl", #"{"_id": "d0", "text": "a"}"# + "\n\(line)\n")
    let (index, inspect) = (
      try program("index build --collection c --output i"), try program("inspect c")
    )
    #expect(index.code == 65 && inspect.code == 65)
    #expect(index.errors == inspect.errors && inspect.output.isEmpty)
  }

  @Test func inspectNamesJudgedIdsThatAreNotThere() throws {
    let program = try Program()
    try program.writeFixture()
    try program.write("shop/qrels/dev.tsv", "q1\td9\t1\nq7\td2\t1\nq8\td1\t1\n")
    let result = try program("inspect shop --json")
    let splits = try #require(try result.json()["splits"] as? [String: [String: Any]])
    #expect(splits["dev"]?["queries_missing"] as? Int == 2)
    #expect(splits["dev"]?["documents_missing"] as? Int == 1)
    #expect(splits["test"]?["queries_missing"] == nil)
    #expect(
      result.errors.contains(
        "warning: split 'dev': judged queries among the collection's queries: 1 of 3; not 'q7', 'q8'"
      ))
    #expect(
      result.errors.contains(
        "warning: split 'dev': judged documents in the corpus: 2 of 3; not 'd9'"))
  }

  /// Queries a1 and b1 are documents under the same id; c1 has a document's number, but other words.
  private func selfHits() throws -> Program {
    let program = try Program()
    try HandwrittenModel.write(to: program.folder.appending(path: "model"), notes: nil)
    try program.write(
      "c/corpus.jsonl",
      """
      {"_id": "a1", "text": "restore the file"}
      {"_id": "a2", "text": "restore a file"}
      {"_id": "b1", "text": "boil the water"}
      {"_id": "b2", "text": "how to boil"}
      {"_id": "c1", "text": "a dog and a cat"}

      """)
    try program.write(
      "c/queries.jsonl",
      """
      {"_id": "a1", "text": "Restore the file"}
      {"_id": "b1", "text": "boil the water"}
      {"_id": "c1", "text": "cat"}

      """)
    try program.write("c/qrels/test.tsv", "a1\ta2\t1\nb1\tb2\t1\nc1\tc1\t1\n")
    try program.write(
      "f.run",
      "a1 Q0 a1 1 9 s\na1 Q0 a2 2 8 s\nb1 Q0 b2 1 9 s\nb1 Q0 b1 2 8 s\nb1 Q0 a1 3 7 s\nc1 Q0 c1 1 1 s\n"
    )
    return program
  }

  private func ranked(_ program: Program, _ name: String) throws -> [String] {
    try program.read(name).split(separator: "\n").map {
      let columns = $0.split(separator: " ")
      return "\(columns[0]) \(columns[2])"
    }
  }

  @Test func searchesLeaveOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    #expect(try program("index build --collection c --output i").code == 0)
    let search = "index search --index i --collection c --depth 1 --output o.run --overwrite"
    let counted = try program(search)
    #expect(counted.code == 0)
    #expect(try ranked(program, "o.run") == ["a1 a1", "b1 b1", "c1 c1"])
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own hits, such as 'a1'"))
    #expect(counted.errors.contains("--ignore-identical-ids leaves it out"))
    let ignored = try program(search + " --ignore-identical-ids")
    #expect(ignored.code == 0)
    #expect(try ranked(program, "o.run") == ["a1 a2", "b1 b2"], "the full depth of others")
    #expect(!ignored.errors.contains("their own hits"))
  }

  @Test func rerankingLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    let rerank =
      "rerank --model model --collection c --run f.run --depth 2 --output o.run --overwrite"
    let counted = try program(rerank)
    #expect(counted.code == 0)
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own candidates"))
    #expect(try Set(ranked(program, "o.run")) == ["a1 a1", "a1 a2", "b1 b1", "b1 b2", "c1 c1"])
    let ignored = try program(rerank + " --ignore-identical-ids")
    #expect(ignored.code == 0 && !ignored.errors.contains("their own candidates"))
    #expect(try Set(ranked(program, "o.run")) == ["a1 a2", "b1 b2", "b1 a1"])
    #expect(
      ignored.errors.contains("note: 1 of 3 queries have no hit but the one with their own id"))
  }

  /// As BEIR and pytrec_eval: the hit is taken out, and judgments stay as they are.
  @Test func evaluationLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    let evaluate = "evaluate --qrels c/qrels/test.tsv --run f.run --measures RR --per-query --json"
    func values(_ command: String) throws -> (values: [String: Double], errors: String) {
      let result = try program(command)
      let runs = try #require(try result.json()["runs"] as? [[String: Any]])
      let queries = try #require(runs[0]["per_query"] as? [[String: Any]])
      var values: [String: Double] = [:]
      for query in queries {
        let measures = query["measures"] as? [String: Double]
        values[query["query"] as? String ?? ""] = measures?["RR"]
      }
      return (values, result.errors)
    }
    let counted = try values(evaluate)
    #expect(counted.values == ["a1": 0.5, "b1": 1, "c1": 1])
    #expect(
      counted.errors.contains(
        "note: f.run: 3 of 3 queries have a hit with their own id, 2 of them at rank 1."))
    let ignored = try values(evaluate + " --ignore-identical-ids")
    #expect(ignored.values == ["a1": 1, "b1": 1, "c1": 0])
    #expect(!ignored.errors.contains("own id"))
  }

  @Test func miningLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    try program.write(
      "job.yaml",
      """
      collection: c
      split: test
      first_stage: { run: f.run }
      exclude: { query_text: false }
      sample: { refill: random }
      output: { folder: m, formats: [run] }
      """)
    let counted = try program("mine job.yaml")
    #expect(counted.code == 0, "\(counted.errors)")
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own candidates"))
    #expect(try ranked(program, "m/negatives.run").contains("a1 a1"))
    let ignored = try program("mine job.yaml --overwrite --set exclude.ignore_identical_ids=true")
    #expect(ignored.code == 0, "\(ignored.errors)")
    #expect(!ignored.errors.contains("own candidates"))
    #expect(ignored.output.contains("candidates with their query's own id, which are left out: 2"))
    for pair in try ranked(program, "m/negatives.run") {
      let ids = pair.split(separator: " ")
      #expect(ids[0] != ids[1])
    }
    #expect(
      try program.read("m/report.md").contains("rejected: the query's own id (`identical_id`) | 2"))
  }

  @Test func equalScoresAreAWarning() throws {
    let program = try Program()
    try program.writeFixture()
    try program.write("flat.run", "q1 Q0 d2 1 1 s\nq1 Q0 d1 2 1.00000000001 s\nq2 Q0 d4 1 3 s\n")
    let evaluated = try program("evaluate --qrels shop/qrels/test.tsv --run flat.run")
    #expect(evaluated.code == 0)
    #expect(
      evaluated.errors.contains(
        "warning: flat.run: all scores of a query are equal for 1 of 1 queries with two candidates or more"
          + ", such as 'q1'"))
    let others = try program("evaluate --qrels shop/qrels/test.tsv --run first.run")
    #expect(!others.errors.contains("equal"))
    // Two documents of the same words.
    try program.write(
      "shop/corpus.jsonl",
      #"{"_id": "d1", "text": "a cat"}"# + "\n" + #"{"_id": "d2", "text": "a cat"}"# + "\n")
    let reranked = try program(
      "rerank --model model --collection shop --run flat.run --output o.run")
    #expect(reranked.code == 0, "\(reranked.errors)")
    #expect(
      reranked.errors.contains("warning: o.run: all scores of a query are equal for 1 of 1 queries")
    )
  }
}
