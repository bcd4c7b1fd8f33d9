import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// Tables of labelled pairs as collections.
@Suite struct TableCollectionTests {
  private func open(
    _ text: String, _ name: String = "shop.csv", _ change: (inout CollectionForm) -> Void = { _ in }
  ) throws -> Corpora.Collection {
    let folder = try Material.temporaryFolder()
    try folder.put(name, text)
    var form = CollectionForm()
    change(&form)
    return try Collection(opening: folder.at(name), as: form)
  }

  private static let shop = """
    search_term,product_title,relevance,product_uid
    red shoes,"Shoes, red",3,7
    red shoes,"a ""small"" lamp",1,8
    lamp,"a ""small"" lamp",2.67,8

    """

  @Test func commonNamesAreRecognised() throws {
    let collection = try open(Self.shop)
    #expect(collection.layout == "table" && collection.splits == ["all"] && collection.isUnsplit)
    #expect(collection.documentCount == 2 && collection.queryCount == 2)
    #expect(
      try collection.document(id: "8") == Document(id: "8", text: "a \"small\" lamp"))
    let judgments = try collection.judgments(split: "train")
    let query = collection.queryID(at: 1)
    #expect(try collection.query(at: 1).text == "lamp")
    #expect(judgments.grades(of: query) == ["8": 2.67])
    #expect(judgments.grades(of: collection.queryID(at: 0)) == ["7": 3, "8": 1])
    var texts: [String] = []
    try collection.forEachDocument { texts.append($0.text) }
    #expect(texts == ["Shoes, red", "a \"small\" lamp"])
  }

  /// However the file is written, it is the same collection.
  @Test(arguments: ["utf16", "crlf", "semicolon", "tab", "jsonl"])
  func otherForms(_ kind: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("shop.csv", Self.shop)
    var name = "shop.csv"
    switch kind {
    case "utf16":
      let data = try #require(("\u{FEFF}" + Self.shop).data(using: .utf16LittleEndian))
      try data.write(to: folder.appending(path: name))
    case "crlf": try folder.put(name, Self.shop.replacing("\n", with: "\r\n"))
    case "semicolon":
      try folder.put(
        name,
        """
        search_term;product_title;relevance;product_uid
        red shoes;"Shoes, red";3;7
        red shoes;"a ""small"" lamp";1;8
        lamp;"a ""small"" lamp";2.67;8
        """)
    case "tab":
      try folder.put(
        name,
        "search_term\tproduct_title\trelevance\tproduct_uid\nred shoes\tShoes, red\t3\t7\n"
          + "red shoes\ta \"small\" lamp\t1\t8\nlamp\t\"a \"\"small\"\" lamp\"\t2.67\t8\n")
    default:
      name = "shop.jsonl"
      try folder.put(
        name,
        #"""
        {"search_term": "red shoes", "product_title": "Shoes, red", "relevance": 3, "product_uid": 7}
        {"relevance": "1", "search_term": "red shoes", "product_title": "a \"small\" lamp", "product_uid": 8}

        {"search_term": "lamp", "product_title": "a \"small\" lamp", "relevance": 2.67, "product_uid": "8"}
        """#)
    }
    try expectShop(folder.at(name))
  }

  @Test(.enabled(if: Material.hasProgram("gzip"), "needs gzip")) func gzip() throws {
    try packed("gzip shop.csv", "shop.csv.gz")
  }

  @Test(.enabled(if: Material.hasProgram("zstd"), "needs zstd")) func zstd() throws {
    try packed("zstd -q --rm shop.csv", "shop.csv.zst")
  }

  @Test(.enabled(if: Material.hasProgram("bzip2"), "needs bzip2")) func bzip2() throws {
    try packed("bzip2 shop.csv", "shop.csv.bz2")
  }

  @Test(.enabled(if: Material.hasProgram("xz"), "needs xz")) func xz() throws {
    try packed("xz shop.csv", "shop.csv.xz")
  }

  @Test(.enabled(if: Material.hasProgram("python3"), "needs python3")) func zip() throws {
    try packed(
      "python3 -c 'import zipfile; zipfile.ZipFile(\"shop.zip\", \"w\").write(\"shop.csv\")'",
      "shop.zip")
  }

  private func packed(_ command: String, _ name: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("shop.csv", Self.shop)
    try shell(command, in: folder)
    try expectShop(folder.at(name))
  }

  private func expectShop(_ path: String) throws {
    let collection = try Collection(opening: path)
    #expect(collection.documentCount == 2 && collection.queryCount == 2)
    #expect(try collection.document(id: "8").text == "a \"small\" lamp")
    #expect(try collection.query(at: 0).text == "red shoes")
    let judgments = try collection.judgments(split: collection.splits[0])
    #expect(judgments.count == 3)
    #expect(judgments.grades(of: collection.queryID(at: 1)) == ["8": 2.67])
  }

  @Test func columnsTemplatesAndWords() throws {
    let text = """
      q,name,brand,about,rating,set
      shoes,Boot,,leather,E,train
      shoes,Lamp,Lux,bright,X,train
      lamp,Lamp,Lux,bright,E,test

      """
    let collection = try open(text) { form in
      form.columns.query = "q"
      form.columns.document = "{name} {brand}: {about}"
      form.columns.label = "rating"
      form.columns.split = "set"
      form.labels = ["E": 3, "X": 0.5]
    }
    #expect(collection.splits == ["test", "train"] && !collection.isUnsplit)
    #expect(collection.documentCount == 2)
    #expect(try collection.document(at: 0).text == "Boot : leather")
    #expect(try collection.document(at: 1).text == "Lamp Lux: bright")
    let test = try collection.judgments(split: "test")
    #expect(test.count == 1)
    // The same text is the same document.
    #expect(test.grades(of: test.queries[0]) == [collection.documentID(at: 1): 3])
    #expect(try collection.judgments(split: "train").count == 2)
  }

  @Test func likelyEncodingsAreReadAndSaid() throws {
    let folder = try Material.temporaryFolder()
    let text =
      "query,title,label\nM\u{FC}sli f\u{FC}r Kinder,Kr\u{E4}uterm\u{FC}sli s\u{FC}\u{DF},1\n"
    let data = try #require(text.data(using: .isoLatin1))
    try data.write(to: folder.appending(path: "shop.csv"))
    for encoding in [nil, try TextEncoding(named: "windows-1252")] {
      let collection = try Collection(opening: folder.at("shop.csv"), encoding: encoding)
      #expect(try collection.query(at: 0).text == "Müsli für Kinder")
      #expect(try collection.document(at: 0).text == "Kräutermüsli süß")
      let warnings = collection.textFaults.flatMap(\.warnings)
      #expect(
        warnings.count == (encoding == nil ? 1 : 0)
          && warnings.allSatisfy { $0.contains("its likely encoding") }, "\(warnings)")
    }
  }

  /// As Kaggle's Home Depot data comes: titles in the pairs, descriptions beside them, a test split
  /// whose labels are kept secret, and files of other things.
  @Test func folderWithDescriptionsOfTheirOwn() throws {
    let folder = try Material.temporaryFolder()
    try folder.put(
      "train.csv",
      "id,product_uid,product_title,search_term,relevance\n2,100,Bracket,angle bracket,3\n"
        + "3,101,Paint,deck over,2.5\n")
    try folder.put("test.csv", "id,product_uid,product_title,search_term\n1,102,Fan,fan\n")
    try folder.put(
      "product_descriptions.csv",
      "product_uid,product_description\n100,strong\n101,\"brown, deep\"\n102,cool\n")
    try folder.put("attributes.csv", "product_uid,name,value\n100,Color,grey\n100,Size,2\n")
    var form = CollectionForm()
    form.columns.title = "product_title"
    form.columns.document = "product_description"
    let collection = try Collection(opening: folder.at(""), as: form)
    #expect(collection.layout == "tables" && collection.splits == ["train"])
    #expect(collection.documentCount == 3)
    #expect(
      try collection.document(id: "101")
        == Document(id: "101", title: "Paint", text: "brown, deep"))
    #expect(try collection.document(id: "102").content == "Fan cool")
    #expect(try collection.judgments(split: "train").count == 2)
    form.documents = folder.at("product_descriptions.csv")
    let single = try Collection(opening: folder.at("train.csv"), as: form)
    #expect(try single.document(id: "100").content == "Bracket strong")
    // What is only in the table of descriptions is a document as well.
    #expect(try single.document(id: "102").content == "cool")
  }

  /// Documents, queries and judgments in tables of their own, as WANDS and ir_datasets have them.
  @Test(arguments: [true, false]) func relatedTables(_ areJSON: Bool) throws {
    let folder = try Material.temporaryFolder()
    if areJSON {
      try folder.put(
        "docs.jsonl",
        "{\"doc_id\": \"a\", \"text\": \"one\"}\n{\"doc_id\": \"b\", \"text\": \"two\"}\n")
      try folder.put("queries.jsonl", "{\"query_id\": \"1\", \"text\": \"which\"}\n")
      try folder.put(
        "qrels.jsonl",
        "{\"query_id\": \"1\", \"doc_id\": \"b\", \"relevance\": 2, \"iteration\": \"0\"}\n")
    } else {
      try folder.put("product.csv", "product_id\tproduct_name\na\tone\nb\ttwo\n")
      try folder.put("query.csv", "query_id\tquery\n1\twhich\n")
      try folder.put("label.csv", "id\tquery_id\tproduct_id\tlabel\n0\t1\tb\tExact\n")
    }
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.documentCount == 2 && collection.queryCount == 1)
    #expect(try collection.document(id: "b").text == "two")
    #expect(try collection.query(id: "1").text == "which")
    #expect(collection.isUnsplit)
    let judgments = try collection.judgments(split: "all")
    #expect(judgments.grades(of: "1") == ["b": areJSON ? 2 : 3])
  }

  /// Queries of each split in a table of their own, one of them in both; documents in shards.
  @Test func severalTablesOfOneKind() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("docs-1.csv", "doc_id,text\na,one\n")
    try folder.put("queries-dev.csv", "query_id,query\n1,which\n2,what\n")
    try folder.put("queries-train.csv", "query_id,query\n2,what\n3,who\n")
    try folder.put("train.csv", "query_id,doc_id,label\n3,a,1\n")
    try folder.put("dev.csv", "query_id,doc_id,label\n1,a,1\n2,a,0\n")
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.splits == ["dev", "train"] && collection.queryCount == 3)
    let texts = try ["1", "2", "3"].map { try collection.query(id: $0).text }
    #expect(texts == ["which", "what", "who"])
    // One table in several files, whose columns may be in another order; a row may be in both.
    try folder.put("docs-2.csv", "text,doc_id\ntwo,b\none,a\n")
    try folder.put("train.csv", "query_id,doc_id,label\n3,a,1\n3,b,2\n")
    let beside = try Collection(opening: folder.at(""))
    #expect(beside.documentCount == 2 && beside.splits == ["dev", "train"])
    #expect(try beside.document(id: "a").text == "one")
    #expect(try beside.document(id: "b").text == "two")
    #expect(try beside.judgments(split: "train").grades(of: "3") == ["a": 1, "b": 2])
    try folder.put("docs-2.csv", "text,doc_id\ntwo,b\nother,a\n")
    let twice = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(twice?.problem.hasPrefix("the id 'a' occurs twice, first in ") == true)
    #expect(twice?.place?.line == 3)
    try folder.put("docs-2.csv", "doc_id,body\nb,two\n")
    let other = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(
      other?.problem.hasSuffix(
        "docs-1.csv has doc_id, text, and \(folder.at("docs-2.csv")) has "
          + "doc_id, body") == true, "\(String(describing: other))")
    #expect(other?.place?.line == 1 && other?.remedy != nil)
    try folder.put("docs-2.csv", "doc_id,text\nb,two\n")
    for name in ["train.csv", "dev.csv"] {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    try folder.put("qrels/test.tsv", "1\tb\t1\n")
    let sharded = try Collection(opening: folder.at(""))
    #expect(sharded.splits == ["test"] && sharded.documentCount == 2)
    #expect(try sharded.document(id: "b").text == "two")
    #expect(try sharded.query(id: "3").text == "who")
    try folder.put("queries-train.csv", "query_id,query\n2,what else\n")
    let changed = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(changed?.problem.hasPrefix("the id '2' occurs twice, first in ") == true)
  }

  /// Titles in the pairs, and their descriptions in several files.
  @Test func joinedDescriptionsInSeveralFiles() throws {
    let folder = try Material.temporaryFolder()
    try folder.put(
      "train.csv", "product_uid,product_title,search_term,relevance\n100,Bracket,angle,3\n")
    try folder.put("descriptions-0.csv", "product_uid,product_description\n101,brown\n")
    try folder.put(
      "descriptions-1.csv", "product_uid,product_description\n102,cool\n100,strong\n")
    var form = CollectionForm()
    (form.columns.title, form.columns.document) = ("product_title", "product_description")
    let collection = try Collection(opening: folder.at(""), as: form)
    #expect(collection.documentCount == 3)
    #expect(try collection.document(id: "100").content == "Bracket strong")
    #expect(try collection.document(id: "101").content == "brown")
    #expect(try collection.document(id: "102").content == "cool")
  }

  /// Numbered files are parts of one table; their names are a split where they say one.
  @Test(arguments: [
    ("part-0.csv", "part-1.csv", ["all"], "whatever"),
    ("part-0-of-2.csv", "part-1-of-2.csv", ["all"], "a"),
    ("shop-01.csv", "shop-02.csv", ["shop"], "shop"),
    ("train_1.csv", "train_2.csv", ["train"], "train"),
  ]) func numberedParts(first: String, second: String, splits: [String], split: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put(first, "query,document,label\nwhich,one,1\n")
    try folder.put(second, "label,query,document\n0,which,two\n2,who,one\n")
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.splits == splits && collection.documentCount == 2)
    #expect(collection.queryCount == 2)
    let judgments = try collection.judgments(split: split)
    #expect(judgments.count == 3)
    try folder.put(second, "query,document,grad\nwhich,two,0\n")
    let other = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(other?.problem.contains("has query, document, grad") == true)
    #expect(other?.place == Place(folder.at(second), line: 1))
  }

  /// Years are the names of splits as before.
  @Test func numbersAlone() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("2023.csv", "query,document,label\nwhich,one,1\n")
    try folder.put("2024.csv", "query,document,label\nwho,two,1\n")
    let collection = try Collection(opening: folder.at(""))
    #expect(collection.splits == ["2023", "2024"])
  }

  @Test func judgmentsInATable() throws {
    let judgments = try Judgments(
      file("query_id,doc_id,relevance\n1,b,2\n1,c,0\n", "qrels.csv"))
    #expect(judgments.grades(of: "1") == ["b": 2, "c": 0])
  }
}
