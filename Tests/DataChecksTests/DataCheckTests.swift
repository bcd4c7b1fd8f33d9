import Corpora
import DataChecks
import Diagnostics
import Foundation
import JSON
import TestSupport
import Testing

/// A folder for a test, with files in it.
private struct Scratch {
  let folder: URL

  init(_ files: [String: String] = [:]) throws {
    folder = try Material.temporaryFolder()
    for (name, text) in files { try put(name, Data(text.utf8)) }
  }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func put(_ name: String, _ data: Data) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  func report(
    _ name: String = "c", _ options: DataCheckOptions = DataCheckOptions(),
    splits: [DataRequest.Split]? = nil, form: CollectionForm = CollectionForm()
  ) -> DataReport {
    DataCheck.report(
      on: [DataRequest(path(name), form, .collection(splits: splits))], options)
  }

  func lists(_ name: String, texts: String? = nil) -> DataReport {
    DataCheck.report(
      on: [DataRequest(path(name), CollectionForm(), .lists(texts: texts.map(path)))])
  }
}

/// What a check finds.
@Suite struct DataCheckTests {
  private static let files = [
    "c/corpus.jsonl": """
    {"_id": "d1", "title": "One", "text": "first of all"}
    {"_id": "d2", "text": "the second"}
    {"_id": "d3", "text": "One first, of ALL!"}
    {"_id": "d4", "text": ""}

    """,
    "c/queries.jsonl": """
    {"_id": "q1", "text": "which is first?"}
    {"_id": "q2", "text": "which is second?"}
    {"_id": "q3", "text": "Which is FIRST"}
    {"_id": "q4", "text": "where can I restore a deleted file"}
    {"_id": "q5", "text": "where can I restore deleted file"}

    """,
    "c/qrels/train.tsv": "q1\td1\t2\nq1\td2\t0\nq2\td2\t1\nq4\td2\t0\n",
    "c/qrels/test.tsv": "q3\td1\t1\nq5\td2\t1\nq5\td02\t1\n",
  ]

  @Test func factsOfACollection() throws {
    let report = try Scratch(Self.files).report()
    let source = try #require(report.sources.first)
    #expect(source.layout == "BEIR")
    #expect(Set(source.encodings.map(\.encoding)) == ["ASCII"])
    let documents = try #require(source.documents)
    #expect((documents.count, documents.empty, documents.same) == (4, 1, 1))
    // Words with the title, in order: 0, 2, 4, 4.
    #expect(documents.lengths.mean == 2.5 && documents.lengths.quantile(1) == 4)
    #expect(documents.lengths.quantile(0.5) == 2)
    let queries = try #require(source.queries)
    #expect((queries.count, queries.same, queries.near) == (5, 1, 1))
    let train = try #require(source.splits.first { $0.name == "train" })
    #expect((train.queries, train.judgments, train.withoutPositives) == (3, 4, 1))
    #expect(train.withoutNegatives == 1 && train.grades == [2: 1, 1: 1, 0: 2])
    // which is first + One first of all: 7 words.
    #expect(train.pairs.quantile(1) == 9 && train.pairs.count == 4)
    let test = try #require(source.splits.first { $0.name == "test" })
    #expect(test.unresolvedDocuments == 1 && test.unresolvedQueries == 0)
    let leak = try #require(report.leaks.first)
    #expect(report.leaks.count == 1 && leak.from == "train" && leak.to == "test")
    #expect((leak.queries, leak.same, leak.near) == (2, 1, 1))
    #expect(leak.example?.from == "which is first?" && leak.example?.to == "Which is FIRST")
  }

