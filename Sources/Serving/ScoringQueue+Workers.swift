import Foundation
import Scoring

/// The workers' side of the queue: taking work and delivering scores.
extension ScoringQueue {
  /// The owner of a sequence in a slice.
  struct Member: Sendable {
    let job: ScoringJob
    let document: Int
    let passage: Int
    let cost: Double
    /// The start of the slice's work.
    let taken: ContinuousClock.Instant
  }

  /// An item that a worker has taken, before tokenization.
  private struct Work {
    let job: ScoringJob
    let item: ScoringJob.Item
    let query: [Int32]?
  }

  /// The items of a slice, before tokenization.
  private struct Taken {
    var work: [Work] = []
    /// Their estimated cost.
    var cost = 0.0
    /// The layers that they go through; nil for all.
    var layers: Range<Int>?
    let time = ContinuousClock.now
    /// The continuations of requests that were given up.
    var given: [() -> Void] = []
  }

  /// Fills a slice, waiting for work if there is none; false at the end.
  func fill(_ slice: inout ScoringSlice<Member>) -> Bool {
    guard let taken = take() else { return false }
    for tell in taken.given { tell() }
    slice.layers = taken.layers
    var last: (job: ScoringJob, query: [Int32])?
    for work in taken.work {
      let query: [Int32]
      if work.job.request.queries != nil {
        query = slice.tokenize(
          work.job.request.query(of: work.item.document), as: .query, with: work.job.tokenizer)
      } else if let last, last.job === work.job {
        query = last.query
      } else {
        query =
          work.query
          ?? slice.tokenize(work.job.request.query, as: .query, with: work.job.tokenizer)
      }
      last = (work.job, query)
      place(work, query, taken.time, in: &slice)
    }
    let cost = slice.members.reduce(0) { $0 + $1.cost }
    condition.withLock { underway += cost - taken.cost }
    metrics.noteSlice(sequences: slice.members.count, tokens: slice.tokens)
    return true
  }

  /// The items of the next slice, as far as they can be selected before tokenization; empty if all
  /// waiting requests were given up, and nil at the end.
  private func take() -> Taken? {
    condition.lock()
    defer { condition.unlock() }
    while order.isEmpty {
      if isStopped { return nil }
      condition.wait()
    }
    var taken = Taken()
    let (now, pace) = (time(taken.time), pace)
    var tokens = 0
    while let job = order.next {
      if order.isHopeless(job, at: now, pace) {
        taken.given.append(finish(job, .failure(.tooLate(begun: job.hasBegun))))
        continue
      }
      guard let item = job.items.last else {
        order.remove(job)
        continue
      }
      let layers = layers(of: job)
      // A slice goes through the same layers as a whole.
      if !taken.work.isEmpty, layers != taken.layers { break }
      taken.layers = layers
      var (length, cost) = expected(item, in: job)
      if taken.work.last?.job === job {
        let query = job.query?.count ?? ratio.tokens(in: job.request.query.utf8.count)
        length -= common(to: job, query: query, length)
      }
      if !taken.work.isEmpty, tokens + length > ScoringSlice<Member>.size { break }
      tokens += length
      taken.cost += cost
      order.serve(cost)
      job.left -= cost
      job.items.removeLast()
      job.hasBegun = true
      taken.work.append(Work(job: job, item: item, query: job.query))
      if job.items.isEmpty { order.remove(job) }
    }
    underway += taken.cost
    return taken
  }

  /// The estimated tokens and cost of an item.
  private func expected(
    _ item: ScoringJob.Item, in job: ScoringJob
  ) -> (tokens: Int, cost: Double) {
    let model = costs(of: job)
    switch item {
    case .passage(let passage):
      let length = model.length(query: passage.queryTokens, text: passage.ids.count)
      return (length, cost(ofTokens: length) * part(of: job))
    case .document(let document):
      let query = job.query?.count ?? ratio.tokens(in: job.request.query.utf8.count)
      let text = ratio.tokens(in: job.request.documents[document].utf8.count)
      let length = model.length(query: query, text: text)
      return (min(model.maximumLength, length), job.costs[document] * part(of: job))
    }
  }

  /// The number of tokens of a sequence of `length` tokens that are computed once with those of the
  /// sequence before it, of the same request.
  private func common(to job: ScoringJob, query: Int, _ length: Int) -> Int {
    let model = costs(of: job)
    guard model.sharesPrefixes, job.request.queries == nil else { return 0 }
    return min(model.leading(query), length - 1)
  }

  /// The division of a request's texts into sequences.
  private func costs(of job: ScoringJob) -> CostModel { job.request.prompt?.costs ?? model }

