import Foundation
import TestSupport
import Testing

/// What the commands say of texts that are not there, and of scores that are all equal.
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
    let piped = try program("score --model model", input: try program.read("few.jsonl"))
    #expect(piped.code == 0 && piped.output == few.output)
    #expect(
      piped.errors.contains("warning: 1 of 2 texts that were read is empty in standard input"))
    let most = "\(empty)\n\(full)\n\(empty)\n"
    // 512 pairs are judged together, and the next with those before.
    let late =
      String(repeating: full + "\n", count: 600) + String(repeating: empty + "\n", count: 700)
    try program.write("most.jsonl", most)
    try program.write("late.jsonl", late)
    for (name, text, line, share, written) in [
      ("most.jsonl", most, 1, "2 of 3", 0), ("late.jsonl", late, 601, "700 of 1300", 1024),
    ] {
      for (place, result) in [
        (name, try program("score --model model --input \(name)")),
        ("standard input", try program("score --model model", input: text)),
      ] {
        #expect(result.code == 65 && result.lines.count == written, "\(place)")
        #expect(
          result.errors.contains("\(share) texts that were read are empty"), "\(result.errors)")
        #expect(result.errors.contains("at: \(place):\(line)"), "\(result.errors)")
      }
    }

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

  /// A mining job that is refused at its end is not finished by going on with it.
  @Test func goingOnDoesNotFinishARefusedJob() throws {
    let program = try Program()
    let corpus = ["a cat", "a dog", "", " ", ""].enumerated().map {
      #"{"_id": "d\#($0)", "text": "\#($1)"}"# + "\n"
    }
    try program.write("c/corpus.jsonl", corpus.joined())
    try program.write("c/queries.jsonl", #"{"_id": "q", "text": "cat"}"# + "\n")
    try program.write("c/qrels/train.tsv", "q\td0\t1\n")
    try program.write("f.run", (0..<5).map { "q Q0 d\($0) \($0 + 1) \(9 - $0) s\n" }.joined())
    try program.write(
      "job.yaml", "collection: c\nfirst_stage: { run: f.run }\noutput: { folder: m }\n")
    for line in ["mine job.yaml", "mine job.yaml --resume", "mine job.yaml --resume"] {
      let result = try program(line)
      #expect(result.code == 65 && result.output.isEmpty, "\(line): \(result.errors)")
      #expect(result.errors.contains("3 of 5 documents that were read are empty"))
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
        "warning: split 'dev': judged queries among the collection's queries: 1 of 3; missing: 'q7', 'q8'"
      ))
    #expect(
      result.errors.contains(
        "warning: split 'dev': judged documents in the corpus: 2 of 3; missing: 'd9'"))
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
