/// Counts of a mining job. The counts of the parts add up to those of the whole, however it is
/// divided, so that shards and resumed runs report the same as a single run.
public struct MiningCounts: Sendable, Equatable, Codable {
  /// Queries with judgments.
  public var queries = 0
  /// Judged queries that are not in the collection.
  public var queriesMissing = 0
  /// Queries without a positive in the corpus; they are left out.
  public var queriesWithoutPositives = 0
  /// Queries for which the first stage found nothing.
  public var queriesWithoutCandidates = 0
  /// Queries without any negative; they are left out.
  public var queriesWithoutNegatives = 0
  /// Queries with fewer negatives than requested.
  public var queriesShort = 0
  /// Queries to which margins could not be applied, since no source found a positive.
  public var queriesWithoutPositiveScore = 0
  /// Documents found by the sources, each counted once per query.
  public var candidates = 0
  /// Rejected candidates by reason.
  public var rejected: [Rejection: Int] = [:]
  /// Candidates that became negatives.
  public var kept = 0
  /// Candidates that passed the checks applied to them but were not needed.
  public var notNeeded = 0
  /// Negatives with a judgment.
  public var keptJudged = 0
  /// Negatives drawn from the whole corpus.
  public var refilled = 0
  /// Rejections of documents drawn from the whole corpus.
  public var refillsRejected = 0
  /// Positives: judged at or above the minimum grade.
  public var positives = 0
  /// Positives that are not in the corpus.
  public var positivesMissing = 0
  /// Positives found by at least one source.
  public var positivesFound = 0
  /// Number of scores computed by the teacher.
  public var teacherScores = 0
  /// Queries that are themselves among their candidates (same id, same words) and are not excluded;
  /// nil in journals of versions that did not count them.
  public var queriesAmongCandidates: Int?
  /// Counts of each source, by name.
  public var sources: [String: SourceCounts] = [:]
  /// The teacher's scores of positives.
  public var teacherOfPositives = ScoreHistogram()
  /// The teacher's scores of negatives.
  public var teacherOfNegatives = ScoreHistogram()
  /// Counts for the estimates of false negatives.
  public var estimates = EstimateCounts()

  /// Zero counts.
  public init() {}

  /// The number of all negatives.
  public var negatives: Int { kept + refilled }

  /// Adds the counts of another part.
  public mutating func add(_ other: MiningCounts) {
    queries += other.queries
    queriesMissing += other.queriesMissing
    queriesWithoutPositives += other.queriesWithoutPositives
    queriesWithoutCandidates += other.queriesWithoutCandidates
    queriesWithoutNegatives += other.queriesWithoutNegatives
    queriesShort += other.queriesShort
    queriesWithoutPositiveScore += other.queriesWithoutPositiveScore
    candidates += other.candidates
    rejected.merge(other.rejected, uniquingKeysWith: +)
    kept += other.kept
    notNeeded += other.notNeeded
    keptJudged += other.keptJudged
    refilled += other.refilled
    refillsRejected += other.refillsRejected
    positives += other.positives
    positivesMissing += other.positivesMissing
    positivesFound += other.positivesFound
    teacherScores += other.teacherScores
    if let count = other.queriesAmongCandidates {
      queriesAmongCandidates = (queriesAmongCandidates ?? 0) + count
    }
    for (name, counts) in other.sources { sources[name, default: SourceCounts()].add(counts) }
    teacherOfPositives.add(other.teacherOfPositives)
    teacherOfNegatives.add(other.teacherOfNegatives)
    estimates.add(other.estimates)
  }
}

/// Counts of one source of candidates.
public struct SourceCounts: Sendable, Equatable, Codable {
  /// Documents that the source found, summed over queries.
  public var candidates = 0
  /// Negatives taken from the source.
  public var kept = 0
  /// The source's scores of the positives that it found.
  public var positives = ScoreHistogram()
  /// The source's scores of the negatives taken from it.
  public var negatives = ScoreHistogram()
  /// The depths at which recall is measured.
  public var depths: [Int] = []
  /// The number of positives found at each depth, keyed by the query's number of positives. Means
  /// over queries follow from these integers, so that they do not depend on the order of addition.
  public var recall: [Int: RecallCounts] = [:]

  /// Zero counts.
  public init() {}

  /// Adds the counts of another part.
  public mutating func add(_ other: SourceCounts) {
    candidates += other.candidates
    kept += other.kept
    positives.add(other.positives)
    negatives.add(other.negatives)
    if depths.isEmpty { depths = other.depths }
    for (relevant, counts) in other.recall { recall[relevant, default: RecallCounts()].add(counts) }
  }

  /// Recall at each depth: the mean over queries of the share of positives found.
  var recalls: [Double] {
    let queries = recall.values.reduce(0) { $0 + $1.queries }
    return depths.indices.map { depth in
      recall.sorted { $0.key < $1.key }.reduce(0.0) {
        $0 + Double($1.value.found[depth]) / Double($1.key)
      } / Double(max(queries, 1))
    }
  }
}

/// Positives found for the queries with one number of positives.
public struct RecallCounts: Sendable, Equatable, Codable {
  /// The number of queries.
  public var queries = 0
  /// The positives found, by depth.
  public var found: [Int] = []

  /// Adds the counts of other queries.
  mutating func add(_ other: RecallCounts) {
    queries += other.queries
    found = zip(found, other.found).map(+) + (found.isEmpty ? other.found : [])
  }
}
