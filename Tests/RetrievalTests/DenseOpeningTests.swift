import Corpora
import Diagnostics
import Foundation
import Options
import TestSupport
import Testing

import Retrieval

/// Mistakes in what is built and opened, and indexes that other programs made.
@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct DenseOpeningTests {
  private func failure(_ body: () throws -> Void) throws -> Failure {
    try #require(#expect(throws: Failure.self) { try body() })
  }

  @Test func corruptFiles() throws {
    let fixture = try DenseFixture(documents: 50)
    _ = try fixture.built()
    let file = fixture.folder.appending(path: "index/index.faiss")
    let whole = try Data(contentsOf: file)
    var flipped = whole
    flipped[whole.count / 2] ^= 1
    for data in [flipped, whole.prefix(1000), Data(), Data("junk".utf8)] {
      try data.write(to: file)
      let failure = try failure {
        _ = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
      }
      #expect(failure.kind == .badData && failure.place?.file == fixture.path("index/index.faiss"))
      #expect(failure.problem.contains("checksum"))
    }
    try FileManager.default.removeItem(at: file)
    let failure = try failure {
      _ = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
    }
    #expect(failure.kind == .missingInput)
  }

  @Test func idsThatAreTooFew() throws {
    let fixture = try DenseFixture(documents: 50)
    _ = try fixture.built()
    try Data("d0\nd1\n".utf8).write(to: fixture.folder.appending(path: "index/ids.txt"))
    let failure = try failure {
      _ = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
    }
    #expect(failure.kind == .badData && failure.problem.contains("2 ids, 50 documents"))
  }

  @Test func anotherModel() throws {
    let fixture = try DenseFixture(documents: 50)
    _ = try fixture.built()
    let wide = try failure {
      _ = try DenseIndex(opening: fixture.path("index"), with: ToyEmbedding(width: 24))
    }
    #expect(wide.kind == .badData)
    #expect(wide.problem == "dimension mismatch: index 16, model 24")
    let other = try failure {
      _ = try DenseIndex(opening: fixture.path("index"), with: ToyEmbedding(seed: 2))
    }
    #expect(other.kind == .badData && other.problem.contains("differs from the one"))
    let unsearched = try DenseIndex(opening: fixture.path("index"), with: nil)
    #expect(unsearched.manifest.documents == 50)
    #expect(throws: Failure.self) { try unsearched.search(DenseFixture.queries(1), depth: 1) }
  }

  @Test func anotherCorpus() throws {
    let fixture = try DenseFixture(documents: 50)
    let index = try fixture.built()
    try index.verify(against: fixture.collection())
    var texts = fixture.texts
    texts[49] += "!"
    try fixture.write(texts, to: "changed")
    try fixture.write(fixture.texts + ["more"], to: "longer")
    for name in ["changed", "longer"] {
      let failure = try failure { try index.verify(against: fixture.collection(name)) }
      #expect(failure.kind == .badData)
    }
  }

  /// Among them those that FAISS would crash on, never end or not be able to fill.
  @Test(arguments: [
    "Nonsense", "PQ5", "", "IVF0,Flat", "HNSW0", "HNSW1", "HNSW01,Flat", "NSG32,Flat",
    "IVF2_NSG8,Flat", "IDMap,Flat", "ZnLattice4x8_2",
  ])
  func descriptionsThatCannotBeBuilt(_ factory: String) throws {
    let fixture = try DenseFixture(documents: 20)
    let failure = try failure { _ = try fixture.built(factory) }
    #expect(failure.kind == .usage, "\(failure)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path("")) == ["corpus"])
  }

  @Test func tooFewDocumentsToLearnFrom() throws {
    let fixture = try DenseFixture(documents: 20)
    let failure = try failure { _ = try fixture.built("IVF64,Flat") }
    #expect(failure.kind == .usage && failure.problem.contains("cannot be trained on 20 documents"))
    #expect(failure.expected?.contains("64") ?? false)
  }

  /// With fewer than a vector has numbers, FAISS would damage its heap.
  @Test(arguments: [("OPQ4,PQ4x2", 16, 255, 256), ("OPQ4,PQ4x2", 300, 299, 300)])
  func rotationsNeedAsManyDocumentsAsNumbers(
    _ factory: String, _ width: Int, _ few: Int, _ least: Int
  ) throws {
    var fixture = try DenseFixture(documents: few)
    fixture.embedding = ToyEmbedding(width: width)
    let failure = try failure { _ = try fixture.built(factory) }
    #expect(failure.kind == .usage)
    #expect(failure.problem == "the index '\(factory)' cannot be trained on \(few) documents")
    #expect(failure.expected == "\(least) documents or more for OPQ")
  }

  @Test func rotationsAreLearned() throws {
    let fixture = try DenseFixture(documents: 256)
    let index = try fixture.built("OPQ4,PQ4x2")
    #expect(try index.search(DenseFixture.queries(2), depth: 3).map(\.count) == [3, 3])
  }

  @Test func searchOptionsOfAnotherIndex() throws {
    let fixture = try DenseFixture(documents: 20)
    let probes = try failure {
      _ = try fixture.built(searching: DenseSearchOptions(probes: 4))
    }
    #expect(probes.kind == .usage && probes.problem.contains("nprobe"))
    for options in [DenseSearchOptions(graphCandidates: 9), DenseSearchOptions(probes: 0)] {
      let failure = try failure {
        _ = try DenseIndex(
          opening: fixture.path("index"), with: fixture.embedding, searching: options)
      }
      #expect(failure.kind == .usage)
    }
  }

  @Test func embeddingsThatAreNoNumbers() throws {
    let fixture = try DenseFixture(texts: ["one", "not a number"])
    let building = try failure { _ = try fixture.built() }
    #expect(building.kind == .badData && building.problem.contains("document 'd1'"))
    let sound = try DenseFixture(documents: 3)
    let index = try sound.built()
    let searching = try failure {
      _ = try index.search([Query(id: "q7", text: "not a number")], depth: 1)
    }
    #expect(searching.problem.contains("query 'q7'"))
  }

  @Test func anIndexThatIsThere() throws {
    let fixture = try DenseFixture(documents: 3)
    _ = try fixture.built()
    let failure = try failure { _ = try fixture.built() }
    #expect(failure.kind == .cannotCreate)
    try DenseIndex.build(
      fixture.collection(), fixture.options("HNSW8"), with: fixture.embedding,
      at: fixture.path("index"), overwrite: true)
    #expect(try DenseOptions(of: fixture.path("index")).factory == "HNSW8")
  }
}

