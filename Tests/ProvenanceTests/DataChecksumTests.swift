import JSON
import Provenance
import Testing

@Suite struct DataChecksumTests {
  @Test func inputsOfARecipe() throws {
    let judged = try recipe(
      """
      model: { base: m }
      data:
        train: { collection: c, split: train, candidates: c.run, teacher: t.run }
        dev: { collection: c, split: dev }
      warm_up: { teacher: w.run, neighbours_from: n.run }
      loss: softmax
      output: o
      """)
    let expected: [(String, RunInput)] = [
      ("model", .model("m")), ("train.collection", .collection("c", split: "train")),
      ("train.candidates", .file("c.run")), ("train.teacher", .file("t.run")),
      ("dev.collection", .collection("c", split: "dev")), ("warm_up.teacher", .file("w.run")),
      ("warm_up.neighbours", .file("n.run")),
    ]
    #expect(judged.inputs.map(\.role) == expected.map(\.0))
    #expect(judged.inputs.map(\.input) == expected.map(\.1))
  }

  @Test func inputsOfLists() throws {
    let lists = try recipe(
      """
      model: { base: m }
      data:
        train: { lists: l.jsonl, collection: c, weights: { propensities: p.tsv } }
      loss: softmax
      output: o
      """)
    #expect(
      lists.inputs.map(\.role) == [
        "model", "train.lists", "train.collection", "train.propensities",
      ])
    #expect(lists.inputs[2].input == .collection("c", split: nil))
  }

  @Test func filesOfEveryKind() throws {
    let files = try Files()
    try files.write("a.run", "abc")
    try files.writeCollection("shop")
    try files.write("model/config.json", "abc")
    try files.write("model/vocab.txt", "abc")
    try files.write("model/notes.txt", "not read")
    let checksums = DataChecksums([
      ("run", .file(files.path("a.run"))),
      ("train.collection", .collection(files.path("shop"), split: "train")),
      ("model", .model(files.path("model"))), ("gone", .file(files.path("gone"))),
      ("none", .collection(files.path("model"), split: nil)),
    ])
    #expect(
      checksums.json["run"] == ["path": .text(files.path("a.run")), "sha256": .text(sha256OfABC)])
    let collection = checksums.json["train.collection"]?["files"]?.members
    #expect(
      collection?.keys.sorted() == ["corpus.jsonl", "qrels/train.tsv", "queries.jsonl"],
      "the judgments of other splits are not read")
    #expect(
      checksums.json["model"]?["files"]
        == ["config.json": .text(sha256OfABC), "vocab.txt": .text(sha256OfABC)])
    #expect(checksums.json["gone"] == ["path": .text(files.path("gone")), "missing": true])
    #expect(checksums.json["none"] == ["path": .text(files.path("model")), "missing": true])
  }

  @Test func changes() throws {
    let files = try Files()
    try files.write("a.run", "abc")
    try files.writeCollection("shop")
    let inputs: [(role: String, input: RunInput)] = [
      ("train.candidates", .file(files.path("a.run"))),
      ("dev.collection", .collection(files.path("shop"), split: "dev")),
    ]
    let before = DataChecksums(inputs)
    #expect(DataChecksums(inputs).changes(since: before.json).isEmpty)
    try files.writeCollection("shop", text: "another text")
    try files.write("a.run", "abd")
    // A key that was not known then cannot have changed.
    let now = DataChecksums(inputs + [("test.candidates", .file(files.path("a.run")))])
    let changes = now.changes(since: before.json)
    #expect(changes.map(\.role) == ["dev.collection", "train.candidates"])
    #expect(
      changes.map(\.file) == [files.path("shop") + "/corpus.jsonl", files.path("a.run")])
    #expect(changes[1].before == sha256OfABC && changes[1].now != sha256OfABC)
    let gone = DataChecksums([("train.candidates", .file(files.path("b.run")))])
    let moved = gone.changes(since: ["train.candidates": before.json["train.candidates"] ?? .null])
    #expect(
      moved.map(\.text) == [
        "\(files.path("a.run")) (train.candidates): SHA-256 was \(sha256OfABC), is missing"
      ])
  }

  @Test func textsOfACollection() throws {
    let files = try Files()
    try files.writeCollection("shop")
    let texts = DataChecksums.texts(ofCollection: files.path("shop"))
    #expect(
      texts.keys.sorted()
        == ["corpus.jsonl", "queries.jsonl"].map { files.path("shop") + "/" + $0 })
    #expect(DataChecksums.texts(ofCollection: files.path("none")).isEmpty)
  }
}
