import Diagnostics

extension QueryWork {
  /// The query with its negatives; nil if it has none. Adds its part of the counts to `total`.
  ///
  /// - Throws: if the document with the query's own id cannot be read.
  func finish(_ total: inout MiningCounts) throws(Failure) -> MinedQuery? {
    counts.queriesAmongCandidates = try isAmongCandidates ? 1 : 0
    let negatives = taken.map(negative)
    count(negatives)
    if !tellsByJudgments { counts.estimates.forgetJudgments() }
    total.add(counts)
    guard !negatives.isEmpty else { return nil }
    let written = positives.prefix(plan.positives ?? .max).map { positive in
      var positive = positive
      let hit = candidates.number(at: positive.index).flatMap { candidates.all[$0].hits.first }
      (positive.rank, positive.score) = (hit?.rank, hit?.score)
      return positive
    }
    return MinedQuery(
      id: query.id, text: query.text, positives: written, negatives: negatives)
  }

  /// Whether a source found the query itself (same id, same words) and no exclusion removes it.
  private var isAmongCandidates: Bool {
    get throws(Failure) {
      guard !plan.exclusions.identicalIDs,
        let index = miner.collection.documentIndex(of: query.id),
        candidates.number(at: index) != nil
      else { return false }
      return try miner.collection.document(at: index).hasWords(of: query.text)
    }
  }

  private func negative(_ drawn: Drawn) -> MinedDocument {
    guard let number = drawn.candidate else {
      let grade = miner.judgments.grade(of: drawn.id, for: query.id)
      return MinedDocument(
        id: drawn.id, index: drawn.index, label: grade ?? 0, isJudged: grade != nil,
        source: MinedDocument.corpus, teacher: teacherScores[drawn.id])
    }
    let candidate = candidates.all[number]
    let source = lanes[drawn.lane].source
    let hit = candidates.hit(drawn.id, at: drawn.index, source: source)
    return MinedDocument(
      id: drawn.id, index: drawn.index, label: candidate.grade ?? 0,
      isJudged: candidate.grade != nil, source: miner.sources[source].stage.name,
      rank: hit?.rank, score: hit?.score, teacher: teacherScores[drawn.id])
  }

  private func count(_ negatives: [MinedDocument]) {
    counts.queriesWithoutCandidates = candidates.all.isEmpty ? 1 : 0
    counts.queriesWithoutNegatives = negatives.isEmpty ? 1 : 0
    counts.queriesShort = negatives.count < plan.sampling.count ? 1 : 0
    counts.candidates = candidates.all.count
    for candidate in candidates.all {
      if candidate.isKept {
        counts.kept += 1
        if candidate.grade != nil { counts.keptJudged += 1 }
      } else if let rejection = candidate.rejection {
        counts.rejected[rejection, default: 0] += 1
      } else {
        counts.notNeeded += 1
      }
    }
    counts.refilled = negatives.count - counts.kept
    counts.keptJudged += negatives.count { $0.isJudged && $0.source == MinedDocument.corpus }
    counts.teacherScores = teacherScores.count
    counts.positivesFound = positives.count { candidates.number(at: $0.index) != nil }
    for (number, source) in miner.sources.enumerated() {
      counts.sources[source.stage.name] = counts(of: number, negatives)
    }
    for negative in negatives {
      guard let score = negative.teacher else { continue }
      counts.teacherOfNegatives.add(score)
      guard let reference = teacherReference else { continue }
      counts.estimates.scored += 1
      if score > reference { counts.estimates.scoredAbove += 1 }
    }
  }

  private func counts(of number: Int, _ negatives: [MinedDocument]) -> SourceCounts {
    let source = miner.sources[number]
    var counts = SourceCounts()
    counts.candidates = candidates.all.count { $0.hits.contains { $0.source == number } }
    for negative in negatives where negative.source == source.stage.name {
      guard let score = negative.score else { continue }
      counts.kept += 1
      counts.negatives.add(score)
    }
    var ranks: [Int] = []
    for positive in positives {
      guard let hit = candidates.hit(positive.id, at: positive.index, source: number) else {
        continue
      }
      ranks.append(hit.rank)
      counts.positives.add(hit.score)
    }
    counts.depths = plan.report.depths.filter { $0 < source.depth } + [source.depth]
    let found = counts.depths.map { depth in ranks.count { $0 <= depth } }
    counts.recall[positives.count] = RecallCounts(queries: 1, found: found)
    return counts
  }

  /// The query's entry in the report.
  func shown() throws(Failure) -> ShownQuery {
    var positives: [ShownQuery.Shown] = []
    for positive in self.positives.prefix(5) {
      let number = candidates.number(at: positive.index)
      positives.append(
        try shown(
          positive.id, positive.index, MinedDocument.judgments, nil,
          number.flatMap { candidates.all[$0].hits.first }))
    }
    var kept: [ShownQuery.Shown] = []
    for drawn in taken.prefix(10) {
      let negative = negative(drawn)
      let hit = candidates.hit(
        drawn.id, at: drawn.index, source: lanes.isEmpty ? 0 : lanes[drawn.lane].source)
      kept.append(try shown(drawn.id, drawn.index, negative.source, nil, hit))
    }
    // Rejected positives need no example.
    let out = candidates.all.filter {
      !$0.isKept && $0.rejection != nil && $0.rejection != .relevant
    }
    var rejected: [ShownQuery.Shown] = []
    for candidate in out.prefix(10) {
      let source = candidate.hits.first.map { miner.sources[$0.source].stage.name } ?? ""
      rejected.append(
        try shown(
          candidate.document, candidate.index, source, candidate.rejection?.explanation,
          candidate.hits.first))
    }
    return ShownQuery(
      query: query.id, text: query.text, positives: positives, kept: kept, rejected: rejected)
  }

  private func shown(
    _ id: String, _ index: Int?, _ source: String, _ fate: String?, _ hit: Candidates.Hit?
  ) throws(Failure) -> ShownQuery.Shown {
    var text = ""
    if let index { text = try miner.texts.entry(at: index).content }
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return ShownQuery.Shown(
      document: id, text: line.count > 160 ? "\(line.prefix(160))…" : line, fate: fate,
      source: source, rank: hit?.rank, score: hit?.score, teacher: teacherScores[id])
  }
}
