import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// The commonest damage of tables: a message with file, line, column and what to do.
@Suite struct TableFailureTests {
  private func failure(
    _ text: String, _ name: String = "shop.csv", _ change: (inout CollectionForm) -> Void = { _ in }
  ) throws -> Failure {
    let folder = try Material.temporaryFolder()
    try folder.put(name, text)
    var form = CollectionForm()
    change(&form)
    var failure = try #require(
      #expect(throws: Failure.self) {
        let collection = try Collection(opening: folder.at(name), as: form)
        _ = try collection.judgments(split: "train")
      })
    #expect(failure.place?.file == folder.at(name), "\(failure)")
    failure.place?.file = name
    return failure
  }

  private static let head = "query,title,label,product_id\n"

  /// Forms that are not read are called by their names, whatever the file's name says.
  @Test(arguments: [
    ("\u{FEFF} [\n  {\"query\": 1}]", "is one JSON array", "jq -c '.[]' "),
    ("PAR1....", "is a Parquet file", "pandas.read_parquet("),
    ("SQLite format 3\0...", "is a database of SQLite", "sqlite3 -header -csv "),
  ]) func otherForms(_ text: String, problem: String, remedy: String) throws {
    for name in ["shop.csv", "shop"] {
      let found = try failure(text, name)
      #expect(found.problem == "the file \(problem), which is not read")
      #expect(found.kind == .badData && found.remedy?.contains(remedy) == true, "\(found)")
    }
    // A column may well be called '[a]'.
    #expect(try failure("[a],b\n1,2\n").problem.hasPrefix("the table has no column for the query"))
  }

  @Test func workbooks() throws {
    let folder = try Material.temporaryFolder()
    for (entry, what) in [
      ("xl/workbook.xml", "a workbook of Excel"), ("content.xml", "an OpenDocument file"),
    ] {
      let path = folder.at("shop.xlsx")
      try writeAtomically(to: path) { file throws(Failure) in
        var zip = ZipWriter()
        for name in [entry, "mimetype"] {
          try zip.add(name, Bytes(Array("<x/>".utf8)), to: &file)
        }
        try zip.finish(&file)
      }
      let found = #expect(throws: Failure.self) { try Collection(opening: path) }
      #expect(found?.problem == "the file is \(what), which is not read")
      #expect(found?.remedy == "save the sheet as CSV (UTF-8), and name that file")
    }
  }

  /// A table without headings is none of the files of words between blanks.
  @Test func headlessTables() throws {
    func kind(_ text: String) throws -> TextKind? {
      TextKind(of: try TextFile(Bytes(Array(text.utf8)), from: "t"))
    }
    let rows = "dinner service waterproof makes no noise;P1;set;Exact\n"
    #expect(try kind(rows) == nil)
    let said = try failure(rows)
    #expect(said.problem.contains("no column for the query"), "\(said)")
    #expect(said.remedy?.contains("headings") == true)
    for run in ["q1 Q0 d1 1 9.5 bm25\n", "q1 0 d1 one 9.5 tag\n", "q1 x d1 1 high tag\n"] {
      #expect(try kind(run) == .run)
    }
  }

  /// Spreadsheets of many countries write a comma before the decimals.
  @Test func decimalCommas() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("a.csv", "query;document;label\nx;y;2,5\nx;z;0,25\nx;w;-1,0\nx;v;3\n")
    let judgments = try Collection(opening: folder.at("a.csv")).judgments(split: "all")
    #expect(Set(judgments.judgments(of: judgments.queries[0]).map(\.grade)) == [2.5, 0.25, -1, 3])
    for label in ["1,000", ",5", "1,", "1,2,3", "1.5,2"] {
      let found = try failure("query;document;label\nx;y;\(label)\n")
      #expect(found.problem.hasPrefix("the label '\(label)' is neither"), "\(found)")
    }
  }

  @Test(arguments: [
    ("", nil, "the file is empty"),
    ("\(head)a,b,1,2\nboots,Bo\u{0}ot,1,7\n", 3, "the file holds a zero byte, which no text has"),
  ])
  func filesThatAreNoText(_ text: String, line: Int?, problem: String) throws {
    let found = try failure(text)
    #expect(found.problem == problem && found.place == Place("shop.csv", line: line))
    #expect(found.kind == .badData && found.remedy != nil)
  }

  @Test(arguments: [
    (
      "boots,Boot,1\n", 2, nil, "the row has 3 fields, the headings have 4",
      "add the missing fields, empty ones too"
    ),
    (
      "a,b,1,2\nboots,Boot, black,1,7\n", 3, nil, "the row has 5 fields, the headings have 4",
      "put fields that contain a ',' in quotes, or remove what is too much"
    ),
    (
      "a,\"b,1,2\nboots,Boot,1,7\n", 2, 3,
      "a quoted field is not closed before the end of the file",
      "close the quote that opens here, or remove it"
    ),
    (
      "a,b,1,2\nc,d,good,3\ne,f,bad,4\ng,h,good,5\n", 3, 5,
      "the label words 'good', 'bad' are neither a number nor a word with a grade",
      "give each word a grade: labels: { good: 0, bad: 1 }, with the grades that you mean"
    ),
    (
      "a,\"b\nc\",,2\n", 3, 4, "the label is empty", "add the label, or remove the row"
    ),
    ("a,b,1,\n", 2, 7, "the id is empty", "add the id, or remove the row"),
    ("a,b,1,2\n" + head, 3, nil, "the row repeats the headings", "remove the line"),
    (
      "a,b,1,2\na,c,1,2\n", 3, nil, "the document '2' has two texts, the first on line 2",
      "name a column, or a template of several, that tells them apart, such as columns: { id: "
        + "\"{locale}-{product_id}\" }"
    ),
    (
      "a,b,1,2\na,b,0,2\n", 3, 5,
      "document '2' is judged twice for the query 'a', with grade 1.0 and with grade 0.0",
      "keep one of the two rows, or name an id that tells the documents apart"
    ),
  ])
  func rows(_ text: String, line: Int, column: Int?, problem: String, remedy: String) throws {
    let failure = try failure(Self.head + text)
    #expect(failure.kind == .badData && failure.problem == problem)
    #expect(failure.place == Place("shop.csv", line: line, column: column))
    #expect(failure.remedy == remedy && failure.expected != nil)
  }

  @Test func missingHeadings() throws {
    let failure = try failure("boots,Boot,1\nlamp,Lamp,0\n")
    #expect(
      failure.problem
        == "the table has no column for the query that ltr recognises; its columns are boots, Boot, 1"
    )
    #expect(failure.place == Place("shop.csv", line: 1))
    #expect(failure.remedy?.contains("add a line of headings") == true)
  }

  @Test func namedColumnsThatAreMissing() throws {
    let failure = try failure(Self.head + "a,b,1,2\n") { $0.columns.document = "{titel} {brand}" }
    #expect(
      failure.problem
        == "the table has no column 'titel'; its columns are query, title, label, product_id")
    #expect(failure.remedy == "write 'title'")
    let brace = try Material.temporaryFolder()
    try brace.put("shop.csv", Self.head + "a,b,1,2\n")
    var form = CollectionForm()
    form.columns.document = "{title"
    #expect(throws: Failure.self) { try Collection(opening: brace.at("shop.csv"), as: form) }
  }

  @Test func doubledHeadings() throws {
    let failure = try failure("query,title,title,label\na,b,c,1\n")
    #expect(failure.problem == "the headings have the column 'title' twice")
  }

  @Test func missingLabels() throws {
    let failure = try failure("query,title\na,b\n")
    #expect(failure.problem.hasPrefix("the table has no column for the label that ltr recognises"))
    #expect(failure.remedy?.contains("columns: { label: 1 }") == true)
    let folder = try Material.temporaryFolder()
    try folder.put("pairs.csv", "query,title\na,b\nc,d\n")
    var form = CollectionForm()
    form.columns.label = "1"
    let collection = try Collection(opening: folder.at("pairs.csv"), as: form)
    #expect(try collection.judgments(split: "train").count == 2)
  }

  @Test func malformedJSON() throws {
    let text = "{\"query\": \"a\", \"text\": \"b\", \"label\": 1}\n{\"query\": \"a\", \"text\": }\n"
    let failure = try failure(text, "shop.jsonl")
    #expect(failure.problem.hasPrefix("the line is not JSON"))
    #expect(failure.place?.line == 2 && failure.place?.column != nil)
  }

  /// A column that is empty is a mistake that the texts tell, once they are read.
  @Test func emptyColumn() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("shop.csv", "query,title,label,product_id\na,,1,1\nb,,0,2\n")
    let collection = try Collection(opening: folder.at("shop.csv"))
    try collection.forEachDocument { _ in }
    let failure = #expect(throws: Failure.self) { try collection.emptyTexts.requireTexts() }
    #expect(failure?.problem.hasPrefix("all 2 documents that were read are empty") == true)
    #expect(failure?.place?.line == 2)
  }

  @Test func whatIsNoTableIsToldAsBefore() throws {
    let failure = try failure("only words\n", "notes.txt")
    #expect(failure.problem == "the file is neither a folder nor an archive")
  }
}
