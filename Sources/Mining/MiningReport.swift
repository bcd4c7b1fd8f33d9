public import Diagnostics
import Files
import Foundation
import JSON

/// The report of a mining job.
public struct MiningReport: Codable, Sendable, Equatable {
  /// Counts of queries.
  public struct Queries: Codable, Sendable, Equatable {
    /// Queries with judgments.
    public var judged: Int
    /// Queries that are written.
    public var mined: Int
    /// Judged queries that are not in the collection.
    public var missing: Int
    /// Queries without a positive in the corpus.
    public var withoutPositives: Int
    /// Queries for which the first stage found nothing.
    public var withoutCandidates: Int
    /// Queries without a remaining negative.
    public var withoutNegatives: Int
    /// Queries with fewer negatives than requested.
    public var short: Int
    /// Queries to which margins could not be applied, since no source found a positive.
    public var withoutPositiveScore: Int
    /// Queries that are themselves among their candidates (same id, same words) and are not
    /// excluded; nil in reports of versions that did not count them.
    public var amongCandidates: Int?
  }

  /// Counts of candidates: each is kept, not needed, or rejected for one reason.
  public struct Candidates: Codable, Sendable, Equatable {
    /// All candidates, each document counted once per query.
    public var found: Int
    /// Candidates that became negatives.
    public var kept: Int
    /// Candidates that passed the checks applied to them but were not needed.
    public var notNeeded: Int
    /// Rejected candidates by reason.
    public var rejected: [String: Int]
  }

  /// Counts of negatives.
  public struct Negatives: Codable, Sendable, Equatable {
    /// All negatives.
    public var total: Int
    /// Negatives with a judgment.
    public var judged: Int
    /// Negatives drawn from the whole corpus.
    public var fromCorpus: Int
  }

  /// Counts of positives.
  public struct Positives: Codable, Sendable, Equatable {
    /// Documents that are judged relevant.
    public var judged: Int
    /// Positives that are not in the corpus, so that no source can find them.
    public var missing: Int
    /// Positives in the corpus that at least one source found.
    public var found: Int
    /// The share of positives in the corpus that no source found; nil without positives.
    public var missedShare: Double?
  }

  /// A histogram of scores.
  public struct Histogram: Codable, Sendable, Equatable {
    /// The lower bound of the first bin.
    public var start: Double
    /// The width of each bin.
    public var width: Double
    /// The number of scores in each bin.
    public var counts: [Int]
    /// The lowest score.
    public var lowest: Double?
    /// The median score, to within a bin.
    public var median: Double?
    /// The highest score.
    public var highest: Double?

    init(_ histogram: ScoreHistogram) {
      start = Double(histogram.first) * histogram.width
      (width, counts) = (histogram.width, histogram.counts)
      (lowest, median, highest) = (histogram.lowest, histogram.median, histogram.highest)
    }
  }

  /// One source of candidates.
  public struct Source: Codable, Sendable, Equatable {
    /// The number of documents found, summed over queries.
    public var candidates: Int
    /// The number of negatives taken from the source.
    public var kept: Int
    /// Depths, ascending.
    public var depths: [Int]
    /// Recall at each depth, as a mean over queries: the upper bound for a reranker.
    public var recall: [Double]
    /// The source's scores of positives.
    public var positives: Histogram
    /// The source's scores of negatives.
    public var negatives: Histogram
  }

  /// The teacher's scores.
  public struct Teacher: Codable, Sendable, Equatable {
    /// The number of scores computed.
    public var scores: Int
    /// The teacher's scores of positives.
    public var positives: Histogram
    /// The teacher's scores of negatives.
    public var negatives: Histogram
  }

  /// Estimated share of negatives that are relevant: see `EstimateCounts`.
  public struct FalseNegatives: Codable, Sendable, Equatable {
    /// Before any filter.
    public var before: Double?
    /// After all filters.
    public var after: Double?
    /// The number of documents behind `before`.
    public var beforeFrom: Int
    /// The number of documents behind `after`.
    public var afterFrom: Int
  }

  /// The hash that identifies the job.
  public var job: String
  /// Counts of queries.
  public var queries: Queries
  /// Counts of candidates.
  public var candidates: Candidates
  /// Counts of negatives.
  public var negatives: Negatives
  /// Counts of positives.
  public var positives: Positives
  /// The sources, by name.
  public var sources: [String: Source]
  /// The teacher; nil without one.
  public var teacher: Teacher?
  /// False negatives, estimated by judgments.
  public var falseNegativesByJudgments: FalseNegatives
  /// False negatives, estimated by the teacher; nil without one.
  public var falseNegativesByTeacher: FalseNegatives?

