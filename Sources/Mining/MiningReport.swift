public import Diagnostics
import Files
import Foundation

/// What came of a mining job.
public struct MiningReport: Codable, Sendable, Equatable {
  /// What became of the queries.
  public struct Queries: Codable, Sendable, Equatable {
    /// All with judgments.
    public var judged: Int
    /// Those that are written.
    public var mined: Int
    /// Those that are judged but not in the collection.
    public var missing: Int
    /// Those without a positive in the corpus.
    public var withoutPositives: Int
    /// Those the first stage found nothing for.
    public var withoutCandidates: Int
    /// Those that no negative was left for.
    public var withoutNegatives: Int
    /// Those with fewer negatives than were wanted.
    public var short: Int
    /// Those that margins could not be applied to, since no positive was found.
    public var withoutPositiveScore: Int
    /// Those that are themselves among their candidates, under their own id and with their own
    /// words, where such documents are not left out; nil in the reports of versions that did not
    /// look.
    public var amongCandidates: Int?
  }

  /// What became of the candidates: each is kept, not needed, or rejected for one reason.
  public struct Candidates: Codable, Sendable, Equatable {
    /// All, each document once a query.
    public var found: Int
    /// Those that became negatives.
    public var kept: Int
    /// Those that passed what they were held against and were not needed.
    public var notNeeded: Int
    /// The others, by reason.
    public var rejected: [String: Int]
  }

  /// What the negatives are.
  public struct Negatives: Codable, Sendable, Equatable {
    /// All.
    public var total: Int
    /// Those with a judgment.
    public var judged: Int
    /// Those that were drawn from the whole corpus.
    public var fromCorpus: Int
  }

  /// What became of the positives.
  public struct Positives: Codable, Sendable, Equatable {
    /// All that are judged relevant.
    public var judged: Int
    /// Those that are not in the corpus, where no source can find them.
    public var missing: Int
    /// Those in the corpus that some source found.
    public var found: Int
    /// The share of those in the corpus that no source found; nil where there are none.
    public var missedShare: Double?
  }

  /// How often which scores occur.
  public struct Histogram: Codable, Sendable, Equatable {
    /// Where the first bin begins.
    public var start: Double
    /// How wide each bin is.
    public var width: Double
    /// How many scores are in each.
    public var counts: [Int]
    /// The lowest score.
    public var lowest: Double?
    /// The middle score, to within a bin.
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
    /// What it found.
    public var candidates: Int
    /// The negatives that were taken from it.
    public var kept: Int
    /// Depths, ascending.
    public var depths: [Int]
    /// The mean share of a query's positives that it finds at each: what a reranker can reach.
    public var recall: [Double]
    /// Its scores of positives.
    public var positives: Histogram
    /// Its scores of negatives.
    public var negatives: Histogram
  }

  /// What the teacher said.
  public struct Teacher: Codable, Sendable, Equatable {
    /// How many scores it gave.
    public var scores: Int
    /// Its scores of positives.
    public var positives: Histogram
    /// Its scores of negatives.
    public var negatives: Histogram
  }

  /// What share of negatives is relevant after all: see `EstimateCounts`.
  public struct FalseNegatives: Codable, Sendable, Equatable {
    /// Before any filter.
    public var before: Double?
    /// After all filters.
    public var after: Double?
    /// How many documents the first was told from.
    public var beforeFrom: Int
    /// How many documents the second was told from.
    public var afterFrom: Int
  }

  /// Which job it is, in short.
  public var job: String
  /// The queries.
  public var queries: Queries
  /// The candidates.
  public var candidates: Candidates
  /// The negatives.
  public var negatives: Negatives
  /// The positives.
  public var positives: Positives
  /// The sources, by name.
  public var sources: [String: Source]
  /// The teacher; nil where there is none.
  public var teacher: Teacher?
  /// False negatives as known positives tell.
  public var falseNegativesByJudgments: FalseNegatives
  /// False negatives as the teacher tells; nil where there is none.
  public var falseNegativesByTeacher: FalseNegatives?

  /// The report of what was counted.
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
  /// - Throws: `missingInput`, or `badData` where it is none.
  public init(reading path: String) throws(Failure) {
    let bytes = try readFile(path)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(MiningReport.self, from: Data(bytes.array))
    } catch {
      throw Failure(
        .badData, "this is not a report of a mining job", at: Place(path),
        remedy: "start over with --overwrite")
    }
  }

  /// The report as JSON, with a line end.
  ///
  /// - Throws: `software` where it cannot be expressed.
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

  /// Writes both reports, the one for programs last.
  func write(to folder: MiningFolder) throws(Failure) {
    let examples = try ShownQuery.read(folder.place(MiningFolder.examples))
    try writeAtomically(markdown(examples), to: folder.report)
    try writeAtomically(try json(), to: folder.reportJSON)
  }

  /// Rejects a job that has found no negatives.
  ///
  /// - Throws: `badData` with what took most of the candidates.
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
        .badData, "the first stage finds nothing for any of the queries",
        expected: "candidates for the queries of the split",
        remedy: "check that the first stage is one for these queries")
    }
    let reasons = candidates.rejected.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }
    throw Failure(
      .badData, "no negatives are left of \(candidates.found) candidates",
      expected: "fewer of them rejected: "
        + reasons.map { "\($0.value) by \($0.key)" }.joined(separator: ", "),
      remedy: reasons.first { $0.key != Rejection.relevant.rawValue }.map {
        "loosen what '\($0.key)' stands for first, or give a greater depth"
      } ?? "give a greater depth")
  }
}

extension ShownQuery {
  /// The queries in a file of examples.
  static func read(_ path: String) throws(Failure) -> [ShownQuery] {
    let bytes = try Bytes(mapping: path)
    var shown: [ShownQuery] = []
    for range in bytes.lines {
      do {
        shown.append(
          try JSONDecoder().decode(ShownQuery.self, from: Data(bytes[range].array)))
      } catch {
        throw Failure(.badData, "the line is not an example of a mining job", at: Place(path))
      }
    }
    return shown
  }
}
