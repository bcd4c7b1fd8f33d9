import Foundation
import Scoring

/// The requests that wait for scores, and whose turn it is.
///
/// Workers take slices of some hundred tokens. A slice is filled with documents of all waiting
/// requests in turn, so a request of five documents is done after as many turns, however many
/// documents the request before it has, and a lonely one has all cores to itself. Nothing waits
/// for others to come.
final class ScoringQueue: @unchecked Sendable {
  /// Whose sequence a part of a slice is.
  struct Member: Sendable {
    let job: ScoringJob
    let document: Int
    let passage: Int
  }

  /// What a worker has taken, before it is tokenized.
  private struct Work {
    let job: ScoringJob
    let item: ScoringJob.Item
    let query: [Int32]?
  }

  private let maximumLength: Int
  private let specialTokens: Int
  private let kept: @Sendable (_ query: Int, _ text: Int) -> (query: Int, text: Int)
  private let longDocuments: LongDocuments
  private let mostDocuments: Int
  private let metrics: Metrics

  private let condition = NSCondition()
  /// The requests of which something waits, in the order of their turns.
  private var jobs: [ScoringJob] = []
  private var turn = 0
  private var isStopped = false
  /// How many documents have no score yet, and of how many requests.
  private var documents = 0
  private var requests = 0
  private var rate = Rate()

  /// A queue for at most so many documents.
  init(
    maximumLength: Int, specialTokens: Int, longDocuments: LongDocuments, mostDocuments: Int,
    metrics: Metrics,
    kept: @escaping @Sendable (_ query: Int, _ text: Int) -> (query: Int, text: Int)
  ) {
    self.maximumLength = maximumLength
    self.specialTokens = specialTokens
    self.longDocuments = longDocuments
    self.mostDocuments = mostDocuments
    self.metrics = metrics
    self.kept = kept
  }

  // MARK: For requests

  /// How many documents wait for their scores, and of how many requests.
  var load: (documents: Int, requests: Int) {
    condition.withLock { (documents, requests) }
  }

  /// Takes a request on.
  ///
  /// - Throws: `queueFull` where it is one too many, and `stopping`.
  func add(_ request: ScoringRequest) throws(ScoringProblem) -> ScoringJob {
    let job = ScoringJob(request)
    condition.lock()
    defer { condition.unlock() }
    if isStopped { throw .stopping }
    guard documents + job.remaining <= mostDocuments else {
      throw .queueFull(retryAfter: rate.seconds(for: documents))
    }
    if documents == 0 { rate.restart() }
    documents += job.remaining
    requests += 1
    if job.remaining == 0 {
      job.outcome = .success(job.result)
      requests -= 1
    } else {
      jobs.append(job)
      condition.broadcast()
    }
    return job
  }

  /// Waits for the scores of a request.
  func result(of job: ScoringJob) async -> Result<ScoringResult, ScoringProblem> {
    await withCheckedContinuation { continuation in
      condition.lock()
      if let outcome = job.outcome {
        condition.unlock()
        continuation.resume(returning: outcome)
      } else {
        job.waiting = continuation
        condition.unlock()
      }
    }
  }

  /// Ends a request, unless it is done: what is left of it is not scored.
  func end(_ job: ScoringJob, because problem: (_ begun: Bool) -> ScoringProblem) {
    condition.lock()
    let problem = problem(job.hasBegun)
    let waiting = finish(job, .failure(problem))
    condition.unlock()
    waiting?.resume(returning: .failure(problem))
  }

  /// Ends all requests and the workers.
  func stop() {
    condition.lock()
    isStopped = true
    let left = jobs
    condition.broadcast()
    condition.unlock()
    for job in left { end(job) { _ in .stopping } }
  }

  /// Notes what became of a job and returns who waits for it; nil where that was known before. The
  /// lock is held.
  private func finish(
    _ job: ScoringJob, _ outcome: Result<ScoringResult, ScoringProblem>
  ) -> CheckedContinuation<Result<ScoringResult, ScoringProblem>, Never>? {
    guard job.outcome == nil else { return nil }
    job.outcome = outcome
    documents -= job.remaining
    requests -= 1
    job.items = []
    job.scored = [:]
    if let place = jobs.firstIndex(where: { $0 === job }) { remove(at: place) }
    defer { job.waiting = nil }
    return job.waiting
  }

  private func remove(at place: Int) {
    jobs.remove(at: place)
    if place < turn { turn -= 1 }
  }

  // MARK: For workers

  /// Fills a slice, waiting for something to fill it with; false where there is nothing more to
  /// come.
  func fill(_ slice: inout ScoringSlice<Member>) -> Bool {
    guard let taken = take() else { return false }
    var last: (job: ScoringJob, query: [Int32])?
    for work in taken {
      let query: [Int32]
      if let last, last.job === work.job {
        query = last.query
      } else {
        query = work.query ?? slice.tokenize(work.job.request.query)
      }
      last = (work.job, query)
      place(work, query, in: &slice)
    }
    metrics.noteSlice(sequences: slice.members.count, tokens: slice.tokens)
    return true
  }

