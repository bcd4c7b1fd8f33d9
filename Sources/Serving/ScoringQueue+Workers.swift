import Foundation
import Scoring

/// What workers take from the queue, and what they bring back.
extension ScoringQueue {
  /// Whose sequence a part of a slice is.
  struct Member: Sendable {
    let job: ScoringJob
    let document: Int
    let passage: Int
    let cost: Double
    /// When the slice was begun.
    let taken: ContinuousClock.Instant
  }

  /// What a worker has taken, before it is tokenized.
  private struct Work {
    let job: ScoringJob
    let item: ScoringJob.Item
    let query: [Int32]?
  }

  /// A slice before it is tokenized.
  private struct Taken {
    var work: [Work] = []
    /// What it was estimated to cost.
    var cost = 0.0
    let time = ContinuousClock.now
    /// What tells requests that are given up of it.
    var given: [() -> Void] = []
  }

  /// Fills a slice, waiting for something to fill it with; false where there is nothing more to
  /// come.
  func fill(_ slice: inout ScoringSlice<Member>) -> Bool {
    guard let taken = take() else { return false }
    for tell in taken.given { tell() }
    var last: (job: ScoringJob, query: [Int32])?
    for work in taken.work {
      let query: [Int32]
      if work.job.request.queries != nil {
        query = slice.tokenize(work.job.request.query(of: work.item.document))
      } else if let last, last.job === work.job {
        query = last.query
      } else {
        query = work.query ?? slice.tokenize(work.job.request.query)
      }
      last = (work.job, query)
      place(work, query, taken.time, in: &slice)
    }
    let cost = slice.members.reduce(0) { $0 + $1.cost }
    condition.withLock { underway += cost - taken.cost }
    metrics.noteSlice(sequences: slice.members.count, tokens: slice.tokens)
    return true
  }

  /// What goes into the next slice, as far as can be said before it is tokenized; nothing where
  /// all that waited had to be given up, and nil at the end.
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
      let (length, cost) = expected(item, in: job)
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

  /// The tokens and the cost that an item is expected to have.
  private func expected(
    _ item: ScoringJob.Item, in job: ScoringJob
  ) -> (tokens: Int, cost: Double) {
    switch item {
    case .passage(let passage):
      let length = model.length(query: passage.queryTokens, text: passage.ids.count)
      return (length, cost(ofTokens: length))
    case .document(let document):
      let query = job.query?.count ?? ratio.tokens(in: job.request.query.utf8.count)
      let text = ratio.tokens(in: job.request.documents[document].utf8.count)
      let length = model.length(query: query, text: text)
      return (min(model.maximumLength, length), job.costs[document])
    }
  }

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
    let all = slice.tokenize(text)
    let plan = model.plan(
      query: query.count, document: all.count, most: job.request.mostDocumentTokens)
    let isCut = plan.isCut || all.count > job.request.mostDocumentTokens ?? .max
    // Passages wait with a copy of what is read: a part of all ids would keep all of them.
    let ids = Array(all.prefix(plan.passages.reduce(0) { max($0, $1.upperBound) }))
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
      job.result.cut += isCut ? 1 : 0
      job.result.split += count > 1 ? 1 : 0
      job.result.tokens += plan.passages.reduce(0) {
        $0 + model.length(query: plan.queryTokens, text: $1.count)
      }
    }
    let passages = plan.passages.enumerated().map { number, range in
      ScoringJob.Passage(
        document: document, number: number, ids: ids[range], queryTokens: plan.queryTokens)
    }
    place(passages[...], of: job, query, taken, in: &slice)
  }

  /// Puts passages into a slice as far as there is room, and those that are left back to where
  /// they are taken from.
  private func place(
    _ passages: ArraySlice<ScoringJob.Passage>, of job: ScoringJob, _ query: [Int32],
    _ taken: ContinuousClock.Instant, in slice: inout ScoringSlice<Member>
  ) {
    // A little more than a slice is better than two.
    let room = ScoringSlice<Member>.size * 5 / 4
    var left = passages
    while let next = left.first {
      let length = model.length(query: next.queryTokens, text: next.ids.count)
      guard slice.tokens == 0 || slice.tokens + length <= room else { break }
      slice.append(
        Member(
          job: job, document: next.document, passage: next.number,
          cost: cost(ofTokens: length), taken: taken),
        query: query.prefix(next.queryTokens), text: next.ids)
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

  /// Takes the scores of a slice.
  func deliver(_ members: [Member], _ scores: [Float]) {
    guard let first = members.first else { return }
    let seconds = (ContinuousClock.now - first.taken) / .seconds(1)
    let cost = members.reduce(0) { $0 + $1.cost }
    var done: [() -> Void] = []
    condition.lock()
    underway -= cost
    // A slice with little in it says little of what a full one takes.
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
      job.result.scores[member.document] = model.longDocuments.score(scored.scores[...])
      job.remaining -= 1
      documents -= 1
      if job.remaining == 0 { done.append(finish(job, .success(job.result))) }
    }
    condition.unlock()
    for tell in done { tell() }
  }
}
