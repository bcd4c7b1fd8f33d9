import Foundation
import TestSupport
import Testing

/// `ltr data`, and a recipe that divides what it trains on.
@Suite struct DataCommandTests {
  /// A shop's table of so many queries, two documents each, without splits.
  private func table(_ queries: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    var text = "query_id,query,doc_id,document,label\n"
    for n in 0..<queries {
      let word = String([n % 26, n / 26 % 26, n * 7 % 26].map { letters[$0] })
      text += "q\(n),\(word)\(word) the \(word),a\(n),\"a cat, a \(word)\",2\n"
      text += "q\(n),\(word)\(word) the \(word),b\(n),boil the \(word),0\n"
    }
    return text
  }

  private func program(queries: Int = 40) throws -> Program {
    let program = try Program()
    try program.writeFixture()
    try program.write("shop.csv", table(queries))
    return program
  }

  private func exists(_ name: String, _ program: Program) -> Bool {
    FileManager.default.fileExists(atPath: program.folder.appending(path: name).path)
  }

  @Test func checkSaysWhatIsThere() throws {
    let program = try program()
    let fine = try program("data check shop.csv --json")
    #expect(fine.code == 0, "\(fine.errors)")
    let report = try fine.json()
    let sources = try #require(report["sources"] as? [[String: Any]])
    #expect(sources[0]["layout"] as? String == "table" && report["unit"] as? String == "words")
    #expect((sources[0]["queries"] as? [String: Any])?["count"] as? Int == 40)
    let text = try program("data check shop.csv --model model")
    #expect(
      text.code == 0 && text.output.contains("tokens") && text.output.contains("cut at max_length"))
    #expect(text.output.hasSuffix("nothing is wrong\n"), "\(text.output)")
    let judgments = try program("data check shop/qrels/test.tsv")
    #expect(judgments.code == 0 && judgments.output.contains("judgments"))
  }

  @Test func checkEndsWithWhatIsWrong() throws {
    let program = try program()
    try program.write("shop/qrels/train.tsv", "q1\td1\t2\nq1\td7\t1\nq9\td1\t1\n")
    let wrong = try program("data check shop")
    #expect(wrong.code == 65)
    #expect(wrong.output.contains("1 of 2 judged queries are not in the collection, such as 'q9'"))
    #expect(
      wrong.output.contains("shop/qrels/train.tsv, line 3") || wrong.output.contains("train.tsv:3"),
      "\(wrong.output)")
    #expect(wrong.output.contains("queries of test are in train as well"))
    try program.write("warned.csv", "query,document,label\na,b,1\n")
    #expect(try program("data check warned.csv").code == 0)
    #expect(try program("data check warned.csv --strict").code == 65)
    #expect(try program("data check nowhere").code == 66)
    let run = try program("data check first.run")
    #expect(run.code == 65 && run.errors.contains("the file is a run"), "\(run.errors)")
    #expect(try program("data check shop.csv --near 0").code == 64)
  }

  @Test func checkReadsARecipe() throws {
    let program = try Program()
    try program.writeRecipe(training: "")
    let result = try program("data check recipe.yaml")
    #expect(result.code == 65, "its queries are in train and in test: \(result.output)")
    #expect(
      result.output.contains("dev (test)") && result.output.contains("relevant among candidates"))
    #expect(result.output.contains("tokens"), "the tokens are those of the base model")
    try program.write("broken.yaml", "model: 3\n")
    #expect(try program("data check broken.yaml").code == 78)
  }

  @Test func convertThereAndBack() throws {
    let program = try program()
    let there = try program("data convert shop.csv --to beir --output folder --split train --json")
    #expect(there.code == 0, "\(there.errors)")
    #expect(try there.json()["judgments"] as? Int == 80)
    let back = try program("data convert folder --to csv --output back.csv")
    #expect(back.code == 0, "\(back.errors)")
    let again = try program("data convert back.csv --to beir --output again --split train")
    #expect(again.code == 0, "\(again.errors)")
    for name in ["corpus.jsonl", "queries.jsonl", "qrels/train.tsv"] {
      #expect(try program.read("folder/\(name)") == program.read("again/\(name)"))
    }
    let lists = try program(
      "data convert shop --to flagembedding --output l.jsonl --run first.run --depth 3")
    #expect(lists.code == 0, "\(lists.errors)")
    #expect(try program.read("l.jsonl").split(separator: "\n").count == 2)
  }

  @Test(arguments: [
    ("--to bier --output x", 64, "write 'beir'"), ("--to csv --output taken", 73, "already exists"),
    ("--to beir --output full --overwrite", 73, "a collection"),
    ("--to csv --output x.csv --run first.run", 64, "--run cannot be combined with --to csv"),
    ("--to lists --output x --depth 0", 64, "--depth must be"),
    ("--to beir --output x --split a --split b", 64, "the collection has no splits"),
  ])
  func mistakes(options: String, code: Int, message: String) throws {
    let program = try program()
    try program.write("taken", "mine")
    try program.write("full/mine", "mine")
    let result = try program("data convert shop.csv \(options)")
    #expect(result.code == code && result.errors.contains(message), "\(result.errors)")
    #expect(try program.read("taken") == "mine" && program.read("full/mine") == "mine")
    #expect(!exists("x", program) && !exists("x.csv", program))
  }

  @Test func splitIsTheSameAgain() throws {
    let program = try program()
    let first = try program("data split shop.csv --output a --share 0.7 --seed 3 --json")
    #expect(first.code == 0, "\(first.errors)")
    let parts = try #require(try first.json()["parts"] as? [String: [String: Any]])
    #expect(parts["train"]?["queries"] as? Int == 28 && parts["dev"]?["queries"] as? Int == 6)
    #expect(try program("data split shop.csv --output b --share 0.7 --seed 3").code == 0)
    #expect(try program("data split shop.csv --output c --share 0.7 --seed 4").code == 0)
    let only = try program("data split shop.csv --output d --share 0.7 --seed 3 --qrels-only")
    #expect(only.code == 0, "\(only.errors)")
    for part in ["train", "dev", "test"] {
      let text = try program.read("a/qrels/\(part).tsv")
      #expect(try program.read("b/qrels/\(part).tsv") == text)
      #expect(try program.read("c/qrels/\(part).tsv") != text)
      #expect(try program.read("d/\(part).tsv") == text)
    }
    #expect(try program("data check a --strict").code == 0)
    #expect(try program("data split shop.csv --output a").code == 73)
    #expect(try program("data split shop.csv --output a --overwrite").code == 0)
    #expect(try program("data split shop.csv --output x --share 0.9 --test 0.2").code == 64)
    #expect(try program("data split shop --output x").code == 65, "two queries are too few")
    let lists = try program("data split pairs.jsonl --output x")
    #expect(lists.code == 65, "\(lists.errors)")
    #expect(!exists("x", program))
  }

  /// A recipe whose data has no splits trains, selects and measures on parts of it, those of
  /// `ltr data split`; the run can be repeated from its own recipe.
  @Test func trainsOnATableWithoutSplits() throws {
    let program = try program()
    try program.write(
      "all.run",
      (0..<40).map { "q\($0) Q0 b\($0) 1 2 bm25\nq\($0) Q0 a\($0) 2 1 bm25\n" }.joined())
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data:
        train: { collection: shop.csv, split: { share: 0.8, seed: 7 }, candidates: all.run }
        list: { size: 2, negatives: [judged] }
      loss: softmax
      training: { epochs: 1, batch: { lists: 8 }, workers: 1, precision: f32 }
      output: run

      """)
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(dry.errors.contains("40 queries in 40 groups"), "\(dry.errors)")
    #expect(dry.errors.contains("32 train, 4 dev, 4 test"))
    try program.write("resolved.yaml", dry.output)
    #expect(try program("train resolved.yaml --dry-run").output == dry.output)
    let run = try program("train recipe.yaml --json")
    #expect(run.code == 0, "\(run.errors)")
    let metrics = try run.json()
    #expect((metrics["test"] as? [String: Any])?["queries"] as? Int == 4)
    #expect((metrics["dev"] as? [String: Any])?["queries"] as? Int == 4)
    #expect(try program.read("run/data.json").contains("shop.csv"))
    let checked = try program("data check recipe.yaml")
    #expect(checked.code == 0, "\(checked.output)")
    #expect(checked.output.contains("0 of 4 queries of dev with the same words"))
  }
}
