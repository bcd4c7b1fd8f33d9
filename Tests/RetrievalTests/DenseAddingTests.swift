import Corpora
import Diagnostics
import Foundation
import Options
import TestSupport
import Testing

import Retrieval

@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct DenseAddingTests {
  /// A collection of 100 documents, and the index of the first 60 of them.
  private func grown(_ factory: String = "Flat") throws -> DenseFixture {
    let fixture = try DenseFixture(documents: 100)
    try fixture.write(Array(fixture.texts.prefix(60)), to: "before")
    try DenseIndex.build(
      fixture.collection("before"), fixture.options(factory), with: fixture.embedding,
      at: fixture.path("index"))
    return fixture
  }

  private func add(_ fixture: DenseFixture, _ name: String = "corpus") throws -> IndexManifest {
    try DenseIndex.add(
      fixture.collection(name), toIndexAt: fixture.path("index"), with: fixture.embedding)
  }

  private func files(_ fixture: DenseFixture, _ name: String = "index") throws -> [Data] {
    try ["index.faiss", "ids.txt", "index.json"].map { try fixture.bytes("\(name)/\($0)") }
  }

  @Test func equalsOneFromScratch() throws {
    let fixture = try grown()
    let manifest = try add(fixture)
    #expect(manifest.documents == 100)
    _ = try fixture.built(at: "scratch")
    #expect(try files(fixture) == files(fixture, "scratch"))
  }

  @Test(arguments: ["HNSW8", "IVF4,Flat"])
  func findsOldAndNew(_ factory: String) throws {
    let fixture = try grown(factory)
    _ = try add(fixture)
    let index = try DenseIndex(
      opening: fixture.path("index"), with: fixture.embedding,
      searching: factory.hasPrefix("IVF")
        ? DenseSearchOptions(probes: 4) : DenseSearchOptions(graphCandidates: 100))
    let queries = fixture.texts.map { Query(id: $0, text: $0) }
    let found = try index.search(queries, depth: 1)
    #expect(found.map { $0.first?.document } == (0..<100).map { "d\($0)" })
    try index.verify(against: fixture.collection())
  }

  @Test func nothingNew() throws {
    let fixture = try grown()
    let before = try files(fixture)
    #expect(try add(fixture, "before").documents == 60)
    #expect(try files(fixture) == before)
  }

  /// Whatever goes wrong, the index stays as it was, and nothing is left beside it.
  @Test func allOrNothing() throws {
    var fixture = try grown()
    let before = try files(fixture)
    var texts = fixture.texts
    texts[3] = "another text"
    try fixture.write(texts, to: "changed")
    try fixture.write(Array(fixture.texts.prefix(59)), to: "shorter")
    for name in ["changed", "shorter"] {
      let failure = #expect(throws: Failure.self) { try add(fixture, name) }
      #expect(failure?.kind == .badData)
    }
    fixture.embedding.failing = "text 99"
    let failure = #expect(throws: Failure.self) { try add(fixture) }
    #expect(failure?.problem == "the model stumbled")
    #expect(try files(fixture) == before)
    let names = try FileManager.default.contentsOfDirectory(atPath: fixture.path(""))
    #expect(names.sorted() == ["before", "changed", "corpus", "index", "shorter"])
  }
}