  private func place(
    _ work: Work, _ query: [Int32], _ taken: ContinuousClock.Instant,
    in slice: inout ScoringSlice<Member>
  ) {
    let job = work.job
    let document: Int
    switch work.item {
    case .passage(let passage):
      place([passage], of: job, query, taken, in: &slice)
      return
    case .document(let number): document = number
    }
    let text = job.request.documents[document]
    let model = costs(of: job)
    let all = slice.tokenize(text, as: .document, with: job.tokenizer)
    let plan = model.plan(
      query: query.count, document: all.count, most: job.request.mostDocumentTokens)
    let isCut = plan.isCut || all.count - model.tail > job.request.mostDocumentTokens ?? .max
    // Waiting passages have a copy of the ids that they read: a slice of the array would retain all
    // ids.
    let ids = Array(all.prefix(plan.passages.reduce(0) { max($0, $1.upperBound) }))
    func read(_ range: Range<Int>) -> ArraySlice<Int32> {
      // A prompt ends a truncated text with tokens of its own.
      model.tail == 0 || range.upperBound == all.count
        ? ids[range] : slice.excerpt(range, of: all, as: .document, with: job.tokenizer)
    }
    if isCut, job.request.refusesCutting {
      end(job) { _ in
        .tooLong(document: document, tokens: model.length(query: query.count, text: all.count))
      }
      return
    }
    condition.withLock {
      ratio.note(tokens: all.count, bytes: text.utf8.count)
      job.query = query
      let count = plan.passages.count
      job.scored[document] = ScoringJob.Scored(
        scores: [Float](repeating: .nan, count: count), left: count)
      if isCut { job.result.truncated.insert(document) }
      job.result.split += count > 1 ? 1 : 0
      job.result.tokens += plan.passages.reduce(0) {
        $0 + model.length(query: plan.queryTokens, text: $1.count)
      }
    }
    let passages = plan.passages.enumerated().map { number, range in
      ScoringJob.Passage(
        document: document, number: number, ids: read(range), queryTokens: plan.queryTokens,
        rows: slice.layers.map { _ in SequenceRows() })
    }
    if slice.layers != nil {
      condition.withLock { job.stage?.passages[document] = passages }
    }
    place(passages[...], of: job, query, taken, in: &slice)
  }

  /// Adds passages to a slice as long as there is room, and returns the others to the waiting
  /// items.
  private func place(
    _ passages: ArraySlice<ScoringJob.Passage>, of job: ScoringJob, _ query: [Int32],
    _ taken: ContinuousClock.Instant, in slice: inout ScoringSlice<Member>
  ) {
    // One slightly larger slice is better than two.
    let room = ScoringSlice<Member>.size * 5 / 4
    let model = costs(of: job)
    let share = condition.withLock { part(of: job) }
    var left = passages
    while let next = left.first {
      let length = model.length(query: next.queryTokens, text: next.ids.count)
      let spared =
        slice.members.last?.job === job ? common(to: job, query: next.queryTokens, length) : 0
      guard
        slice.tokens == 0
          || slice.tokensToCompute + length - spared <= room
            && slice.tokens + length <= ScoringSlice<Member>.most(whole: room, length)
      else { break }
      slice.append(
        Member(
          job: job, document: next.document, passage: next.number,
          cost: cost(ofTokens: length) * share, taken: taken),
        query: slice.excerpt(0..<next.queryTokens, of: query, as: .query, with: job.tokenizer),
        text: next.ids, with: job.tokenizer, rows: next.rows)
      left = left.dropFirst()
    }
    if left.isEmpty { return }
    condition.withLock {
      guard job.outcome == nil else { return }
      let back = left.reversed().map(ScoringJob.Item.passage)
      job.items += back
      job.left += back.reduce(0) { $0 + expected($1, in: job).cost }
      if !order.contains(job) { order.insert(job) }
      condition.broadcast()
    }
  }

  /// Receives the scores of a slice.
  func deliver(_ members: [Member], _ scores: [Float]) {
    guard let first = members.first else { return }
    let seconds = (ContinuousClock.now - first.taken) / .seconds(1)
    let cost = members.reduce(0) { $0 + $1.cost }
    var done: [() -> Void] = []
    condition.lock()
    underway -= cost
    // A small slice does not predict the speed of a full one.
    if cost >= Double(ScoringSlice<Member>.size / 2) { rate.note(cost, in: seconds, at: time()) }
    for (member, score) in zip(members, scores) {
      let job = member.job
      guard job.outcome == nil, var scored = job.scored[member.document] else { continue }
      guard score.isFinite else {
        done.append(finish(job, .failure(.notFinite(document: member.document))))
        continue
      }
      scored.scores[member.passage] = score
      scored.left -= 1
      guard scored.left == 0 else {
        job.scored[member.document] = scored
        continue
      }
      job.scored[member.document] = nil
      if let stage = job.stage {
        let score = model.longDocuments.score(scored.scores[...])
        if let end = advance(job, stage, member.document, score) { done.append(end) }
        continue
      }
      job.result.scores[member.document] = model.longDocuments.score(scored.scores[...])
      job.remaining -= 1
      documents -= 1
      if job.remaining == 0 { done.append(finish(job, .success(job.result))) }
    }
    condition.unlock()
    for tell in done { tell() }
  }
}
