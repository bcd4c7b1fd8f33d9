public import Diagnostics
import Files
import Foundation
import JSON
public import Ranking

/// `scores.jsonl` of a run: the candidates of dev and test with their grades and their scores by
/// every order, from which all measures of single queries follow, and the time that the model takes.
///
/// The first line describes the file, every other one is a query. The form of the file has a version;
/// files of a later one are rejected.
public struct RunScores: Sendable, Equatable {
  /// One query's candidates.
  public struct Query: Sendable, Equatable, Codable {
    /// "dev" or "test".
    public var split: String
    /// The query's id.
    public var query: String
    /// The ids of the candidates, in the order of the first stage's run.
    public var documents: [String]
    /// The candidates' grades; nil for an unjudged one.
    public var grades: [Double?]
    /// The grades of all judged documents, candidates or not, in descending order.
    public var judged: [Double]
    /// The candidates' scores by the name of the order (`RankingEvaluator.Order`), as single
    /// precision, in which measures compare them.
    public var scores: [String: [Float]]

    /// A query's candidates.
    public init(
      split: String, query: String, documents: [String], grades: [Double?], judged: [Double],
      scores: [String: [Float]]
    ) {
      (self.split, self.query, self.documents) = (split, query, documents)
      (self.grades, self.judged, self.scores) = (grades, judged, scores)
    }
  }

  /// The time that reranking one query takes.
  public struct Latency: Sendable, Equatable, Codable {
    /// The number of candidates.
    public var depth: Int
    /// The median over some queries, in seconds, with all workers on one query.
    public var seconds: Double

    /// A time at a depth.
    public init(depth: Int, seconds: Double) { (self.depth, self.seconds) = (depth, seconds) }
  }

  /// What the file is.
  private struct Header: Codable {
    var format: String
    var version: Int
    var measures: [String]
    var selectedBy: String
    var relevantFrom: Double
    var latencies: [Latency]
    var workers: Int?

    private enum CodingKeys: String, CodingKey {
      case format, version, measures, latencies, workers
      case selectedBy = "selected_by"
      case relevantFrom = "relevant_from"
    }
  }

  private static let format = "ltr scores"
  private static let version = 1

  /// The measures' names, the selecting one among them.
  public var measures: [String]
  /// The measure that selects models.
  public var selectedBy: String
  /// The lowest grade of a relevant document.
  public var relevantFrom: Double
  /// The queries of dev, then those of test.
  public var queries: [Query]
  /// By depth, ascending; empty if none was measured.
  public var latencies: [Latency] = []
  /// The number of workers with which latencies were measured.
  public var workers: Int?

  /// Scores of queries.
  public init(
    measures: [String], selectedBy: String, relevantFrom: Double, queries: [Query],
    latencies: [Latency] = [], workers: Int? = nil
  ) {
    (self.measures, self.selectedBy, self.relevantFrom) = (measures, selectedBy, relevantFrom)
    (self.queries, self.latencies, self.workers) = (queries, latencies, workers)
  }

  /// Reads a file.
  ///
  /// - Throws: `badData` with the line if it is malformed or of a later version.
  public init(reading path: String) throws(Failure) {
    let bytes = try readFile(path)
    var header: Header?
    queries = []
    var number = 0
    let reader = JSONReader()
    for line in bytes.lines {
      number += 1
      do throws(Failure) {
        let text = bytes[line].array
        if header == nil {
          header = try Self.header(text, path)
        } else {
          let query = try reader.decode(Query.self, from: text, name: path)
          try query.check(path)
          queries.append(query)
        }
      } catch {
        var failure = error
        failure.place = Place(path, line: number)
        throw failure
      }
    }
    guard let header else {
      throw Failure(
        .badData, "the file has no first line", at: Place(path), expected: "scores of a run",
        remedy: "restore it from an intact copy, or delete it")
    }
    (measures, selectedBy, relevantFrom) = (
      header.measures, header.selectedBy, header.relevantFrom
    )
    (latencies, workers) = (header.latencies, header.workers)
  }

  private static func header(_ text: [UInt8], _ path: String) throws(Failure) -> Header {
    let json = try JSONValue(text, name: path)
    guard json["format"] == .text(format) else {
      throw Failure(
        .badData, "the file is not a run's scores", expected: "'\(format)' as its format",
        remedy: "restore it from an intact copy, or delete it")
    }
    guard json["version"] == .whole(version) else {
      throw Failure(
        .badData, "the scores have a form that this version does not know",
        expected: "version \(version)", remedy: "read them with the version that wrote them")
    }
    return try JSONReader().decode(Header.self, from: text, name: path)
  }

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: `badData` if a score is not finite, `cannotCreate` or `io` if it cannot be written.
  public func write(to path: String) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws(Failure) -> [UInt8] {
      do { return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")] } catch {
        throw Failure(
          .badData, "a score is not finite and cannot be stored", at: Place(path),
          expected: "finite scores")
      }
    }
    let header = Header(
      format: Self.format, version: Self.version, measures: measures, selectedBy: selectedBy,
      relevantFrom: relevantFrom, latencies: latencies, workers: workers)
    try writeAtomically(to: path) { file throws(Failure) in
      try file.append(try line(header))
      for query in queries { try file.append(try line(query)) }
    }
  }

  /// The splits with queries, dev first.
  public var splits: [String] {
    ["dev", "test"].filter { split in queries.contains { $0.split == split } }
  }

  /// The names of the orders of a split, in the order of reports.
  public func orders(_ split: String) -> [String] {
    let known = queries.first { $0.split == split }?.scores ?? [:]
    let all = RankingEvaluator.Order.all
    // Orders that this version does not know are baselines, which precede the model.
    let place = all.firstIndex(of: RankingEvaluator.Order.model) ?? 0
    let other = known.keys.filter { !all.contains($0) }.sorted()
    return (all[..<place] + other + all[place...]).filter { known[$0] != nil }
  }

  /// The rankings of a split's queries by an order; queries without its scores are left out.
  public func rankings(_ split: String, by order: String) -> [QueryRanking] {
    queries.compactMap { query in
      guard query.split == split, let ranked = query.ranked(by: order) else { return nil }
      return QueryRanking(query: query.query, ranked: ranked)
    }
  }
}

extension RunScores.Query {
  /// The candidates' grades in the order of some scores; nil without them.
  public func ranked(by order: String) -> RankedQuery? {
    guard let scores = scores[order] else { return nil }
    return RankedQuery(scores: scores.map(Double.init), grades: grades, judged: judged) {
      documents[$0].utf8.lexicographicallyPrecedes(documents[$1].utf8)
    }
  }

  fileprivate func check(_ path: String) throws(Failure) {
    let counts = [grades.count] + scores.values.map(\.count)
    guard counts.allSatisfy({ $0 == documents.count }) else {
      throw Failure(
        .badData,
        "the query '\(query)' has \(documents.count) documents and other numbers of "
          + "grades or scores", at: Place(path), expected: "one of each for a document",
        remedy: "restore the file from an intact copy, or delete it")
    }
  }
}
