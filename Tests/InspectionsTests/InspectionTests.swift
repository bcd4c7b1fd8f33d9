import Diagnostics
import Foundation
import Inspections
import JSON
import ModelSupport
import TestSupport
import Testing

@Suite struct InspectionTests {
  private let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  private func path(_ name: String) -> String {
    folder.appending(path: name).path(percentEncoded: false)
  }

  private func write(_ name: String, _ text: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func writeCollection() throws {
    try write(
      "shop/corpus.jsonl",
      #"{"_id": "d1", "text": "a"}"# + "\n" + #"{"_id": "d2", "text": ""}"# + "\n"
        + #"{"_id": "d3", "text": "c"}"# + "\n")
    try write("shop/queries.jsonl", #"{"_id": "q1", "text": "b"}"# + "\n")
    try write(
      "shop/qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td9\t1\nq8\td1\t1\n")
  }

  /// Collects what an inspection reports.
  private final class Reports {
    var warnings: [String] = []
    var progress: [Int] = []

    var observer: Inspection.Observer {
      Inspection.Observer {
        self.warnings.append($0)
      } progress: { done, total in
        self.progress.append(done)
        #expect(done <= total)
      }
    }
  }

  private func inspect(_ name: String, _ reports: Reports = Reports()) throws -> Inspection {
    try Inspection(of: path(name), observer: reports.observer)
  }

  @Test func runs() throws {
    try write("a.run", "q1 Q0 d1 1 3 bm25\nq1 Q0 d2 2 2 bm25\nq2 Q0 d1 1 3 bm25\n")
    #expect(
      try inspect("a.run").json == [
        "kind": "run", "tag": "bm25", "queries": 2, "documents": 3, "fewest_documents_a_query": 1,
        "most_documents_a_query": 2,
      ])
  }

  @Test func judgments() throws {
    try write("qrels.txt", "q1 0 d1 2\nq1 0 d2 0\nq2 0 d1 2\n")
    #expect(
      try inspect("qrels.txt").json == [
        "kind": "judgments", "queries": 2, "judgments": 3, "grades": ["0": 1, "2": 2],
      ])
  }

  @Test func lists() throws {
    try write(
      "lists.jsonl",
      #"{"query": "a", "documents": [{"text": "b", "label": 1}, {"text": "c", "label": 0}]}"# + "\n"
    )
    let lists = try inspect("lists.jsonl")
    #expect(lists.kind == "lists" && lists.json["documents"] == 2)
    #expect(lists.json["labels_above_0"] == 1 && lists.json["teacher_scores"] == 0)
  }

  @Test func collections() throws {
    try writeCollection()
    let reports = Reports()
    let shop = try inspect("shop", reports).json
    #expect(shop["kind"] == "collection" && shop["documents"] == 3 && shop["queries"] == 1)
    #expect(shop["empty_documents"] == 1)
    let split = shop["splits"]?["dev"]
    #expect(split?["judgments"] == 3 && split?["queries_missing"] == 1)
    #expect(split?["documents_missing"] == 1)
    #expect(reports.progress == [1, 2, 3])
    #expect(reports.warnings.count { $0.hasPrefix("split 'dev': ") } == 2, "\(reports.warnings)")
    #expect(reports.warnings.count == 3, "one of the empty text")
  }

  @Test func models() throws {
    let model = try Inspection(
      of: TinyModel().written(), observer: Reports().observer)
    #expect(model.kind == "model" && model.json["layers"] == 2 && model.json["hidden_size"] == 32)
    #expect(model.json["positions"] == 64 && model.json["score_head"] != nil)
    let headless = try Inspection(
      of: TinyModel(head: false).written(), observer: Reports().observer)
    #expect(headless.json["score_head"] == "none yet; to be trained")
    let modular = try Inspection(
      of: ModularModel(TinyModel(), prefix: "bert.", width: 32).written(),
      observer: Reports().observer)
    #expect(
      modular.json["modules"]
        == "Pooling (first), 2_Dense.linear, 3_LayerNorm.norm, 4_Dense.linear")
    #expect(model.json["modules"] == nil)
  }

  @Test func runDirectories() throws {
    try write("run/metrics.json", #"{"steps": 4}"#)
    try write("run/checkpoints/step-00000002.h5", "")
    try write("run/checkpoints/step-00000004.h5", "")
    let run = try inspect("run")
    #expect(run.kind == "run directory" && run.json["checkpoints"] == 2)
    #expect(run.json["metrics"] == ["steps": 4])
  }

  @Test func unknownThings() throws {
    try write("empty/notes.txt", "x")
    try write("text", "two words\n")
    let nothing = #expect(throws: Failure.self) { _ = try inspect("none") }
    #expect(nothing?.kind == .missingInput)
    let folder = #expect(throws: Failure.self) { _ = try inspect("empty") }
    #expect(folder?.kind == .missingInput)
    let file = #expect(throws: Failure.self) { _ = try inspect("text") }
    #expect(file?.kind == .badData)
  }

  /// Names and values come from files, and must not give the terminal commands.
  @Test func text() throws {
    try write("a.run", "q1 Q0 d1 1 3 b\u{9B}m25\n")
    let run = try inspect("a.run")
    #expect(
      try run.text() == """
        kind                      run
        tag                       b\u{FFFD}m25
        queries                   1
        documents                 1
        fewest documents a query  1
        most documents a query    1

        """)
  }
}