  /// The report for the counts of a job.
  public init(_ counts: MiningCounts, job: String) {
    self.job = job
    queries = Queries(
      judged: counts.queries,
      mined: counts.queries - counts.queriesMissing - counts.queriesWithoutPositives
        - counts.queriesWithoutNegatives,
      missing: counts.queriesMissing, withoutPositives: counts.queriesWithoutPositives,
      withoutCandidates: counts.queriesWithoutCandidates,
      withoutNegatives: counts.queriesWithoutNegatives, short: counts.queriesShort,
      withoutPositiveScore: counts.queriesWithoutPositiveScore,
      amongCandidates: counts.queriesAmongCandidates)
    candidates = Candidates(
      found: counts.candidates, kept: counts.kept, notNeeded: counts.notNeeded,
      rejected: Dictionary(
        counts.rejected.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +))
    negatives = Negatives(
      total: counts.negatives, judged: counts.keptJudged, fromCorpus: counts.refilled)
    positives = Positives(
      judged: counts.positives, missing: counts.positivesMissing, found: counts.positivesFound,
      missedShare: counts.positives == counts.positivesMissing
        ? nil
        : 1 - Double(counts.positivesFound)
          / Double(counts.positives - counts.positivesMissing))
    sources = counts.sources.mapValues { source in
      Source(
        candidates: source.candidates, kept: source.kept, depths: source.depths,
        recall: source.recalls, positives: Histogram(source.positives),
        negatives: Histogram(source.negatives))
    }
    let estimates = counts.estimates
    let (byJudgments, byTeacher) = (estimates.byJudgments, estimates.byTeacher)
    falseNegativesByJudgments = FalseNegatives(
      before: byJudgments.before, after: byJudgments.after,
      beforeFrom: estimates.relevantFound + estimates.others,
      afterFrom: estimates.relevantPassed + estimates.othersLeft)
    if counts.teacherScores > 0 {
      teacher = Teacher(
        scores: counts.teacherScores, positives: Histogram(counts.teacherOfPositives),
        negatives: Histogram(counts.teacherOfNegatives))
      falseNegativesByTeacher = FalseNegatives(
        before: byTeacher.before, after: byTeacher.after, beforeFrom: estimates.probed,
        afterFrom: estimates.scored)
    }
  }

  /// Reads the report of a finished job.
  ///
  /// - Throws: `missingInput` if the file does not exist, `badData` if it is not a report.
  public init(reading path: String) throws(Failure) {
    let bytes = try readFile(path)
    do {
      self = try JSONReader(keys: .underscored).decode(MiningReport.self, from: bytes.array)
    } catch {
      throw Failure(
        .badData, "the file is not a report of a mining job", at: Place(path),
        remedy: "start over with --overwrite")
    }
  }

  /// The report as JSON, with a line end.
  ///
  /// - Throws: `software` if a value cannot be encoded.
  public func json() throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    } catch {
      throw Failure(.software, "the report cannot be written: \(error)")
    }
  }

  /// Writes both reports, the JSON file last, since it marks the job as finished.
  func write(to folder: MiningFolder) throws(Failure) {
    let examples = try ShownQuery.read(folder.place(MiningFolder.examples))
    try writeAtomically(markdown(examples), to: folder.report)
    try writeAtomically(try json(), to: folder.reportJSON)
  }

  /// Rejects a job that has found no negatives.
  ///
  /// - Throws: `badData` with the reason that rejected most candidates.
  func requireNegatives() throws(Failure) {
    if negatives.total > 0 { return }
    if queries.judged == queries.missing + queries.withoutPositives {
      throw Failure(
        .badData,
        "no query has a positive: of \(queries.judged) judged, \(queries.missing) are not in the "
          + "collection and \(queries.withoutPositives) have none in the corpus",
        expected: "judgments at or above exclude.minimum_grade of documents in the corpus",
        remedy: "lower exclude.minimum_grade, or check that these files belong together")
    }
    if candidates.found == 0 {
      throw Failure(
        .badData, "the first stage finds no document for any query",
        expected: "candidates for the queries of the split",
        remedy: "check that the first stage has results for these queries")
    }
    let reasons = candidates.rejected.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }
    throw Failure(
      .badData, "none of \(candidates.found) candidates remains as a negative",
      expected: "fewer rejections: currently "
        + reasons.map { "\($0.value) by \($0.key)" }.joined(separator: ", "),
      remedy: reasons.first { $0.key != Rejection.relevant.rawValue }.map {
        "relax the filter '\($0.key)' first, or increase the depth"
      } ?? "increase the depth")
  }
}

extension ShownQuery {
  /// Reads the queries of an examples file.
  static func read(_ path: String) throws(Failure) -> [ShownQuery] {
    let bytes = try Bytes(mapping: path)
    var shown: [ShownQuery] = []
    for range in bytes.lines {
      do {
        shown.append(try JSONReader().decode(ShownQuery.self, from: bytes[range].array))
      } catch {
        throw Failure(.badData, "the line is not a valid example of a mining job", at: Place(path))
      }
    }
    return shown
  }
}
