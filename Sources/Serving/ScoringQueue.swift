import Foundation
import Scoring

/// The queue of requests that wait for scores.
///
/// A request is accepted if it can be completed in time, and refused at once otherwise: the
/// workers' rate is measured, and the cost of a request is estimated from its bytes. `ServiceOrder`
/// decides on the order and on what can be completed in time. Workers take slices of a few hundred
/// tokens, filled with the next items (`ScoringQueue+Workers`), so that a single request uses all
/// cores and no request waits for others to arrive.
final class ScoringQueue: @unchecked Sendable {
  let model: CostModel
  let metrics: Metrics
  /// The stages of requests whose candidates leave at exits; nil if none leave.
  let stages: ExitStages?
  private let mostDocuments: Int
  private let start = ContinuousClock.now

  /// Protects all properties below.
  let condition = NSCondition()
  /// The requests with items that wait for a worker.
  var order = ServiceOrder<ScoringJob>()
  var isStopped = false
  /// The number of documents without a score, and of their requests.
  var documents = 0
  private var requests = 0
  var rate = ServiceRate(workers: 1)
  var ratio = TokenRatio()
  /// The cost of the items that workers have taken.
  var underway = 0.0

  /// A queue for at most `mostDocuments` documents.
  init(
    _ model: CostModel, mostDocuments: Int, metrics: Metrics, stages: ExitStages? = nil
  ) {
    self.model = model
    self.stages = stages
    self.mostDocuments = mostDocuments
    self.metrics = metrics
  }

  /// The time of an instant on the queue's clock, in seconds.
  func time(_ instant: ContinuousClock.Instant = .now) -> Double {
    (instant - start) / .seconds(1)
  }

  /// The current pace of the workers. The lock must be held.
  var pace: Pace {
    Pace(
      rate: rate.perSecond, best: rate.bestPerSecond, underway: underway,
      isCertain: rate.isCertain(at: time()))
  }

  /// Resets the measurement of the pace, for this number of workers.
  func measure(workers: Int) {
    condition.withLock { rate = ServiceRate(workers: workers) }
  }

  /// Resets the measurement of tokens per byte.
  func forgetTexts() { condition.withLock { ratio = TokenRatio() } }

  /// The number of documents that wait for scores, the number of their requests, and the estimated
  /// seconds of work.
  var load: (documents: Int, requests: Int, seconds: Double) {
    condition.withLock { (documents, requests, order.backlog(pace)) }
  }

  /// Accepts a request.
  ///
  /// - Throws: `queueFull`, `noTime` or `tooMuch` if it cannot be accepted, and `stopping`.
  func add(
    _ request: ScoringRequest, by deadline: ContinuousClock.Instant
  ) throws(ScoringProblem) -> ScoringJob {
    let costs = costs(of: request, condition.withLock { ratio })
    let stages = stages(of: request)
    let job = ScoringJob(request, deadline: time(deadline), costs: costs, stages: stages)
    condition.lock()
    defer { condition.unlock() }
    if isStopped { throw .stopping }
    guard documents + job.remaining <= mostDocuments else {
      let share = Double(documents + job.remaining - mostDocuments) / Double(max(1, documents))
      throw .queueFull(retryAfter: Self.whole(order.backlog(pace) * share))
    }
    var admission = order.admission(of: job.size, by: job.deadline, at: time(), pace)
    if case .never = admission {
      // Earlier texts may have had unusually many tokens per byte. If the estimate then rejected
      // all others, it would never be corrected.
      let usual =
        self.costs(of: request, TokenRatio()).reduce(0, +)
        * (stages?.work(from: 0, ofRequestWith: costs.count) ?? 1)
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

  /// The estimated cost of each document of a request.
  private func costs(of request: ScoringRequest, _ ratio: TokenRatio) -> [Double] {
    let model = request.prompt?.costs ?? model
    return request.documents.enumerated().map { number, text in
      model.cost(
        query: ratio.tokens(in: request.query(of: number).utf8.count),
        document: ratio.tokens(in: text.utf8.count), most: request.mostDocumentTokens)
    }
  }

  /// The reason why a request with documents of these sizes would be refused now; nil if it may be
  /// accepted.
  ///
  /// Called before a body is decoded, which costs more than a refusal; cases of doubt are left to
  /// `add`.
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

  /// Seconds in the form of `Retry-After`.
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

  /// Ends a request unless it is finished: its remaining items are not scored.
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

  /// Records the outcome of a job unless it has one, and returns a function that resumes the
  /// waiting request, to be called after the lock is released. The lock must be held.
  func finish(
    _ job: ScoringJob, _ outcome: Result<ScoringResult, ScoringProblem>
  ) -> () -> Void {
    guard job.outcome == nil else { return {} }
    job.outcome = outcome
    documents -= job.remaining
    requests -= 1
    job.items = []
    job.scored = [:]
    job.stage = nil
    order.remove(job)
    let waiting = job.waiting
    job.waiting = nil
    return { waiting?.resume(returning: outcome) }
  }
}
