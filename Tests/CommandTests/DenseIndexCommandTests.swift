import Foundation
import Retrieval
import TestSupport
import Testing

/// `ltr index` with an index of the kind `dense`.
@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct DenseIndexCommandTests {
  /// A fixture with a built index.
  private func built(_ options: String = "") throws -> Program {
    let program = try Program()
    try program.writeFixture()
    let result = try program(
      "index build --kind dense --collection shop --model model --output index \(options)")
    #expect(result.code == 0, "\(result.errors)")
    return program
  }

  private let search = "index search --index index --collection shop --split test"

  /// The documents of a run by query, best first, and their scores.
  private func ranking(_ text: String) -> [String: [(document: String, score: Double)]] {
    text.split(separator: "\n").reduce(into: [:]) { ranking, line in
      let fields = line.split(separator: " ").map(String.init)
      ranking[fields[0], default: []].append((fields[2], Double(fields[4]) ?? .nan))
    }
  }

  @Test func buildsSearchesAndDescribes() throws {
    let program = try built("--precision f32")
    #expect(try program("\(search) --precision f32 --output dense.run").code == 0)
    let found = ranking(try program.read("dense.run"))
    #expect(found.mapValues(\.count) == ["q1": 4, "q2": 4])
    for answer in found.values {
      #expect(answer.allSatisfy { abs($0.score) <= 1.00001 }, "cosines")
    }
    let info = try program("index info index --json").json()
    #expect(info["index_kind"] as? String == "dense" && info["documents"] as? Int == 4)
    let options = try #require(info["options"] as? [String: String])
    #expect(options["model"] == "model" && options["factory"] == "Flat")
    #expect(options["max_length"] == "24" && options["precision"] == "f32")
    #expect(try program("\(search) --depth 1 --output top.run").code == 0)
    let top = ranking(try program.read("top.run"))
    #expect(top.mapValues { $0.map(\.document) } == found.mapValues { [$0[0].document] })
  }

  @Test func promptsAndLengthAreTheIndexs() throws {
    let options = ["--max-length", "9", "--query-prompt", "open the ", "--document-prompt", "a "]
    let program = try Program()
    try program.writeFixture()
    let build = "index build --kind dense --collection shop --model model --precision f32 --output"
      .split(separator: " ").map(String.init)
    #expect(try program(build + ["index"] + options).code == 0)
    // The same, with the prompts in the texts themselves.
    for name in ["corpus", "queries"] {
      let text = try program.read("shop/\(name).jsonl")
      try program.write(
        "prompted/\(name).jsonl",
        name == "queries"
          ? text.replacing(#""text": ""#, with: #""text": "open the "#)
          : text.replacing(#""title": ""#, with: #""title": "a "#))
    }
    try program.write("prompted/qrels/test.tsv", program.read("shop/qrels/test.tsv"))
    #expect(
      try program(
        "index build --kind dense --collection prompted --model model --precision f32 "
          + "--max-length 9 --output other"
      ).code == 0)
    #expect(try program("\(search) --precision f32 --output a.run").code == 0)
    #expect(
      try program(
        "index search --index other --collection prompted --split test --precision f32 --output b.run"
      ).code == 0)
    #expect(try program.read("a.run") == program.read("b.run"))
    let plain = try program(build + ["plain"])
    #expect(plain.code == 0)
    #expect(
      try program(
        "index search --index plain --collection shop --split test --precision f32 --output c.run"
      ).code == 0)
    #expect(try program.read("a.run") != program.read("c.run"))
  }

  @Test func addsNewDocuments() throws {
    let program = try built("--precision f32")
    let corpus = try program.read("shop/corpus.jsonl")
    let more = #"{"_id": "d5", "title": "Water", "text": "how to boil water"}"# + "\n"
    try program.write("shop/corpus.jsonl", corpus + more)
    let early = try program("\(search) --output early.run")
    #expect(early.code == 65 && early.errors.contains("--add"))
    let given = try program("index build --add --model model --collection shop --output index")
    #expect(given.code == 64)
    let added = try program("index build --add --collection shop --output index")
    #expect(added.code == 0, "\(added.errors)")
    #expect(try program("\(search) --precision f32 --depth 2 --output late.run").code == 0)
    let late = ranking(try program.read("late.run"))
    #expect(late["q2"]?.first?.document == "d5", "the query's own words")
  }

  @Test func listsAndGraphs() throws {
    let program = try built("--factory IVF2,Flat")
    #expect(try program("\(search) --nprobe 2 --output all.run").code == 0)
    #expect(ranking(try program.read("all.run")).mapValues(\.count) == ["q1": 4, "q2": 4])
    let graph = try program("\(search) --ef-search 9 --output graph.run")
    #expect(graph.code == 64 && graph.errors.contains("efSearch"))
    let many = try program(
      "index build --kind dense --factory IVF9,Flat --collection shop --model model --output many")
    #expect(many.code == 64 && many.errors.contains("cannot be trained on 4 documents"))
  }

  @Test func anIndexMadeElsewhere() throws {
    let program = try built("--precision f32")
    try program.write("there/ids.txt", program.read("index/ids.txt"))
    try FileManager.default.copyItem(
      at: program.folder.appending(path: "index/index.faiss"),
      to: program.folder.appending(path: "there/index.faiss"))
    let search = "index search --index there --collection shop --split test --precision f32"
    let nameless = try program("\(search) --output there.run")
    #expect(nameless.code == 64 && nameless.errors.contains("--model"))
    let result = try program("\(search) --model model --output there.run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try program("\(self.search) --precision f32 --output here.run").code == 0)
    #expect(try program.read("there.run") == program.read("here.run"))
    try FileManager.default.removeItem(at: program.folder.appending(path: "there/ids.txt"))
    #expect(try program("\(search) --model model --overwrite --output there.run").code == 66)
  }

  @Test func aModelThatHasMoved() throws {
    let program = try built()
    try FileManager.default.moveItem(
      at: program.folder.appending(path: "model"), to: program.folder.appending(path: "moved"))
    let gone = try program("\(search) --output a.run")
    #expect(gone.code == 66 && gone.errors.contains("--model"))
    #expect(try program("index info index").code == 0)
    #expect(try program("\(search) --model moved --output a.run").code == 0)
  }

  @Test func optionsThatDoNotFit() throws {
    let program = try built()
    let build = "index build --collection shop --output other"
    let modelless = try program("\(build) --kind dense")
    #expect(modelless.code == 64 && modelless.errors.contains("--model"))
    let keyword = try program("\(build) --kind bm25 --factory Flat")
    #expect(keyword.code == 64)
    #expect(keyword.errors.contains("--factory is for an index of the kind 'dense', not 'bm25'"))
    // FAISS crashes or never ends building NSG of few documents, and never ends with one neighbour.
    for name in ["Best", "NSG4,Flat", "IVF2_NSG4,Flat", "HNSW1", "IDMap,Flat"] {
      let factory = try program("\(build) --kind dense --model model --factory \(name)")
      #expect(factory.code == 64 && factory.errors.contains("'\(name)'"), "\(factory.errors)")
    }
    for length in ["2", "25"] {
      let result = try program("\(build) --kind dense --model model --max-length \(length)")
      #expect(result.code == 64 && result.errors.contains("from 3 to 24"))
    }
  }

  /// What would end FAISS, and the program with it, is said to be damaged.
  @Test func aDamagedIndexMadeElsewhere() throws {
    let program = try built("--factory HNSW4")
    try program.write("foreign/ids.txt", "d1\nd2\nd3\nd4\n")
    let whole = try Data(contentsOf: program.folder.appending(path: "index/index.faiss"))
    // The graph's settings lie before the vectors: where it is entered comes first.
    let vectors = try #require(whole.range(of: Data("IxFI".utf8)))
    let entry = vectors.lowerBound - 20
    let file = program.folder.appending(path: "foreign/index.faiss")
    let command =
      "index search --index foreign --collection shop --model model --split test --output a.run"
    for (place, problem) in [(entry, "entry point"), (entry - 8, "invalid neighbour")] {
      var damaged = whole
      damaged.replaceSubrange(place..<place + 4, with: [0xff, 0xff, 0xff, 0x7f])
      try damaged.write(to: file)
      let result = try program(command)
      #expect(result.code == 65, "\(result.errors)")
      #expect(result.errors.contains("error: the index is damaged: "))
      #expect(result.errors.contains(problem) && result.errors.contains("foreign/index.faiss"))
    }
    try whole.write(to: file)
    #expect(try program(command).code == 0)
  }

  /// An index that an early version built names no checksum of its vectors.
  @Test func anIndexWithoutAChecksum() throws {
    let program = try built("--factory HNSW4")
    let manifest = try program.read("index/index.json")
    let old = manifest.split(separator: "\n").filter { !$0.contains("\"file_checksum\"") }
    try program.write("index/index.json", old.joined(separator: "\n") + "\n")
    let result = try program("\(search) --output a.run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("warning: index: no checksum is stored for index.faiss"))
    let added = try program("index add-checksums index")
    #expect(added.code == 0 && added.output == "added: index.faiss\n")
    #expect(try program.read("index/index.json") == manifest)
    #expect(try !program("\(search) --output b.run").errors.contains("warning: index"))
  }
}