  /// What goes into the next slice, as far as can be said before it is tokenized; nil at the end.
  private func take() -> [Work]? {
    condition.lock()
    defer { condition.unlock() }
    while jobs.isEmpty {
      if isStopped { return nil }
      condition.wait()
    }
    var taken: [Work] = []
    var tokens = 0
    while !jobs.isEmpty {
      if turn >= jobs.count { turn = 0 }
      let job = jobs[turn]
      guard let item = job.items.last else {
        remove(at: turn)
        continue
      }
      let length = expectedLength(of: item, in: job)
      if !taken.isEmpty, tokens + length > ScoringSlice<Member>.size { break }
      tokens += length
      job.items.removeLast()
      job.hasBegun = true
      taken.append(Work(job: job, item: item, query: job.query))
      if job.items.isEmpty { remove(at: turn) } else { turn += 1 }
    }
    return taken
  }

  private func expectedLength(of item: ScoringJob.Item, in job: ScoringJob) -> Int {
    let query = job.query?.count ?? job.request.query.utf8.count / 4
    let text =
      switch item {
      case .passage(let passage): passage.ids.count
      // Tokens of prose have four bytes and more, those of other scripts three.
      case .document(let document): job.request.documents[document].utf8.count / 4
      }
    return min(maximumLength, query + text + specialTokens)
  }

  private func place(_ work: Work, _ query: [Int32], in slice: inout ScoringSlice<Member>) {
    let job = work.job
    let document: Int
    switch work.item {
    case .passage(let passage):
      place([passage], of: job, query, in: &slice)
      return
    case .document(let number): document = number
    }
    let all = slice.tokenize(job.request.documents[document])
    let count = min(job.request.mostDocumentTokens ?? all.count, all.count)
    let plan = longDocuments.plan(
      query: query.count, document: count, kept: kept(query.count, count))
    let isCut = plan.isCut || count < all.count
    // Passages wait with a copy of what is read: a part of all ids would keep all of them.
    let ids = Array(all.prefix(plan.passages.reduce(0) { max($0, $1.upperBound) }))
    if isCut, job.request.refusesCutting {
      end(job) { _ in
        .tooLong(document: document, tokens: query.count + all.count + specialTokens)
      }
      return
    }
    condition.withLock {
      job.query = query
      let count = plan.passages.count
      job.scored[document] = ScoringJob.Scored(
        scores: [Float](repeating: .nan, count: count), left: count)
      job.result.cut += isCut ? 1 : 0
      job.result.split += count > 1 ? 1 : 0
      let text = plan.passages.reduce(0) { $0 + $1.count }
      job.result.tokens += text + count * (plan.queryTokens + specialTokens)
    }
    let passages = plan.passages.enumerated().map { number, range in
      ScoringJob.Passage(
        document: document, number: number, ids: ids[range], queryTokens: plan.queryTokens)
    }
    place(passages[...], of: job, query, in: &slice)
  }

  /// Puts passages into a slice as far as there is room, and those that are left back to where
  /// they are taken from.
  private func place(
    _ passages: ArraySlice<ScoringJob.Passage>, of job: ScoringJob, _ query: [Int32],
    in slice: inout ScoringSlice<Member>
  ) {
    // A little more than a slice is better than two.
    let room = ScoringSlice<Member>.size * 5 / 4
    var left = passages
    while let next = left.first {
      let length = next.queryTokens + next.ids.count + specialTokens
      guard slice.tokens == 0 || slice.tokens + length <= room else { break }
      slice.append(
        Member(job: job, document: next.document, passage: next.number),
        query: query.prefix(next.queryTokens), text: next.ids)
      left = left.dropFirst()
    }
    if left.isEmpty { return }
    condition.withLock {
      guard job.outcome == nil else { return }
      job.items += left.reversed().map(ScoringJob.Item.passage)
      if !jobs.contains(where: { $0 === job }) { jobs.append(job) }
      condition.broadcast()
    }
  }

  /// Takes the scores of a slice.
  func deliver(_ members: [Member], _ scores: [Float]) {
    var done: [() -> Void] = []
    condition.lock()
    for (member, score) in zip(members, scores) {
      let job = member.job
      guard job.outcome == nil, var scored = job.scored[member.document] else { continue }
      guard score.isFinite else {
        let problem = ScoringProblem.notFinite(document: member.document)
        let waiting = finish(job, .failure(problem))
        done.append { waiting?.resume(returning: .failure(problem)) }
        continue
      }
      scored.scores[member.passage] = score
      scored.left -= 1
      guard scored.left == 0 else {
        job.scored[member.document] = scored
        continue
      }
      job.scored[member.document] = nil
      job.result.scores[member.document] = longDocuments.score(scored.scores[...])
      job.remaining -= 1
      documents -= 1
      rate.count(1)
      if job.remaining == 0 {
        let result = job.result
        let waiting = finish(job, .success(result))
        done.append { waiting?.resume(returning: .success(result)) }
      }
    }
    condition.unlock()
    for resume in done { resume() }
  }
}
