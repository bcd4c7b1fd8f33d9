import Foundation
import TestSupport
import Testing

/// From a shop's table, in Latin-1, to a model; and the layouts of others where a collection or lists
/// are named.
@Suite struct TableCommandTests {
  private static func table(_ rows: [String]) -> String {
    "suchwort,artikel,marke,note,nr\n" + rows.joined(separator: "\n") + "\n"
  }

  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    for (name, rows) in [
      (
        "train.csv",
        [
          "how to restore a file?,\"open, the trash\",Müller,gut,1",
          "how to restore a file?,a cat a dog,,schlecht,2", "boil water,boil the water,,gut,3",
          "boil water,a cat a dog,,schlecht,2",
        ]
      ),
      ("dev.csv", ["the dog,a cat a dog,,gut,2", "the dog,boil the water,,schlecht,3"]),
    ] {
      try program.write(name, "")
      let data = try #require(Self.table(rows).data(using: .windowsCP1252))
      try data.write(to: program.folder.appending(path: name))
    }
    return program
  }

  private static let columns =
    "columns: { query: suchwort, document: \"{artikel} {marke}\", label: note, id: nr }, "
    + "labels: { gut: 1, schlecht: 0 }"

  private static let options = [
    "--column", "query=suchwort", "--column", "document={artikel} {marke}", "--column",
    "label=note", "--column", "id=nr", "--label", "gut=1", "--label", "schlecht=0",
  ]

  private func recipe(_ dev: String = "dev.csv") -> String {
    """
    model: { base: model, max_length: 24 }
    data:
      train: { collection: train.csv, \(Self.columns), encoding: windows-1252 }
      dev: { collection: \(dev), candidates: dev.run, \(Self.columns), encoding: windows-1252 }
      list: { size: 2, negatives: [judged, random] }
    loss: softmax
    training: { epochs: 1, batch: { lists: 1 }, workers: 1, precision: f32 }
    output: run

    """
  }

  #if BM25
    private static let hasBM25 = true
  #else
    private static let hasBM25 = false
  #endif

  @Test(.enabled(if: hasBM25, "built without the trait BM25"))
  func fromATableToAModel() throws {
    let program = try program()
    let inspected = try program(["inspect", "train.csv", "--json"] + Self.options)
    #expect(inspected.code == 0, "\(inspected.errors)")
    let facts = try inspected.json()
    #expect(facts["kind"] as? String == "collection" && facts["layout"] as? String == "table")
    #expect(facts["documents"] as? Int == 3 && facts["queries"] as? Int == 2)
    #expect(inspected.errors.contains("its likely encoding"), "\(inspected.errors)")
    let built = try program(
      ["index", "build", "--collection", "dev.csv", "--output", "index", "--kind", "bm25"]
        + Self.options)
    #expect(built.code == 0, "\(built.errors)")
    let found = try program(
      [
        "index", "search", "--index", "index", "--collection", "dev.csv", "--split", "dev",
        "--output", "dev.run",
      ] + Self.options)
    #expect(found.code == 0, "\(found.errors)")
    try program.write("recipe.yaml", recipe())
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    try program.write("resolved.yaml", dry.output)
    #expect(try program("train resolved.yaml --dry-run").output == dry.output)
    let run = try program("train recipe.yaml --json")
    #expect(run.code == 0, "\(run.errors)")
    let record = try String(
      contentsOf: program.folder.appending(path: "run/data.json"), encoding: .utf8)
    #expect(record.contains("train.csv") && record.contains("sha256"))
    // The report reads the texts as training did.
    #expect(try program.read("run/report.html").contains(": the dog</th>"))
  }

  /// A message names the file as the user did.
  @Test func placesOfFilesInTheCurrentFolder() throws {
    let program = try Program()
    try program.write("shop.csv", "query,document,label\nboots,Boot,high\n")
    let result = try program("inspect shop.csv")
    #expect(result.code == 65 && result.errors.contains("at: shop.csv:2:12"), "\(result.errors)")
    try program.write("shop.csv", "")
    let empty = try program("inspect shop.csv")
    #expect(empty.code == 65 && empty.errors.contains("the file is empty"), "\(empty.errors)")
  }

  @Test func aTableIsNotBothTrainAndDev() throws {
    let program = try program()
    try program.write(
      "recipe.yaml", recipe("train.csv").replacing("candidates: dev.run, ", with: ""))
    let result = try program("train recipe.yaml --dry-run")
    #expect(result.code == 65)
    #expect(
      result.errors.contains("the table has no splits, and is named for 'train' and for 'dev'"),
      "\(result.errors)")
  }

  @Test(arguments: [
    (["--column", "qery=x"], "--column qery=x names no column"),
    (["--column", "query"], "--column query names no column"),
    (["--label", "E=high"], "--label E=high gives no grade"),
  ])
  func malformedOptions(_ options: [String], problem: String) throws {
    let program = try program()
    let result = try program(["inspect", "train.csv"] + options)
    #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
  }

  @Test func listsOfOtherPrograms() throws {
    let program = try program()
    try program.write(
      "flag.jsonl",
      """
      {"query": "restore a file", "pos": ["open the trash"], "neg": ["a cat", "boil the water"]}
      {"query": "boil water", "pos": ["boil the water"], "neg": ["a dog"]}

      """)
    let inspected = try program("inspect flag.jsonl --json")
    #expect(inspected.code == 0, "\(inspected.errors)")
    #expect(try inspected.json()["kind"] as? String == "lists")
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data: { train: { lists: flag.jsonl } }
      loss: softmax
      training: { epochs: 1, batch: { lists: 1 }, workers: 1, precision: f32 }
      output: run

      """)
    let run = try program("train recipe.yaml --dry-run")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("2 lists with 5 documents from flag.jsonl"), "\(run.errors)")
  }
}
