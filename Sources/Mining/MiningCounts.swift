/// What was counted while mining: sums of parts are the counts of the whole, whatever the parts, so
/// that shards and resumed runs report what one run does.
public struct MiningCounts: Sendable, Equatable, Codable {
  /// Queries with judgments.
  public var queries = 0
  /// Queries that are judged but not in the collection.
  public var queriesMissing = 0
  /// Queries without a positive in the corpus, which are left out.
  public var queriesWithoutPositives = 0
  /// Queries that the first stage found nothing for.
  public var queriesWithoutCandidates = 0
  /// Queries without a single negative, which are left out.
  public var queriesWithoutNegatives = 0
  /// Queries with fewer negatives than were wanted.
  public var queriesShort = 0
  /// Queries that margins could not be applied to, since no positive was found.
  public var queriesWithoutPositiveScore = 0
  /// Documents that the sources found, each once a query.
  public var candidates = 0
  /// How many of them are out, by reason.
  public var rejected: [Rejection: Int] = [:]
  /// How many of them became negatives.
  public var kept = 0
  /// How many of them passed what they were held against and were not needed.
  public var notNeeded = 0
  /// Negatives with a judgment.
  public var keptJudged = 0
  /// Negatives drawn from the whole corpus.
  public var refilled = 0
  /// How often a document drawn from the whole corpus was out.
  public var refillsRejected = 0
  /// Positives: judged at or above the minimum grade.
  public var positives = 0
  /// Positives that are not in the corpus.
  public var positivesMissing = 0
  /// Positives that some source found.
  public var positivesFound = 0
  /// Scores that the teacher gave.
  public var teacherScores = 0
  /// Queries whose candidates hold a document with the query's own id and words, where it is not
  /// left out; nil in the journals of versions that did not look.
  public var queriesAmongCandidates: Int?
  /// What is known of each source, by its name.
  public var sources: [String: SourceCounts] = [:]
  /// The teacher's scores of positives.
  public var teacherOfPositives = ScoreHistogram()
  /// The teacher's scores of negatives.
  public var teacherOfNegatives = ScoreHistogram()
  /// What the estimates of false negatives are made of.
  public var estimates = EstimateCounts()

  /// Nothing yet.
  public init() {}

  /// Negatives of all kinds.
  public var negatives: Int { kept + refilled }

  /// Adds what was counted in another part.
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

/// What was counted of one source of candidates.
public struct SourceCounts: Sendable, Equatable, Codable {
  /// Documents it found, over all queries.
  public var candidates = 0
  /// Negatives that were taken from it.
  public var kept = 0
  /// Its scores of the positives it found.
  public var positives = ScoreHistogram()
  /// Its scores of the negatives that were taken from it.
  public var negatives = ScoreHistogram()
  /// The depths that `recall` is counted at.
  public var depths: [Int] = []
  /// How many positives it found at each depth, by how many the query has: means over queries can
  /// be made of whole numbers, and so do not depend on the order of adding.
  public var recall: [Int: RecallCounts] = [:]

  /// Nothing yet.
  public init() {}

  /// Adds what was counted in another part.
  public mutating func add(_ other: SourceCounts) {
    candidates += other.candidates
    kept += other.kept
    positives.add(other.positives)
    negatives.add(other.negatives)
    if depths.isEmpty { depths = other.depths }
    for (relevant, counts) in other.recall { recall[relevant, default: RecallCounts()].add(counts) }
  }

  /// The mean over the queries of the share of their positives that the source finds at each depth.
  var recalls: [Double] {
    let queries = recall.values.reduce(0) { $0 + $1.queries }
    return depths.indices.map { depth in
      recall.sorted { $0.key < $1.key }.reduce(0.0) {
        $0 + Double($1.value.found[depth]) / Double($1.key)
      } / Double(max(queries, 1))
    }
  }
}

/// How many positives were found of queries with the same number of them.
public struct RecallCounts: Sendable, Equatable, Codable {
  /// The queries.
  public var queries = 0
  /// The positives found, by depth.
  public var found: [Int] = []

  /// Adds what was counted of other queries.
  mutating func add(_ other: RecallCounts) {
    queries += other.queries
    found = zip(found, other.found).map(+) + (found.isEmpty ? other.found : [])
  }
}
