import Corpora
import Diagnostics
import Foundation
import Mining
import Retrieval
import TestSupport
import Testing

/// A first stage that says what it was told to.
struct TableStage: FirstStage {
  var name = "table"
  /// By query: documents, the best first, with scores that fall by 1 from their number where none
  /// are given.
  var answers: [String: [(String, Double)]]
  var fingerprint: String { "\(answers.sorted { $0.key < $1.key })" }

  func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
    queries.map { query in
      (answers[query.id] ?? []).prefix(depth).map { ScoredDocument(document: $0.0, score: $0.1) }
    }
  }

  init(_ name: String, _ answers: [String: [(String, Double)]]) {
    self.name = name
    self.answers = answers
  }

  init(_ answers: [String: [(String, Double)]]) { self.init("table", answers) }

  /// Documents of one query with the scores n, n − 1 … 1.
  init(_ name: String = "table", ranked: [String]) {
    let scores = ranked.indices.map { Double(ranked.count - $0) }
    self.init(name, ["q1": Array(zip(ranked, scores))])
  }
}

/// A teacher that gives a document the number its text ends with.
struct NumberTeacher: TeacherScorer {
  let fingerprint = "numbers"

  func scores(of requests: [TeacherRequest]) throws(Failure) -> [[Double]] {
    requests.map { request in
      request.documents.map { Double($0.split(separator: " ").last ?? "") ?? 0 }
    }
  }
}

/// What a test mines from.
struct Fixture {
  let folder: URL
  var documents: [(id: String, title: String, text: String)] = []
  var queries: [(id: String, text: String)] = [("q1", "where is it")]
  var qrels: [(query: String, document: String, grade: Double)] = []

  init() throws { folder = try Material.temporaryFolder() }

  /// Documents with texts of their own, and p1 as the only positive of q1.
  init(_ ids: [String], texts: [String: String] = [:]) throws {
    try self.init()
    documents = ids.map { ($0, "", texts[$0] ?? "the text of number \($0)") }
    qrels = [("q1", "p1", 2)]
  }

  func collection() throws -> Corpora.Collection {
    func line(_ object: [String: String]) throws -> String {
      String(
        decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self) + "\n"
    }
    try put(
      "corpus.jsonl",
      documents.map { try line(["_id": $0.id, "title": $0.title, "text": $0.text]) }.joined())
    try put("queries.jsonl", queries.map { try line(["_id": $0.id, "text": $0.text]) }.joined())
    try put(
      "qrels/train.tsv",
      qrels.map { "\($0.query)\t\($0.document)\t\($0.grade)\n" }.joined())
    return try Collection(opening: folder.path)
  }

  func put(_ name: String, _ text: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// A miner over the collection as it is now.
  func miner(
    _ sources: [CandidateSource], teacher: (any TeacherScorer)? = nil,
    _ change: (inout MiningPlan) -> Void = { _ in }
  ) throws -> Miner {
    let collection = try collection()
    var plan = MiningPlan()
    change(&plan)
    return try Miner(
      collection, try collection.judgments(split: "train"), from: sources, plan: plan,
      teacher: teacher)
  }

  /// All that is mined from one stage.
  func mine(
    _ stage: TableStage, depth: Int = 100, teacher: (any TeacherScorer)? = nil,
    _ change: (inout MiningPlan) -> Void = { _ in }
  ) throws -> MinedBatch {
    let miner = try miner([CandidateSource(stage, depth: depth)], teacher: teacher, change)
    return try miner.mine(0..<miner.queryCount)
  }
}

extension MinedBatch {
  /// The ids of the first query's negatives.
  var negatives: [String] { queries.first?.negatives.map(\.id) ?? [] }
}

/// The failure that `body` ends with.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch {
    return error as? Failure
  }
}
