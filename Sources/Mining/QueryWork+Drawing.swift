import Diagnostics
import Randomness

extension QueryWork {
  /// The documents that the teacher scores before anything is drawn: the positives, probes that show
  /// the filters' effect, and the candidates if they are divided by its scores.
  func firstQuestions() -> TeacherQuestion {
    var documents = positives.prefix(plan.positives ?? .max).map { ($0.id, $0.index) }
    let undivided = Set(undivided.joined().map(\.number)).subtracting(probes).sorted()
    for number in probes + undivided {
      let candidate = candidates.all[number]
      if let index = candidate.index { documents.append((candidate.document, index)) }
    }
    return TeacherQuestion(work: self, documents: miner.teacher == nil ? [] : documents)
  }

  /// Records the teacher's scores of the positives and of the probes.
  func judgePositives() throws(Failure) {
    for index in positives.indices {
      positives[index].teacher = teacherScores[positives[index].id]
      if let score = positives[index].teacher { counts.teacherOfPositives.add(score) }
    }
    teacherReference = plan.teacher.positive(positives.compactMap(\.teacher))
    for number in probes {
      guard let reference = teacherReference,
        let score = teacherScores[candidates.all[number].document]
      else { continue }
      counts.estimates.probed += 1
      if score > reference { counts.estimates.probedAbove += 1 }
    }
    if !undivided.isEmpty {
      divide(
        undivided.map { ranked in
          ranked.map { candidate in
            var candidate = candidate
            candidate.teacher = teacherScores[candidate.document]
            return candidate
          }
        })
      undivided = []
    }
    if tellsByJudgments { try holdOut() }
  }

  /// Draws as many documents as are still wanted, and returns those that the teacher has not
  /// scored.
  func draw() throws(Failure) -> TeacherQuestion {
    while taken.count + pending.count < plan.sampling.count {
      var next = try nextCandidate()
      if next == nil { next = try nextOfCorpus() }
      guard let next else {
        isExhausted = true
        break
      }
      pending.append(next)
    }
    let unknown = pending.filter { teacherScores[$0.id] == nil }
    return TeacherQuestion(
      work: self, documents: miner.teacher == nil ? [] : unknown.map { ($0.id, $0.index) })
  }

  /// Accepts the drawn documents that the teacher's limits do not reject.
  func settle() {
    for drawn in pending {
      if let rejection = teacherRejection(drawn) {
        reject(drawn, rejection)
        continue
      }
      if drawn.candidate != nil { counts.estimates.othersPassed += 1 }
      taken.append(drawn)
    }
    pending = []
  }

  /// Whether another round could add negatives.
  var wantsMore: Bool { taken.count < plan.sampling.count && !isExhausted }

  private func teacherRejection(_ drawn: Drawn) -> Rejection? {
    guard let score = teacherScores[drawn.id] else { return nil }
    if plan.sampling.prefersJudged, let number = drawn.candidate,
      candidates.all[number].grade != nil
    {
      return nil
    }
    return plan.teacher.verdict(score, positive: teacherReference)
  }

  private func reject(_ drawn: Drawn, _ rejection: Rejection) {
    guard let number = drawn.candidate else {
      counts.refillsRejected += 1
      return
    }
    candidates.all[number].isKept = false
    candidates.all[number].rejection = rejection
    if drawn.isWanted { lanes[drawn.lane].wanted += 1 }
    if limits[lanes[drawn.lane].source] < .max { limits[lanes[drawn.lane].source] += 1 }
  }

  /// The next candidate whose text passes the exclusion checks.
  private func nextCandidate() throws(Failure) -> Drawn? {
    while let (lane, isWanted) = nextLane() {
      let number = lanes[lane].queue.removeLast()
      let candidate = candidates.all[number]
      // It may have been drawn from another source.
      guard candidate.rejection == nil, !candidate.isKept, let index = candidate.index else {
        continue
      }
      counts.estimates.othersExamined += 1
      if let rejection = try checks?.rejection(of: index) {
        candidates.all[number].rejection = rejection
        continue
      }
      candidates.all[number].isKept = true
      if isWanted { lanes[lane].wanted -= 1 }
      if limits[lanes[lane].source] < .max { limits[lanes[lane].source] -= 1 }
      return Drawn(
        id: candidate.document, index: index, candidate: number, lane: lane, isWanted: isWanted)
    }
    return nil
  }

