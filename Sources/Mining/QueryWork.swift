import Corpora
import Diagnostics
import Options
import Ranking

/// The state of one query, from candidates to negatives.
final class QueryWork {
  /// A candidate or a document from the whole corpus that becomes a negative unless the teacher
  /// rejects it.
  struct Drawn {
    let id: String
    let index: Int
    /// Its candidate number; nil for a document from the whole corpus.
    let candidate: Int?
    /// Its lane, and whether it counts towards the number wanted of that lane.
    let lane: Int
    let isWanted: Bool
  }

  let number: Int
  let query: Query
  unowned let miner: Miner
  /// Positives in the corpus, in descending order of grade.
  var positives: [MinedDocument]
  /// All documents that are judged relevant, in the corpus or not.
  let relevant: Set<String>
  /// Documents that are judged relevant for other queries with the same words.
  let elsewhere: Set<String>
  var candidates = Candidates()
  /// The teacher's scores so far, by document id.
  var teacherScores: [String: Double] = [:]
  /// The reference score of the teacher's margins.
  var teacherReference: Double?
  let random: Draw
  var lanes: [Lane] = []
  /// The candidates of each source that wait for the teacher's scores, by which lanes are made.
  var undivided: [[RankedCandidate]] = []
  /// The number of documents that each source may still contribute.
  var limits: [Int] = []
  var pending: [Drawn] = []
  var taken: [Drawn] = []
  var isExhausted = false
  var refill: Refill?
  /// Candidates that the teacher scores before any filter.
  var probes: [Int] = []
  var checks: TextChecks?
  var counts = MiningCounts()

  init(
    _ number: Int, _ query: Query, of miner: Miner, positives: [MinedDocument],
    relevant: [String], elsewhere: Set<String>
  ) {
    self.number = number
    self.query = query
    self.miner = miner
    self.positives = positives
    self.relevant = Set(relevant)
    self.elsewhere = elsewhere
    random = Draw(seed: miner.plan.sampling.seed, query: query.id)
  }

  var plan: MiningPlan { miner.plan }

  /// Adds the documents that a source found.
  func add(_ found: some Swift.Collection<ScoredDocument>, from source: Int) throws(Failure) {
    var rank = 0
    for entry in found {
      rank += 1
      guard entry.score.isFinite else {
        throw Failure(
          .badData,
          "the score of document '\(entry.document)' for query '\(query.id)' is \(entry.score)",
          at: Place(miner.sources[source].stage.name), expected: "finite scores")
      }
      candidates.add(
        entry.document, at: miner.collection.documentIndex(of: entry.document),
        .init(source: source, rank: rank, score: entry.score),
        grade: { miner.judgments.grade(of: entry.document, for: query.id) })
    }
  }

  /// Removes candidates rejected by judgment, rank or score, and sorts the rest in drawing order.
  func prepare() throws(Failure) {
    checks = try TextChecks(self)
    let references = references(besides: nil)
    if plan.filters.margins.isAsked, references.allSatisfy({ $0 == nil }) {
      counts.queriesWithoutPositiveScore = 1
    }
    var left: [[RankedCandidate]] = miner.sources.map { _ in [] }
    for number in candidates.all.indices {
      let candidate = candidates.all[number]
      candidates.all[number].rejection = knownRejection(candidate)
      if candidates.all[number].rejection != nil { continue }
      counts.estimates.others += 1
      let verdicts = verdicts(candidate, references)
      if let rejection = Self.combined(verdicts) {
        candidates.all[number].rejection = rejection
        continue
      }
      counts.estimates.othersLeft += 1
      for (hit, verdict) in zip(candidate.hits, verdicts) where verdict == nil {
        left[hit.source].append(
          RankedCandidate(
            number: number, document: candidate.document, rank: hit.rank, score: hit.score,
            grade: candidate.grade))
      }
    }
    limits = miner.sources.map { $0.quota ?? .max }
    if plan.sampling.asksTeacherFirst, miner.teacher != nil {
      undivided = left
    } else {
      divide(left)
    }
    if miner.teacher != nil { probes = probed() }
  }

  /// Makes the lanes of each source's remaining candidates.
  func divide(_ left: [[RankedCandidate]]) {
    let shares = shares
    for (source, ranked) in left.enumerated() {
      lanes += plan.sampling.lanes(ranked, count: shares[source], source: source, draw: random)
    }
  }