  @Test func problemsHavePlacesAndRemedies() throws {
    let scratch = try Scratch(Self.files)
    let report = scratch.report()
    func problem(_ text: String) throws -> DataProblem {
      try #require(
        report.problems.first { $0.failure.problem.contains(text) },
        "\(report.problems.map(\.failure.problem))")
    }
    let missing = try problem("judged documents are not in the collection, such as 'd02'")
    #expect(missing.severity == .error)
    #expect(missing.failure.place == Place(scratch.path("c/qrels/test.tsv"), line: 3))
    #expect(missing.failure.remedy?.hasSuffix("'d02' is 'd2' there") == true)
    let leak = try problem("1 of 2 queries of test are in train as well")
    #expect(leak.severity == .error && leak.failure.remedy?.contains("ltr data split") == true)
    #expect(try problem("1 of 2 queries of test are nearly the same").severity == .warning)
    #expect(try problem("1 of 3 queries have no relevant document").severity == .warning)
    #expect(try problem("1 of 4 documents that were read is empty").severity == .warning)
    #expect(try problem("1 of 4 documents have the words of an earlier one").severity == .warning)
    #expect(report.problems.allSatisfy { $0.failure.remedy != nil })
    #expect(report.outcome(isStrict: false) == .badData)
    #expect(report.text.contains("2 errors, "), "\(report.text)")
    let text = try report.json.json()
    #expect(text.contains("\"line\":3") && text.contains("\"near_same\":1"), "\(text)")
  }

  @Test func nothingIsWrong() throws {
    var files = Self.files
    files["c/corpus.jsonl"] = """
      {"_id": "d1", "text": "first of all"}
      {"_id": "d2", "text": "the second"}

      """
    files["c/qrels/train.tsv"] = "q1\td1\t1\nq1\td2\t0\n"
    files["c/qrels/test.tsv"] = "q2\td2\t1\nq2\td1\t0\n"
    let scratch = try Scratch(files)
    let report = scratch.report(
      splits: [.init(name: "train", split: "train"), .init(name: "dev", split: "test")])
    #expect(report.outcome(isStrict: true) == nil, "\(report.problems)")
    #expect(report.text.hasSuffix("\nnothing is wrong\n"))
    #expect(report.leaks.map(\.to) == ["dev"])
  }

  /// Every wrong line is named, not the first alone.
  @Test func allThatIsWrongWithAFolder() throws {
    var files = Self.files
    files["c/corpus.jsonl"] = """
      {"_id": "d1", "text": "a"}
      {"text": "b"}
      {"_id": "d1", "text": "c"}
      {"_id": "d3", "text": 7}
      nonsense

      """
    files["c/qrels/train.tsv"] = "q1\td1\t2\nq1\td1\nq2\td2\thigh\nq1\td1\t1\n"
    let report = try Scratch(files).report()
    let places = report.problems.compactMap(\.failure.place).filter { $0.line != nil }
    let lines = Dictionary(grouping: places) {
      $0.file.split(separator: "/").last.map(String.init) ?? ""
    }
    .mapValues { Set($0.compactMap(\.line)) }
    #expect(lines["corpus.jsonl"] == [2, 3, 4, 5], "\(report.problems)")
    #expect(lines["train.tsv"] == [2, 3, 4], "\(report.problems)")
    #expect(report.outcome(isStrict: false) == .badData)
  }

  @Test func allThatIsWrongWithATable() throws {
    let scratch = try Scratch([
      "shop.csv": """
      query,doc_id,document,label
      a,1,one,1
      a,2,two
      b,,three,1
      b,4,four,great
      a,1,one,0
      c,5,"five,1

      """
    ])
    let report = scratch.report("shop.csv")
    let found = report.problems.compactMap { problem in
      problem.failure.place.flatMap { place in place.line.map { [$0, place.column ?? 0] } }
    }
    #expect(
      found.contains([3, 0]) && found.contains([4, 3]) && found.contains([5, 10]), "\(found)")
    #expect(found.contains([6, 9]) && found.contains([7, 5]), "\(found)")
    #expect(report.sources.isEmpty)
  }

  @Test func manyProblemsAreBounded() throws {
    let rows = (0..<500).map { "query \($0),\($0)\n" }.joined()
    let scratch = try Scratch(["shop.csv": "query,document,label\n" + rows])
    let report = scratch.report("shop.csv")
    #expect(report.problems.count == 21)
    #expect(report.problems.last?.failure.problem.hasPrefix("there may be more problems") == true)
  }

  @Test func encodings() throws {
    let scratch = try Scratch()
    let table = "query,document,label\nMüller,Größe,1\nMüller,klein,0\n"
    try scratch.put("latin.csv", try #require(table.data(using: .windowsCP1252)))
    try scratch.put(
      "wide.csv", Data([0xFF, 0xFE]) + (try #require(table.data(using: .utf16LittleEndian))))
    try scratch.put("utf8.csv", Data(table.utf8))
    func encoding(_ name: String) -> String? {
      scratch.report(name).sources.first?.encodings.first?.encoding
    }
    #expect(encoding("latin.csv")?.hasPrefix("not UTF-8, probably ") == true)
    #expect(encoding("wide.csv")?.hasSuffix(", byte-order mark") == true)
    #expect(encoding("utf8.csv") == "UTF-8")
    #expect(
      scratch.report("latin.csv").problems.contains {
        $0.failure.problem.contains("its likely encoding")
      })
  }

  /// Grades that begin at 1 make every document relevant.
  @Test func gradesThatAreAllRelevant() throws {
    let scratch = try Scratch([
      "a.csv": "query,document,label\nx,one,1\nx,two,3\n",
      "b.csv": "query,document,label\nx,one,1\nx,two,1\n",
      "c.csv": "query,document,label\nx,one,0\nx,two,0\n",
    ])
    func problems(_ name: String, minimum: Double = 1) -> [String] {
      scratch.report(name, DataCheckOptions(minimumGrade: minimum)).problems.map(\.failure.problem)
    }
    #expect(
      problems("a.csv") == ["all: every judged document counts as relevant: grades begin at 1"])
    #expect(problems("a.csv", minimum: 2) == [])
    #expect(
      problems("b.csv")
        == ["all: all judgments have the grade 1: no document is judged as not relevant"])
    #expect(problems("c.csv").contains("all: no query has a relevant document"))
  }

  @Test func lists() throws {
    let scratch = try Scratch([
      "l.jsonl": """
      {"query": "a b", "documents": [{"text": "one two", "label": 1}, {"text": "three", "label": 0}]}
      {"query": "a b", "documents": [{"text": "one two", "label": 1}]}
      {"query": "c", "documents": []}
      {"query": "d", "documents": [{"text": "x", "lable": 1}]}
      {"query_id": "e", "documents": [{"text": "x", "label": 0}]}

      """
    ])
    let report = scratch.lists("l.jsonl")
    let split = try #require(report.sources.first?.splits.first)
    #expect((split.queries, split.judgments) == (2, 3))
    #expect(report.sources[0].queries?.same == 1 && report.sources[0].documents?.same == 1)
    let lines = report.problems.filter { $0.severity == .error }.compactMap(\.failure.place?.line)
    #expect(lines == [3, 4, 5], "\(report.problems)")
  }

  @Test func tokensOfAModel() throws {
    // A token for every letter, and three besides.
    let measure = TextMeasure.tokens(extra: 3) { text, _ in text.count }
    let report = try Scratch(Self.files).report("c", DataCheckOptions(measure: measure))
    let train = try #require(report.sources.first?.splits.first { $0.name == "train" })
    #expect(
      train.pairs.quantile(1) == "where can I restore a deleted file".count + "the second".count)
    #expect(report.text.contains("tokens"), "\(report.text)")
    let cut = report.json["sources"]
    guard case .list(let sources)? = cut else { throw ReportIsOdd() }
    #expect(sources[0]["splits"]?["train"]?["cut"]?["128"] == .number(0))
  }

  private struct ReportIsOdd: Error {}

  @Test func nothingThere() throws {
    let report = try Scratch().report("nowhere")
    #expect(report.outcome(isStrict: false) == .missingInput)
    #expect(report.sources.isEmpty && report.problems.count == 1)
  }
}
