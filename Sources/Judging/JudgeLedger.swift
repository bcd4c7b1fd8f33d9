import Diagnostics
import Files
import Synchronization

/// The log of a job and what it has spent, shared by the requests that run at a time.
final class JudgeLedger: Sendable {
  private struct State {
    let log: AppendedFile
    var verdicts: [JudgedPair: Verdict]
    var requests: Int
    var tokens: Int
    var reserved = 0
    var failuresInARow = 0
    var isSpent = false
    var failure: Failure?
  }

  private let state: Mutex<State>
  private let budget: JudgeBudget

  /// As many pairs in a row without a grade mean that the judge is down, not that pairs are odd.
  static let mostFailuresInARow = 20

  init(_ path: String, _ earlier: [Verdict], size: Int, _ budget: JudgeBudget) throws(Failure) {
    self.budget = budget
    var verdicts: [JudgedPair: Verdict] = [:]
    for verdict in earlier where verdict.grade != nil { verdicts[verdict.pair] = verdict }
    state = Mutex(
      State(
        log: try AppendedFile(path, keeping: size), verdicts: verdicts,
        requests: earlier.reduce(0) { $0 + $1.requests },
        tokens: earlier.reduce(0) { $0 + $1.tokens }))
  }

  /// Takes a request from the budget, with the tokens that it may cost at most.
  func reserve(tokens: Int) -> Bool {
    state.withLock { state in
      let fits =
        state.requests < budget.requests ?? .max
        && state.tokens + state.reserved + tokens <= budget.tokens ?? .max
      if !fits {
        state.isSpent = true
        return false
      }
      state.requests += 1
      state.reserved += tokens
      return true
    }
  }

  /// Replaces reserved tokens by those that were used.
  func settle(reserved: Int, used: Int) {
    state.withLock { state in
      state.reserved -= reserved
      state.tokens += used
    }
  }

  /// Appends a verdict, so that it survives whatever happens next.
  func add(_ verdict: Verdict) {
    write(verdict, flushes: true) { state in
      state.verdicts[verdict.pair] = verdict
      state.failuresInARow = verdict.grade == nil ? state.failuresInARow + 1 : 0
      if state.failuresInARow >= Self.mostFailuresInARow, state.failure == nil {
        state.failure = Failure(
          .unavailable,
          "the judge gave no grade for \(state.failuresInARow) pairs in a row: \(verdict.rationale)",
          remedy: "check that the judge is up, then continue with '--resume'")
      }
    }
  }

  /// Appends what was spent on a pair that is not decided.
  func record(_ verdict: Verdict) { write(verdict, flushes: true) { _ in } }

  /// Adds a verdict that cost nothing; `flush` follows.
  func note(_ verdict: Verdict) {
    write(verdict, flushes: false) { $0.verdicts[verdict.pair] = verdict }
  }

  /// - Throws: the first error of writing.
  func flush() throws(Failure) {
    try state.withLock { state throws(Failure) in
      if let failure = state.failure { throw failure }
      try state.log.flush()
    }
  }

  private func write(_ verdict: Verdict, flushes: Bool, _ then: (inout State) -> Void) {
    state.withLock { state in
      do throws(Failure) {
        try state.log.append(verdict.line)
        if flushes { try state.log.flush() }
      } catch {
        if state.failure == nil { state.failure = error }
        return
      }
      then(&state)
    }
  }

  func fail(_ failure: Failure) {
    state.withLock { if $0.failure == nil { $0.failure = failure } }
  }

  /// Whether no further pair should begin.
  var isOver: Bool { state.withLock { $0.isSpent || $0.failure != nil } }
  var isSpent: Bool { state.withLock(\.isSpent) }
  var failure: Failure? { state.withLock(\.failure) }
  var verdicts: [JudgedPair: Verdict] { state.withLock(\.verdicts) }
  var spent: (requests: Int, tokens: Int) { state.withLock { ($0.requests, $0.tokens) } }
}

/// The most that a job may spend, over all its runs; nil for no limit.
public struct JudgeBudget: Sendable, Equatable {
  /// Requests, retries among them.
  public var requests: Int?
  /// Tokens of prompts and answers.
  public var tokens: Int?

  /// A budget.
  public init(requests: Int? = nil, tokens: Int? = nil) {
    (self.requests, self.tokens) = (requests, tokens)
  }
}
