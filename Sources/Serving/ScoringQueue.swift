import Foundation
import Scoring

/// The requests that wait for scores.
///
/// A request is taken on where it will be done in time, and refused at once where it will not: the
/// rate of the workers is measured, and what a request costs is estimated from its bytes. Whose
/// turn it is and what is in time is decided in `ServiceOrder`. Workers take slices of some hundred
/// tokens, which they fill with what is next (`ScoringQueue+Workers`), so a lonely request has all
/// cores to itself and nothing waits for others to come.
final class ScoringQueue: @unchecked Sendable {
  let model: CostModel
  let metrics: Metrics
  private let mostDocuments: Int
  private let start = ContinuousClock.now

  /// Held while anything below is read or written.
  let condition = NSCondition()
  /// The requests of which something waits for a worker.
  var order = ServiceOrder<ScoringJob>()
  var isStopped = false
  /// How many documents have no score yet, and of how many requests.
  var documents = 0
  private var requests = 0
  var rate = ServiceRate(workers: 1)
  var ratio = TokenRatio()
  /// The cost of what workers have taken.
  var underway = 0.0

  /// A queue for at most so many documents.
  init(_ model: CostModel, mostDocuments: Int, metrics: Metrics) {
    self.model = model
    self.mostDocuments = mostDocuments
    self.metrics = metrics
  }

  /// The time of an instant on the queue's clock, in seconds.
  func time(_ instant: ContinuousClock.Instant = .now) -> Double {
    (instant - start) / .seconds(1)
  }

  /// How fast work is done. The lock is held.
  var pace: Pace {
    Pace(
      rate: rate.perSecond, best: rate.bestPerSecond, underway: underway,
      isCertain: rate.isCertain(at: time()))
  }

  /// Forgets how fast work was done; from now on so many workers are measured.
  func measure(workers: Int) {
    condition.withLock { rate = ServiceRate(workers: workers) }
  }

  /// Forgets how many tokens texts had.
  func forgetTexts() { condition.withLock { ratio = TokenRatio() } }

  /// How many documents wait for their scores, of how many requests, and for how many seconds
  /// that is work.
  var load: (documents: Int, requests: Int, seconds: Double) {
    condition.withLock { (documents, requests, order.backlog(pace)) }
  }

  /// Takes a request on.
  ///
  /// - Throws: `queueFull`, `noTime` and `tooMuch` where it is one too many, and `stopping`.
  func add(
    _ request: ScoringRequest, by deadline: ContinuousClock.Instant
  ) throws(ScoringProblem) -> ScoringJob {
    let costs = costs(of: request, condition.withLock { ratio })
    let job = ScoringJob(request, deadline: time(deadline), costs: costs)
    condition.lock()
    defer { condition.unlock() }
    if isStopped { throw .stopping }
    guard documents + job.remaining <= mostDocuments else {
      let share = Double(documents + job.remaining - mostDocuments) / Double(max(1, documents))
      throw .queueFull(retryAfter: Self.whole(order.backlog(pace) * share))
    }
    var admission = order.admission(of: job.size, by: job.deadline, at: time(), pace)
    if case .never = admission {
      // The texts before may have had more tokens a byte than is usual. If that made others
      // impossible, no text would come that corrects it.
      let usual = self.costs(of: request, TokenRatio()).reduce(0, +)
      admission = order.admission(
        of: min(usual, job.size), by: job.deadline, at: time(), pace)
    }
    switch admission {
    case .admitted(let reliesOnShare): job.reliesOnShare = reliesOnShare
    case .later(let seconds): throw .noTime(retryAfter: Self.whole(seconds))
    case .never(let seconds): throw .tooMuch(seconds: Self.whole(seconds))
    }
    if job.remaining == 0 {
      job.outcome = .success(job.result)
      return job
    }
    documents += job.remaining
    requests += 1
    order.insert(job)
    condition.broadcast()
    return job
  }

  /// What each document of a request is estimated to cost.
  private func costs(of request: ScoringRequest, _ ratio: TokenRatio) -> [Double] {
    request.documents.enumerated().map { number, text in
      model.cost(
        query: ratio.tokens(in: request.query(of: number).utf8.count),
        document: ratio.tokens(in: text.utf8.count), most: request.mostDocumentTokens)
    }
  }

  /// Why a request whose documents have so many bytes would be refused now; nil where it might not.
  ///
  /// It is asked before a body is decoded, which costs more than to refuse it, and leaves it to
  /// `add` where there is doubt.
  func problem(ofTexts bytes: [Int], by deadline: ContinuousClock.Instant) -> ScoringProblem? {
    let (ratio, isEmpty) = condition.withLock { (self.ratio, order.isEmpty) }
    if isEmpty { return nil }
    let size = bytes.reduce(0) {
      $0 + model.cost(query: 0, document: ratio.tokens(in: $1), most: nil)
    }
    return condition.withLock {
      let (deadline, now) = (time(deadline), time())
      guard case .later = order.admission(of: size * 0.9, by: deadline, at: now, pace),
        case .later(let seconds) = order.admission(of: size, by: deadline, at: now, pace)
      else { return nil }
      return .noTime(retryAfter: Self.whole(seconds))
    }
  }

  /// Seconds as `Retry-After` has them.
  private static func whole(_ seconds: Double) -> Int {
    Int(min(86_400, max(1, seconds.rounded(.up))))
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
    let resume = condition.withLock { finish(job, .failure(problem(job.hasBegun))) }
    resume()
  }

  /// Ends all requests and the workers.
  func stop() {
    let left = condition.withLock {
      isStopped = true
      condition.broadcast()
      return order.byDeadline
    }
    for job in left { end(job) { _ in .stopping } }
  }

  /// Notes what became of a job, unless that was known before, and returns what tells it to
  /// whatever waits for it, once the lock is no longer held. The lock is held.
  func finish(
    _ job: ScoringJob, _ outcome: Result<ScoringResult, ScoringProblem>
  ) -> () -> Void {
    guard job.outcome == nil else { return {} }
    job.outcome = outcome
    documents -= job.remaining
    requests -= 1
    job.items = []
    job.scored = [:]
    order.remove(job)
    let waiting = job.waiting
    job.waiting = nil
    return { waiting?.resume(returning: outcome) }
  }
}
