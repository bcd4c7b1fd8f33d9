import Corpora
import Diagnostics
import Foundation
import Options
import TestSupport
import Testing

import Retrieval

@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct DenseIndexTests {
  /// Blocks of queries are full, partly full, and of one; depths are below and beyond the corpus.
  @Test func flatEqualsExactProducts() throws {
    let fixture = try DenseFixture(documents: 500)
    let index = try fixture.built()
    let queries = DenseFixture.queries(70)
    for depth in [1, 10, 499, 500, 2000] {
      #expect(try index.search(queries, depth: depth) == fixture.exact(queries, depth: depth))
    }
    #expect(try index.search([], depth: 10).isEmpty)
    #expect(index.manifest.documents == 500 && index.documentID(at: 499) == "d499")
    #expect(index.manifest.options["factory"] == "Flat" && index.manifest.options["width"] == "16")
    #expect(try DenseOptions(of: fixture.path("index")).queryPrompt == "ask: ")
  }

  /// Nothing is left of an index of documents most of which are empty.
  @Test func emptyDocuments() throws {
    let fixture = try DenseFixture(texts: ["", " ", "text", ""])
    let failure = #expect(throws: Failure.self) { try fixture.built() }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.hasPrefix("3 of 4 documents that were read are empty") == true)
    #expect(!FileManager.default.fileExists(atPath: fixture.path("index")))
  }

  /// What is found for a query does not depend on the others.
  @Test(arguments: ["Flat", "HNSW16", "IVF8,Flat", "IVF8,PQ4x4"])
  func answersDoNotDependOnTheBatch(_ factory: String) throws {
    let fixture = try DenseFixture(documents: 700)
    let index = try fixture.built(factory)
    let queries = DenseFixture.queries(67)
    let together = try index.search(queries, depth: 20)
    #expect(try queries.map { try index.search([$0], depth: 20)[0] } == together)
    #expect(
      try index.search(Array(queries.reversed()), depth: 20) == Array(together.reversed()))
    for answer in together {
      #expect(Set(answer.map(\.document)).count == answer.count)
      #expect(zip(answer, answer.dropFirst()).allSatisfy { $0.score >= $1.score })
    }
  }

  /// Of many documents with one text, the first of the index come first, at whatever depth.
  @Test func equalScoresInTheOrderOfTheIndex() throws {
    let texts = (0..<400).map { $0 % 4 == 3 ? "text \($0)" : "the same" }
    let fixture = try DenseFixture(texts: texts)
    let queries = [Query(id: "q", text: "the same")] + DenseFixture.queries(3)
    let index = try fixture.built()
    for depth in [1, 5, 120, 390] {
      #expect(try index.search(queries, depth: depth) == fixture.exact(queries, depth: depth))
    }
  }

  @Test func graphFindsMostOfWhatIsNearest() throws {
    let fixture = try DenseFixture(documents: 3000)
    let queries = DenseFixture.queries(100)
    let exact = fixture.exact(queries, depth: 10)
    let narrow = try fixture.built(
      "HNSW16", at: "narrow", searching: DenseSearchOptions(graphCandidates: 16))
    let wide = try DenseIndex(
      opening: fixture.path("narrow"), with: fixture.embedding,
      searching: DenseSearchOptions(graphCandidates: 256))
    let recalls = try [narrow, wide].map {
      recall(of: exact, in: try $0.search(queries, depth: 10))
    }
    #expect(recalls[0] < recalls[1], "\(recalls)")
    #expect(recalls[1] > 0.97, "\(recalls)")
    _ = try fixture.built("HNSW16", at: "again")
    #expect(try fixture.bytes("again/index.faiss") == fixture.bytes("narrow/index.faiss"))
  }

  /// An index of lists, all of which are looked into, misses nothing. Its sample is embedded first,
  /// and every vector has to be in its own place all the same.
  @Test(arguments: [65_536, 100, 1])
  func listsThatAreAllProbed(_ sample: Int) throws {
    let fixture = try DenseFixture(documents: 900)
    let queries = DenseFixture.queries(40)
    let factory = sample == 1 ? "IVF1,Flat" : "IVF8,Flat"
    let index = try fixture.built(factory, sample: sample, searching: DenseSearchOptions(probes: 8))
    let (found, exact) = (try index.search(queries, depth: 20), fixture.exact(queries, depth: 20))
    #expect(found.map { $0.map(\.document) } == exact.map { $0.map(\.document) })
    for (found, exact) in zip(found.joined(), exact.joined()) {
      #expect(abs(found.score - exact.score) < 1e-6)
    }
    #expect(index.manifest.options["training_sample"] == "\(min(sample, 900))")
    // The index of a single list has no part to search.
    if sample > 1 {
      let one = try DenseIndex(
        opening: fixture.path("index"), with: fixture.embedding,
        searching: DenseSearchOptions(probes: 1))
      let few = recall(of: exact, in: try one.search(queries, depth: 20))
      #expect(few > 0.1 && few < 0.9, "one list of eight holds a part: \(few)")
    }
  }

  @Test func codesFindMoreThanChance() throws {
    let fixture = try DenseFixture(documents: 1000)
    let queries = DenseFixture.queries(50)
    let index = try fixture.built("PQ8x4")
    let found = recall(
      of: fixture.exact(queries, depth: 10), in: try index.search(queries, depth: 10))
    #expect(found > 0.2, "chance is 0.01: \(found)")
    #expect(try fixture.bytes("index/index.faiss").count < 1000 * 16 * 4 / 2)
  }

  @Test func progressAndPrompts() throws {
    var fixture = try DenseFixture(documents: 5000)
    let told = Told<DenseBuilding>()
    try DenseIndex.build(
      fixture.collection(), fixture.options("IVF2,Flat", sample: 300), with: fixture.embedding,
      at: fixture.path("index")
    ) { told.add($0) }
    let done = told.values.compactMap { step in
      if case .embedding(let done, let total) = step, total == 5000 { done } else { nil }
    }
    #expect(done.last == 5000 && done == done.sorted())
    #expect(told.values.contains(.training(documents: 300)) && told.values.last == .writing)
    // The embedding reads queries in its own way: the index hands it the words as they are.
    fixture.embedding.queryPrompt = "text 4"
    let index = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
    let found = try index.search([Query(id: "q", text: "21")], depth: 1)
    #expect(found[0].first?.document == "d421")
  }
}
