import Foundation
import TestSupport
import Testing

/// `ltr judge`, with a file of verdicts, and what `ltr mine` makes of its grades.
@Suite struct JudgeCommandTests {
  /// A program in a folder with a small collection, a run of it and a job.
  private func program() throws -> Program {
    let program = try Program()
    try program.write(
      "shop/corpus.jsonl",
      ["lamp", "red lamp", "lamp shade", "kettle", "chair", "desk"].enumerated().map {
        #"{"_id": "d\#($0)", "text": "\#($1)"}"# + "\n"
      }.joined())
    try program.write(
      "shop/queries.jsonl",
      #"{"_id": "q1", "text": "a lamp"}"# + "\n" + #"{"_id": "q2", "text": "a chair"}"# + "\n")
    try program.write("shop/qrels/train.tsv", "query-id\tcorpus-id\tscore\nq1\td0\t3\nq2\td4\t3\n")
    try program.write(
      "first.run",
      ["q1", "q2"].flatMap { query in
        (0..<6).map { "\(query) Q0 d\($0) \($0 + 1) \(6 - $0) words\n" }
      }.joined())
    try program.write(
      "judge.yaml",
      """
      collection: shop
      split: train
      candidates: first.run
      depth: 5
      judge: { file: verdicts.jsonl }
      output: judged

      """)
    return program
  }

  private func line(_ query: String, _ document: String, _ grade: Int) -> String {
    #"{"query_id": "\#(query)", "document_id": "\#(document)", "grade": \#(grade)}"# + "\n"
  }

  @Test func falseNegativesBecomePositives() throws {
    let program = try program()
    try program.write(
      "verdicts.jsonl",
      line("q1", "d0", 2) + line("q1", "d1", 3) + line("q1", "d2", 0) + line("q1", "d3", 0)
        + line("q1", "d4", 0) + line("q2", "d4", 3))
    let judged = try program("judge judge.yaml --json")
    #expect(judged.code == 0, "\(judged.errors)")
    let summary = try judged.json()
    #expect(summary["pairs"] as? Int == 10 && summary["judged"] as? Int == 6)
    let qrels = try program.read("judged/qrels.tsv")
    #expect(qrels.hasPrefix("query-id\tcorpus-id\tscore\nq1\td0\t2\nq1\td1\t3\n"))
    #expect(qrels.split(separator: "\n").count == 7)

    try program.write(
      "mine.yaml",
      """
      collection: shop
      first_stage: { run: first.run, depth: 6 }
      sample: { count: 2 }
      output: { folder: mined, formats: [lists] }

      """)
    #expect(try program("mine mine.yaml").code == 0)
    let mined = try program("mine mine.yaml --set verdicts=judged/qrels.tsv --output filled")
    #expect(mined.code == 0, "\(mined.errors)")
    #expect(mined.errors.contains("judged/qrels.tsv: 4 judgments of pairs without a human one"))
    let before = try program.read("mined/lists.jsonl")
    let after = try program.read("filled/lists.jsonl")
    func grade(_ document: String, in lists: String) throws -> Double? {
      let list = try #require(lists.split(separator: "\n").first { $0.contains("\"q1\"") })
      let value = try #require(
        try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: Any])
      let documents = try #require(value["documents"] as? [[String: Any]])
      return documents.first { $0["id"] as? String == document }?["label"] as? Double
    }
    #expect(try grade("d1", in: before) == 0)
    #expect(try grade("d1", in: after) == 3)
    #expect(try grade("d0", in: after) == 3, "a human's grade stays")
  }

  @Test func dryRunsAskAndWriteNothing() throws {
    let program = try program()
    try program.write("verdicts.jsonl", line("q1", "d0", 2))
    let dry = try program("judge judge.yaml --dry-run")
    #expect(dry.code == 0 && dry.errors.contains("10 pairs of 2 queries"), "\(dry.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "judged").path))
  }

  @Test(arguments: [
    ("depth=0", 78, "depth"), ("judge.endpoint=http://localhost", 78, "has both"),
    ("candidates=none.run", 66, "none.run"), ("judge.prompt=Good?", 78, "lacks {query}"),
  ]) func mistakesAreNamed(_ setting: String, code: Int, words: String) throws {
    let program = try program()
    try program.write("verdicts.jsonl", line("q1", "d0", 2))
    let result = try program("judge judge.yaml --set \(setting)")
    #expect(Int(result.code) == code, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "judged").path))
  }
}