  /// The number of negatives wanted from each source.
  private var shares: [Int] {
    let quotas = miner.sources.map(\.quota)
    let open = quotas.filter { $0 == nil }
    let rest = max(plan.sampling.count - quotas.reduce(0) { $0 + ($1 ?? 0) }, 0)
    var parts = open.isEmpty ? [] : Sampling.parts(of: rest, open.map { _ in 1 })
    return quotas.map { $0 ?? parts.removeFirst() }
  }

  /// The reference score of each source's margins, computed from its scores of the positives. The
  /// positive at the corpus position `place` is left out: it is treated as unjudged.
  func references(besides place: Int?) -> [Double?] {
    miner.sources.indices.map { source in
      let scores = positives.compactMap {
        $0.index == place ? nil : candidates.hit($0.id, at: $0.index, source: source)?.score
      }
      return plan.filters.positive(scores)
    }
  }

  /// The reason to reject a candidate by its id alone, or nil.
  private func knownRejection(_ candidate: Candidates.Candidate) -> Rejection? {
    if isIgnored(candidate.document) { return .identicalID }
    if relevant.contains(candidate.document) { return .relevant }
    if candidate.index == nil { return .missing }
    if elsewhere.contains(candidate.document) { return .relevantElsewhere }
    return nil
  }

  /// Whether a document is excluded because it has the query's id.
  func isIgnored(_ document: String) -> Bool {
    plan.exclusions.identicalIDs && document == query.id
  }

  /// For each source that found the candidate, the reason to reject it, or nil.
  func verdicts(
    _ candidate: Candidates.Candidate, _ references: [Double?]
  ) -> [Rejection?] {
    candidate.hits.map { hit in
      plan.sampling.prefersJudged && candidate.grade != nil
        ? nil : plan.filters.verdict(hit.rank, hit.score, positive: references[hit.source])
    }
  }

  /// The combined verdict: one source that suspects a relevant document is enough, but a candidate
  /// that is too easy for one source may be hard for another.
  static func combined(_ verdicts: [Rejection?]) -> Rejection? {
    let against = verdicts.compactMap(\.self)
    return against.first(where: \.isSuspicion)
      ?? (against.count == verdicts.count ? against.first : nil)
  }

  /// The candidates that would be drawn first from the first source without any filters.
  private func probed() -> [Int] {
    let ranked = candidates.all.enumerated().compactMap { number, candidate in
      candidate.hits.first { $0.source == 0 && candidate.index != nil }.flatMap { hit in
        knownRejection(candidate) == nil
          ? RankedCandidate(
            number: number, document: candidate.document, rank: hit.rank, score: hit.score,
            grade: nil) : nil
      }
    }
    let lanes = plan.sampling.lanes(ranked, count: plan.report.probes, source: 0, draw: random)
    return lanes.flatMap { $0.queue.suffix($0.wanted) }
  }
}

extension ScoreFilters {
  /// The reason to reject a candidate of this rank and score, or nil.
  func verdict(_ rank: Int, _ score: Double, positive: Double?) -> Rejection? {
    if rank < firstRank { return .rangeMin }
    if let lastRank, rank > lastRank { return .rangeMax }
    if let minimumScore, score < minimumScore { return .minScore }
    if let maximumScore, score > maximumScore { return .maxScore }
    guard margins.isAsked else { return nil }
    guard let positive else {
      guard rejectsWithoutPositive else { return nil }
      return margins.absolute != nil ? .absoluteMargin : .relativeMargin
    }
    return switch margins.broken(by: score, positive: positive) {
    case .absolute: .absoluteMargin
    case .relative: .relativeMargin
    case nil: nil
    }
  }
}

extension TeacherLimits {
  /// The reason to reject a document with this teacher score, or nil.
  func verdict(_ score: Double, positive: Double?) -> Rejection? {
    if let maximumScore, score > maximumScore { return .teacherMaxScore }
    guard let positive else { return nil }
    return switch margins.broken(by: score, positive: positive) {
    case .absolute: .teacherAbsoluteMargin
    case .relative: .teacherRelativeMargin
    case nil: nil
    }
  }
}
