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
  @Test(arguments: ["utf16", "crlf", "semicolon", "tab", "jsonl", "gz", "zst", "bz2", "xz", "zip"])
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
    case "jsonl":
      name = "shop.jsonl"
      try folder.put(
        name,
        #"""
        {"search_term": "red shoes", "product_title": "Shoes, red", "relevance": 3, "product_uid": 7}
        {"relevance": "1", "search_term": "red shoes", "product_title": "a \"small\" lamp", "product_uid": 8}

        {"search_term": "lamp", "product_title": "a \"small\" lamp", "relevance": 2.67, "product_uid": "8"}
        """#)
    case "zip":
      name = "shop.zip"
      try shell(
        "python3 -c 'import zipfile; zipfile.ZipFile(\"shop.zip\", \"w\").write(\"shop.csv\")'",
        in: folder)
    default:
      let tools = ["gz": "gzip", "zst": "zstd -q --rm", "bz2": "bzip2", "xz": "xz"]
      let tool = try #require(tools[kind])
      guard Material.hasProgram(String(tool.prefix { $0 != " " })) else { return }
      try shell("\(tool) shop.csv", in: folder)
      name += "." + kind
    }
    let collection = try Collection(opening: folder.at(name))
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
    try folder.put("docs-2.csv", "doc_id,text\nb,two\n")
    let several = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(several?.problem.contains("docs-1.csv, ") == true && several?.remedy != nil)
    for name in ["train.csv", "dev.csv"] {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    try folder.put("qrels/test.tsv", "1\tb\t1\n")
    let sharded = try Collection(opening: folder.at(""))
    #expect(sharded.splits == ["test"] && sharded.documentCount == 2)
    #expect(try sharded.document(id: "b").text == "two")
    #expect(try sharded.query(id: "3").text == "who")
    try folder.put("queries-train.csv", "query_id,query\n2,what else\n")
    let other = #expect(throws: Failure.self) { try Collection(opening: folder.at("")) }
    #expect(other?.problem.hasPrefix("the id '2' occurs twice, first in ") == true)
  }

  @Test func judgmentsInATable() throws {
    let judgments = try Judgments(
      file("query_id,doc_id,relevance\n1,b,2\n1,c,0\n", "qrels.csv"))
    #expect(judgments.grades(of: "1") == ["b": 2, "c": 0])
  }
}
