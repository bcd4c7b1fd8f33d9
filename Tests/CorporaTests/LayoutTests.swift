import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// MS MARCO and TREC.
@Suite struct LayoutTests {
  private func marco() throws -> URL {
    let folder = try Material.temporaryFolder()
    try folder.put("collection.tsv", "0\tThe \"first\" one, quoted.\n1\t\"second\n2\tthird\n")
    try folder.put("queries.train.tsv", "10\twhich is first\n")
    try folder.put("queries.dev.small.tsv", "11\twhich is third\n")
    try folder.put("qrels.train.tsv", "10\t0\t0\t1\n")
    try folder.put("qrels.dev.small.tsv", "11\t0\t2\t1\n")
    return folder
  }

  @Test func msmarco() throws {
    let folder = try marco()
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.layout == "MS MARCO" && collection.splits == ["dev.small", "train"])
    #expect(collection.documentCount == 3 && collection.queryCount == 2)
    #expect(try collection.document(id: "0").text == "The \"first\" one, quoted.")
    #expect(try collection.document(id: "1").text == "\"second")
    #expect(try collection.query(id: "11").text == "which is third")
    #expect(try collection.judgments(split: "dev.small").grades(of: "11") == ["2": 1])
    let files = try Collection.files(of: folder.at(""), split: "train").names
    #expect(
      files == ["collection.tsv", "queries.dev.small.tsv", "queries.train.tsv", "qrels.train.tsv"])
    // Packed, in a folder of its own.
    let outer = try Material.temporaryFolder()
    let above = folder.deletingLastPathComponent().path
    try shell("tar -C '\(above)' -czf m.tgz '\(folder.lastPathComponent)'", in: outer)
    #expect(try Collection(opening: outer.at("m.tgz")).documentCount == 3)
  }

  /// As in `collectionandqueries.tar.gz`, where `queries.dev.small.tsv` is a part of `queries.dev.tsv`.
  @Test func msmarcoQueriesThatAreInTwoFiles() throws {
    let folder = try marco()
    try folder.put("queries.dev.tsv", "12\twhich is last\n11\twhich is third\n13\tnone\n")
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.queryCount == 4)
    let texts = try ["10", "11", "12", "13"].map { try collection.query(id: $0).text }
    #expect(texts == ["which is first", "which is third", "which is last", "none"])
    try folder.put("queries.dev.tsv", "11\twhich is another\n")
    let other = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(other?.problem.hasPrefix("the id '11' occurs twice") == true)
    try folder.put("queries.dev.tsv", "12\tx\n12\tx\n")
    let twice = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(twice?.problem == "the id '12' occurs twice, on lines 1 and 2")
  }

  @Test(arguments: [
    ("0\ta\nb\n", 2, "the line 'b' has 1 column"), ("0\ta\n\tb\n", 2, "the id is empty"),
    ("0\ta\n0\tb\n", 2, "the id '0' occurs twice, on lines 1 and 2"),
    ("0\ta\n1\tb\tc\n", 2, "the line '1\\tb\\tc' has 3 columns"),
  ])
  func damagedMSMARCO(_ text: String, line: Int, problem: String) throws {
    let folder = try marco()
    try folder.put("collection.tsv", text)
    let failure = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(failure?.problem == problem && failure?.remedy != nil)
    #expect(failure?.place?.line == line)
  }

  @Test func msmarcoRuns() throws {
    let ranks = try Run(file("1\t20\t2\n1\t30\t1\n2\t5\t1\n"))
    #expect(ranks.documents(of: "1").map(\.document) == ["30", "20"])
    let texts = "1\t20\twhich of them\tone two three\n1\t30\twhich of them\tfour five six\n"
    let run = try Run(file(texts))
    #expect(run.documents(of: "1").map(\.document) == ["20", "30"])
    let failure = #expect(throws: Failure.self) { try Run(file(texts + "1\t40\n", "top1000.dev")) }
    #expect(failure?.place == Place("top1000.dev", line: 3))
  }

  /// The lines of a query need not be neighbours, and those of one query may look like those of a TREC
  /// run.
  @Test func top1000WithoutOrder() throws {
    let text =
      "1\t20\twhich of them\tone two three\n2\t50\ta b\tc d\n1\t30\twhich of them\tfour five\n"
      + "2\t40\ta b\te f\n"
    let folder = try Material.temporaryFolder()
    try folder.put("top1000.dev", text)
    let whole = try Run(opening: folder.at("top1000.dev"))
    let byQuery = try RunFile(opening: folder.at("top1000.dev"))
    for (query, documents) in [("1", ["20", "30"]), ("2", ["50", "40"])] {
      #expect(whole.documents(of: query).map(\.document) == documents)
      #expect(whole.documents(of: query).map(\.score) == [-1, -2])
      #expect(try byQuery.documents(of: query) == whole.documents(of: query))
    }
    let twice = #expect(throws: Failure.self) { try Run(file(text + "2\t50\ta b\tc d\n")) }
    #expect(twice?.problem == "document '50' occurs twice for query '2', on lines 2 and 5")
  }

  private static let documents = """
    <DOC>
    <DOCNO> FT911-1 </DOCNO>
    <HEADLINE>Prices &amp; markets</HEADLINE>
    <TEXT>
    Profits < 3 % <F P=1>fell</F> again.
    </TEXT>
    </DOC>
    <doc>
    <docno>FT911-2</docno>
    Without a text &#228;lement.
    </doc>

    """
  private static let topics = """
    <top>
    <num> Number: 301
    <title> International
    Organized Crime
    <desc> Description:
    Identify organizations.
    </top>
    <top>
    <num> Number: 302
    <title> Poliomyelitis
    </top>

    """

  private func trec(_ documents: String = documents, _ topics: String = topics) throws -> URL {
    let folder = try Material.temporaryFolder()
    try folder.put("docs/ft/ft911_1", documents)
    try folder.put("docs/la/la01", "<DOC><DOCNO>LA-1</DOCNO><TEXT>Los Angeles</TEXT></DOC>")
    try folder.put("topics.301-450", topics)
    try folder.put("qrels.trec7.txt", "301 0 FT911-1 1\n301 0 LA-1 0\n302 0 FT911-2 2\n")
    return folder
  }

  @Test func trecDocumentsAndTopics() throws {
    let collection = try Collection(opening: trec().at(""))
    #expect(collection.layout == "TREC" && collection.splits == ["trec7"])
    #expect(collection.documentCount == 3 && collection.queryCount == 2)
    #expect(
      try collection.document(id: "FT911-1")
        == Document(
          id: "FT911-1", title: "Prices & markets", text: "Profits < 3 %  fell  again."))
    #expect(try collection.document(id: "FT911-2").text == "Without a text älement.")
    #expect(try collection.document(id: "LA-1").text == "Los Angeles")
    #expect(try collection.query(id: "301").text == "International Organized Crime")
    #expect(try collection.judgments(split: "trec7").grades(of: "302") == ["FT911-2": 2])
    var count = 0
    try collection.forEachDocument { _ in count += 1 }
    #expect(count == 3)
  }

  @Test func trecInJSONAndXML() throws {
    let folder = try Material.temporaryFolder()
    try folder.put(
      "docs.jsonl",
      "{\"id\": \"a\", \"contents\": \"one\"}\n{\"id\": \"b\", \"contents\": \"two\"}\n")
    try folder.put(
      "topics.xml",
      "<topics task=\"x\">\n<topic number=\"1\">\n<query>virus origin</query>\n<question>where"
        + "</question>\n</topic>\n<topic number=\"2\"><query>masks</query></topic></topics>\n")
    try folder.put("qrels", "1 0 b 2\n2 0 a 1\n")
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.layout == "TREC" && collection.isUnsplit)
    #expect(try collection.document(id: "b").text == "two")
    #expect(try collection.query(id: "1").text == "virus origin")
    #expect(try collection.query(id: "2").text == "masks")
    #expect(try collection.judgments(split: "test").count == 2)
  }

  /// A pipe that nobody writes into is not read.
  @Test(.timeLimit(.minutes(1)))
  func pipesBesideDocuments() throws {
    let folder = try trec()
    try shell("mkfifo docs/a-pipe", in: folder)
    #expect(try Collection(opening: folder.at("")).documentCount == 3)
  }

  /// Tags that are not closed, and ids at any place: the time grows with the text, not with its
  /// square.
  @Test(.timeLimit(.minutes(1)))
  func unclosedTags() throws {
    let many = String(repeating: "<title>", count: 60_000)
    let signs = String(repeating: "a<b ", count: 60_000)
    let topics = (1...20_000).map { "<top>\n<num> Number: \($0)\n<title> t\($0)\n</top>\n" }
    let collection = try Collection(
      opening: trec(
        "<DOC><TEXT>" + String(repeating: "y", count: 4065)
          + "</TEXT><DOCNO>split-in-two</DOCNO></DOC>\n"
          + "<DOC>\(many)x<DOCNO>far</DOCNO>\(signs)</DOC>\n", topics.joined()
      ).at(""))
    #expect(collection.documentCount == 3 && collection.queryCount == 20_000)
    #expect(collection.documentIndex(of: "split-in-two") == 0)
    #expect(try collection.document(id: "far").text.hasPrefix("a<b a<b"))
    #expect(try collection.query(id: "19999").text == "t19999")
  }

  @Test(arguments: [
    ("<DOC><DOCNO>a</DOCNO>\n<TEXT>x</TEXT>\n", 1, "the document is not closed"),
    ("\n<DOC><DOCNO>a</DOCNO>\n<DOC><DOCNO>b</DOCNO></DOC>\n", 2, "the document is not closed"),
    ("<DOC><DOCNO>a</DOCNO></DOC>\n<DOC><TEXT>x</TEXT></DOC>\n", 2, "the document has no id"),
    (
      "<DOC><DOCNO>a</DOCNO></DOC>\n<DOC><DOCNO>a</DOCNO></DOC>\n", 2,
      "the id 'a' occurs twice, on lines 1 and 2"
    ),
  ])
  func damagedTREC(_ text: String, line: Int, problem: String) throws {
    let failure = #expect(throws: Failure.self) { try Collection(opening: trec(text).at("")) }
    #expect(failure?.problem == problem && failure?.remedy != nil)
    #expect(failure?.place?.line == line)
  }

  @Test func topicsWithoutNumbers() throws {
    let folder = try trec(Self.documents, "<top>\n<title> x\n</top>\n")
    let failure = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(failure?.problem == "the topic has no number" && failure?.place?.line == 1)
  }
}