/// Indexes that FAISS's Python package wrote: see `Fixtures/README.md`.
@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct ForeignIndexTests {
  private struct Expected: Decodable {
    struct Nearest: Decodable {
      let numbers: [[Int]]
      let scores: [[Double]]
    }

    let vectors: [Float]
    let queries: [Float]
    let products: Nearest
    let distances: Nearest
  }

  /// Queries by their numbers.
  private struct Listed: TextEmbedding {
    let width = 8
    let rows: [Float]

    func embed(
      _ texts: [String], as role: TextRole, progress: (@Sendable (Double) -> Void)?
    ) throws(Failure) -> [Float] {
      texts.flatMap { text in
        let row = Int(text) ?? 0
        return rows[row * width..<(row + 1) * width]
      }
    }
  }

  private let expected: Expected
  private let embedding: Listed
  private let folder = Material.package.appending(path: "Tests/RetrievalTests/Fixtures")
  private let temporary: URL

  init() throws {
    expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder.appending(path: "faiss.json")))
    embedding = Listed(rows: expected.queries)
    temporary = try Material.temporaryFolder()
  }

  private func ids(_ name: String = "ids.txt", _ text: String? = nil) throws -> String {
    let url = temporary.appending(path: name)
    let lines = (0..<60).map { "doc-\($0)\n" }.joined()
    try Data((text ?? lines).utf8).write(to: url)
    return url.path(percentEncoded: false)
  }

  private func open(
    _ name: String, _ identifiers: String, _ options: DenseSearchOptions = DenseSearchOptions()
  ) throws -> DenseIndex {
    try DenseIndex(
      opening: folder.appending(path: "\(name).faiss").path(percentEncoded: false),
      identifiers: identifiers, with: embedding, searching: options)
  }

  @Test func readsWhatPythonWrote() throws {
    let queries = (0..<5).map { Query(id: "q\($0)", text: "\($0)") }
    let cases = [
      ("flat", expected.products, DenseSearchOptions()),
      ("hnsw", expected.distances, DenseSearchOptions(graphCandidates: 60)),
      ("ivf", expected.products, DenseSearchOptions(probes: 2)),
    ]
    let json = try ids(
      "ids.json", #"["\#((0..<60).map { "doc-\($0)" }.joined(separator: #"",""#))"]"#)
    for (name, nearest, options) in cases {
      for list in [try ids(), json] {
        let index = try open(name, list, options)
        let found = try index.search(queries, depth: 5)
        #expect(index.isForeign && index.manifest.documents == 60)
        #expect(
          found.map { $0.map(\.document) } == nearest.numbers.map { $0.map { "doc-\($0)" } },
          "\(name)")
        for (found, score) in zip(found.joined(), nearest.scores.joined()) {
          #expect(abs(found.score - score) < 1e-4, "\(name)")
        }
      }
    }
  }

  @Test func numbersInAJSONList() throws {
    let list = try ids("ids.json", "[\((100..<160).map(String.init).joined(separator: ", "))]")
    #expect(try open("flat", list).documentID(at: 7) == "107")
  }

  @Test func mistakes() throws {
    let cases: [(String, String, String)] = try [
      ("flat", ids("few.txt", "a\nb\n"), "60 vectors, 2 ids"),
      ("flat", ids("twice.txt", "a\nb\na\n"), "occurs twice"),
      ("flat", ids("empty.txt", "a\n\nb\n"), "an id is empty"),
      ("flat", ids("object.json", "{}"), "not a list of ids"),
      ("l1", ids(), "neither inner products nor L2 distances"),
      // Its vectors have numbers of their own, which no list of ids goes with.
      ("idmap", ids(), "vector number 1000 is out of range: the index has 60 vectors"),
    ]
    for (name, list, problem) in cases {
      let failure = #expect(throws: Failure.self) { _ = try open(name, list) }
      #expect(failure?.kind == .badData)
      #expect(failure?.problem.contains(problem) ?? false, "\(failure.map { "\($0)" } ?? "")")
    }
  }

  /// A file that is cut short anywhere, or says that it holds more than it does, is refused without
  /// taking the memory for it.
  @Test func cutShort() throws {
    let list = try ids()
    for name in ["flat", "hnsw", "ivf"] {
      let whole = try Data(contentsOf: folder.appending(path: "\(name).faiss"))
      let file = temporary.appending(path: "cut.faiss")
      for count in stride(from: 0, to: whole.count - 1, by: 37) {
        try whole.prefix(count).write(to: file)
        let failure = #expect(throws: Failure.self, "\(name) of \(count) bytes") {
          _ = try DenseIndex(
            opening: file.path(percentEncoded: false), identifiers: list, with: embedding)
        }
        #expect(failure?.kind == .badData)
      }
    }
    // The length of the vectors of a flat index: 60 · 8 · 4 bytes, as a number of floats.
    var flat = try Data(contentsOf: folder.appending(path: "flat.faiss"))
    let length = flat.count - 60 * 8 * 4 - 8
    flat.replaceSubrange(length..<length + 8, with: [0, 0, 0, 0, 0x40, 0, 0, 0])
    let file = temporary.appending(path: "long.faiss")
    try flat.write(to: file)
    let failure = #expect(throws: Failure.self) {
      _ = try DenseIndex(
        opening: file.path(percentEncoded: false), identifiers: list, with: embedding)
    }
    #expect(failure?.problem == "the index file is truncated")
  }

  @Test func documentsThatTheCollectionLacks() throws {
    let fixture = try DenseFixture(documents: 60)
    let index = try open("flat", ids("d.txt", (0..<60).reversed().map { "d\($0)\n" }.joined()))
    try index.verify(against: fixture.collection())
    let other = try open("flat", ids())
    #expect(throws: Failure.self) { try other.verify(against: fixture.collection()) }
  }
}