  /// The lane to draw from: the first that still wants documents, or else, if the others ran short,
  /// the first that has any.
  private func nextLane() -> (Int, isWanted: Bool)? {
    func gives(_ lane: Lane) -> Bool { !lane.queue.isEmpty && limits[lane.source] > 0 }
    if let lane = lanes.firstIndex(where: { gives($0) && $0.wanted > 0 }) { return (lane, true) }
    return lanes.firstIndex(where: gives).map { ($0, false) }
  }

  /// A document from the whole corpus that no source has found.
  private func nextOfCorpus() throws(Failure) -> Drawn? {
    guard plan.sampling.refills, miner.collection.documentCount > 0 else { return nil }
    var refill = refill ?? Refill(random.generator(Refill.purpose), plan.sampling.count)
    defer { self.refill = refill }
    while let index = refill.next(of: miner.collection.documentCount) {
      let id = miner.collection.documentID(at: index)
      guard candidates.number(at: index) == nil else { continue }
      var isOut = isIgnored(id) || relevant.contains(id) || elsewhere.contains(id)
      if !isOut { isOut = try checks?.rejection(of: index) != nil }
      if isOut {
        counts.refillsRejected += 1
        continue
      }
      return Drawn(id: id, index: index, candidate: nil, lane: 0, isWanted: false)
    }
    return nil
  }

  /// Whether the query counts in the estimate by judgments. Holding out the only positive would
  /// leave no score to measure a margin from, and would seem to show that margins let everything
  /// pass.
  var tellsByJudgments: Bool {
    let found = positives.compactMap { candidates.number(at: $0.index) }
    if plan.filters.margins.isAsked {
      let sources = Set(found.flatMap { candidates.all[$0].hits.map(\.source) })
      let isMeasured = sources.allSatisfy { source in
        found.count { candidates.all[$0].hits.contains { $0.source == source } } > 1
      }
      if !isMeasured { return false }
    }
    return miner.teacher == nil || !plan.teacher.margins.isAsked
      || positives.count { $0.teacher != nil } > 1
  }

  /// Passes each positive that was found through the filters as if it were unjudged.
  private func holdOut() throws(Failure) {
    for positive in positives {
      guard let number = candidates.number(at: positive.index) else { continue }
      counts.estimates.relevantFound += 1
      var unknown = candidates.all[number]
      unknown = .init(
        document: unknown.document, index: unknown.index, grade: nil, hits: unknown.hits)
      let verdicts = verdicts(unknown, references(besides: positive.index))
      if Self.combined(verdicts) != nil { continue }
      if try checks?.rejection(of: positive.index, asIfUnknown: positive.id) != nil { continue }
      if let score = positive.teacher {
        let others = positives.compactMap { $0.index == positive.index ? nil : $0.teacher }
        let reference = plan.teacher.positive(others)
        if plan.teacher.verdict(score, positive: reference) != nil { continue }
      }
      counts.estimates.relevantPassed += 1
    }
  }
}

/// A bounded number of random corpus positions.
struct Refill {
  static let purpose: UInt64 = 1

  private var generator: SplitMix64
  private var left: Int
  private var seen: Set<Int> = []

  init(_ generator: SplitMix64, _ count: Int) {
    self.generator = generator
    left = 20 + 50 * count
  }

  /// The next position below `count`; nil after the maximum number of attempts.
  mutating func next(of count: Int) -> Int? {
    while left > 0 {
      left -= 1
      let index = generator.below(count)
      if seen.insert(index).inserted { return index }
    }
    return nil
  }
}
