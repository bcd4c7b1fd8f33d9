import Corpora
import Diagnostics
import Files
import TestSupport
import Testing

/// The collections that `shared/collections/README.md` describes; the counts are from there, from
/// `wc -l`, and from `cut | sort -u` on the files.
@Suite(
  .enabled(
    if: Material.hasShared(
      "collections/cranfield", "collections/scifact", "collections/cacm", "collections/vaswani"),
    "needs shared/collections"))
struct RealCollectionTests {
  @Test(arguments: [
    ("cranfield", 1400, 225, "dev test train", 484, 60, 6000),
    ("scifact", 5183, 1109, "dev test train", 340, 300, 30000),
    ("cacm", 3204, 64, "test", 797, 52, 5200),
    ("vaswani", 11429, 93, "test", 2084, 93, 9300),
  ])
  func countsAreRight(
    name: String, documents: Int, queries: Int, splits: String, lines: Int, judged: Int,
    ranked: Int
  ) throws {
    let path = try Material.sharedPath("collections/\(name)")
    let collection = try Collection(opening: path)
    #expect(collection.documentCount == documents)
    #expect(collection.queryCount == queries)
    #expect(collection.splits.joined(separator: " ") == splits)
    #expect(collection.textFaults.isEmpty)
    let judgments = try collection.judgments(split: "test")
    // A line of headings.
    #expect(judgments.count + judgments.repetitionCount == lines - 1)
    #expect(judgments.queries.count == judged)
    let run = try Run(opening: "\(path)/runs/bm25.test.run")
    #expect(run.count == ranked)
    let resolution = Resolution(of: judgments, run, in: collection)
    try resolution.requireQueries()
    #expect(resolution.queries.count == judged)
    #expect(resolution.parts.allSatisfy { $0.missing == 0 })
    var read = 0
    try collection.forEachDocument { document throws(Failure) in
      read += document.id.isEmpty ? 0 : 1
    }
    #expect(read == documents)
  }

  @Test func cranfieldHasTwoEmptyDocumentsAndGradesUpToFour() throws {
    let path = try Material.sharedPath("collections/cranfield")
    let collection = try Collection(opening: path)
    var empty: [String] = []
    try collection.forEachDocument { document throws(Failure) in
      if document.content.isEmpty { empty.append(document.id) }
    }
    #expect(empty.count == 2)
    let judgments = try collection.judgments(split: "train")
    let grades = Set(judgments.queries.flatMap { judgments.judgments(of: $0).map(\.grade) })
    #expect(grades == [1, 2, 3, 4])
  }
}
