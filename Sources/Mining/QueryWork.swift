import Corpora
import Diagnostics
import Options
import Ranking

/// One query on its way from candidates to negatives.
final class QueryWork {
  /// A candidate, or a document from the whole corpus, that is to be a negative unless the teacher
  /// objects.
  struct Drawn {
    let id: String
    let index: Int
    /// Its number among the candidates; nil for one from the whole corpus.
    let candidate: Int?
    /// Where it comes from, and whether it counts as what was wanted there.
    let lane: Int
    let isWanted: Bool
  }

  let number: Int
  let query: Query
  unowned let miner: Miner
  /// In the corpus, the highest grades first.
  var positives: [MinedDocument]
  /// All that is judged relevant, in the corpus or not.
  let relevant: Set<String>
  /// Judged relevant for other queries of the same words.
  let elsewhere: Set<String>
  var candidates = Candidates()
  /// What the teacher said so far, by document.
  var teacherScores: [String: Double] = [:]
  /// What the teacher's margins are measured from.
  var teacherReference: Double?
  let random: Draw
  var lanes: [Lane] = []
  /// How many documents each source may still give.
  var limits: [Int] = []
  var pending: [Drawn] = []
  var taken: [Drawn] = []
  var isExhausted = false
  var refill: Refill?
  /// Candidates to ask the teacher for before any filter.
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

  /// Adds what a source found.
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

  /// Takes out what judgments, ranks and scores speak against, and puts the rest in the order in
  /// which it is looked at.
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
    let shares = shares
    limits = miner.sources.map { $0.quota ?? .max }
    for (source, ranked) in left.enumerated() {
      lanes += plan.sampling.lanes(ranked, count: shares[source], source: source, draw: random)
    }
    if miner.teacher != nil { probes = probed() }
  }

  /// How many negatives are wanted of each source.
  private var shares: [Int] {
    let quotas = miner.sources.map(\.quota)
    let open = quotas.filter { $0 == nil }
    let rest = max(plan.sampling.count - quotas.reduce(0) { $0 + ($1 ?? 0) }, 0)
    var parts = open.isEmpty ? [] : Sampling.parts(of: rest, open.map { _ in 1 })
    return quotas.map { $0 ?? parts.removeFirst() }
  }

  /// The scores that each source's margins are measured from, made of those of its positives, but
  /// for one document that is taken for unknown, by its place in the corpus.
  func references(besides place: Int?) -> [Double?] {
    miner.sources.indices.map { source in
      let scores = positives.compactMap {
        $0.index == place ? nil : candidates.hit($0.id, at: $0.index, source: source)?.score
      }
      return plan.filters.positive(scores)
    }
  }

  /// What the ids alone say against a candidate.
  private func knownRejection(_ candidate: Candidates.Candidate) -> Rejection? {
    if isIgnored(candidate.document) { return .identicalID }
    if relevant.contains(candidate.document) { return .relevant }
    if candidate.index == nil { return .missing }
    if elsewhere.contains(candidate.document) { return .relevantElsewhere }
    return nil
  }

  /// Whether a document is left out for its id, which is the query's own.
  func isIgnored(_ document: String) -> Bool {
    plan.exclusions.identicalIDs && document == query.id
  }

  /// What each source that found a candidate says against it.
  func verdicts(
    _ candidate: Candidates.Candidate, _ references: [Double?]
  ) -> [Rejection?] {
    candidate.hits.map { hit in
      plan.sampling.prefersJudged && candidate.grade != nil
        ? nil : plan.filters.verdict(hit.rank, hit.score, positive: references[hit.source])
    }
  }

  /// What all sources together say: a suspicion of one is enough, but what is too easy for one may
  /// be hard for another.
  static func combined(_ verdicts: [Rejection?]) -> Rejection? {
    let against = verdicts.compactMap(\.self)
    return against.first(where: \.isSuspicion)
      ?? (against.count == verdicts.count ? against.first : nil)
  }

  /// The candidates that would be taken first from the first source if there were no filters.
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
  /// What speaks against a candidate of this rank and score.
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
  /// What speaks against a document that the teacher gives this score.
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
