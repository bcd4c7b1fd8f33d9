/// Work that waits in the queue.
package protocol WaitingWork: AnyObject {
  /// Its deadline, in seconds of the queue's clock.
  var deadline: Double { get }
  /// The estimated cost of all of it at its arrival.
  var size: Double { get }
  /// The estimated cost of its waiting part.
  var left: Double { get }
  /// Whether it meets its deadline only by the share for small work.
  var reliesOnShare: Bool { get }
}

/// The speed of the workers.
package struct Pace: Equatable, Sendable {
  /// The recent cost completed per second.
  package var rate: Double
  /// The greatest cost completed per second.
  package var best: Double
  /// The cost of the work that has been taken and is not finished, which cannot be overtaken.
  package var underway: Double
  /// Whether the measurement is long enough and recent.
  package var isCertain: Bool

  package init(rate: Double, best: Double, underway: Double, isCertain: Bool = true) {
    self.rate = rate
    self.best = best
    self.underway = underway
    self.isCertain = isCertain
  }
}

/// The decision on new work.
package enum Admission: Equatable, Sendable {
  /// It will be completed in time; `reliesOnShare` if only by the share for small work.
  case admitted(reliesOnShare: Bool)
  /// It would be late; there will be time for it after `seconds`.
  case later(seconds: Double)
  /// It cannot be completed in time even alone: it would take `seconds`.
  case never(seconds: Double)
}

/// Decides which waiting work is served next, and which new work can be completed in time.
///
/// The earliest deadline comes first. A share of the service goes to the smallest work instead, so
/// that it need not wait for all earlier work; sizes within a power of two count as equal, and
/// among them the earliest deadline comes first.
///
/// Two bounds on the completion time follow, of which the earlier one applies. Work is completed
/// once all work with an earlier deadline is, at the rate that the share leaves; and once all
/// smaller work is, at the rate of the share. New work is admitted if it meets its deadline by one
/// of them and makes no work late that relies on the share. Work admitted later has a later
/// deadline and takes no more than the share, so that the first bound remains valid.
///
/// It uses no clock and no lock: times are arguments, in seconds.
package struct ServiceOrder<Work: WaitingWork> {
  /// The share of the smallest work.
  package static var share: Double { 0.25 }
  /// The part of the time that work relying on the share may be expected to take, since smaller
  /// work may still arrive.
  static var shareMargin: Double { 0.8 }
  /// The factor by which a prediction may exceed the available time before work is rejected as
  /// impossible, and that factor if the rate is uncertain: attempting such work makes it certain.
  static var tolerance: Double { 1.2 }
  static var uncertainTolerance: Double { 3 }

  /// The waiting work in the order of deadlines.
  package private(set) var byDeadline: [Work] = []
  /// The waiting work in ascending order of size.
  private var bySize: [Work] = []
  /// The credit of the share: below zero if it was served too much, above zero by less than one
  /// part.
  private var credit = 0.0

  /// An order without waiting work.
  package init() {}

  package var isEmpty: Bool { byDeadline.isEmpty }

  /// Whether the work is waiting.
  package func contains(_ work: Work) -> Bool { byDeadline.contains { $0 === work } }

  /// Adds waiting work.
  package mutating func insert(_ work: Work) {
    byDeadline.insert(work, at: place(ofDeadline: work.deadline))
    bySize.insert(work, at: place(ofSize: work.size, deadline: work.deadline))
  }

  /// Removes work that is completed or given up.
  package mutating func remove(_ work: Work) {
    if let place = byDeadline.firstIndex(where: { $0 === work }) { byDeadline.remove(at: place) }
    if let place = bySize.firstIndex(where: { $0 === work }) { bySize.remove(at: place) }
  }

  // MARK: Whose turn it is

  /// The work that is served next; nil if none waits.
  package var next: Work? { credit >= 0 ? bySize.first : byDeadline.first }

  /// Records that a part of the next work is served.
  package mutating func serve(_ cost: Double) {
    guard let first = byDeadline.first, let smallest = bySize.first, first !== smallest else {
      return
    }
    credit += (credit >= 0 ? Self.share - 1 : Self.share) * cost
  }

  /// Whether work will be late in any case, while other work could use its time.
  package func isHopeless(_ work: Work, at now: Double, _ pace: Pace) -> Bool {
    if now >= work.deadline { return true }
    guard byDeadline.count > 1, pace.rate > 0 else { return false }
    return now + work.left / (pace.rate * Self.tolerance) > work.deadline
  }

  // MARK: What can be done in time

  /// The decision on new work of a size with a deadline.
  package func admission(
    of size: Double, by deadline: Double, at now: Double, _ pace: Pace
  ) -> Admission {
    guard pace.rate > 0, pace.best > 0 else { return .admitted(reliesOnShare: false) }
    let allowed = deadline - now
    let alone = size / max(pace.best, pace.rate)
    let tolerance = pace.isCertain ? Self.tolerance : Self.uncertainTolerance
    guard alone <= tolerance * allowed else { return .never(seconds: alone) }
    // If nothing else waits, the time has no better use.
    if byDeadline.isEmpty { return .admitted(reliesOnShare: false) }
    let others = 1 - Self.share
    let ahead = byDeadline[..<place(ofDeadline: deadline)].reduce(pace.underway) { $0 + $1.left }
    if ahead + size <= others * pace.rate * allowed { return .admitted(reliesOnShare: false) }
    let roomInOrder = (ahead + size) / pace.rate - others * allowed

    let place = place(ofSize: size, deadline: deadline)
    let smaller = bySize[..<place].reduce(pace.underway) { $0 + $1.left }
    let wait = (smaller + size) / (Self.share * pace.rate)
    guard wait <= Self.shareMargin * allowed else {
      return .later(seconds: max(0, min(roomInOrder, wait - Self.shareMargin * allowed)))
    }
    // Larger work that relies on the share must not become late.
    var before = smaller
    for work in bySize[place...] {
      before += work.left
      let end = now + before / (Self.share * pace.rate)
      if work.reliesOnShare, end <= work.deadline,
        end + size / (Self.share * pace.rate) > work.deadline
      {
        return .later(seconds: max(0, min(roomInOrder, end - now)))
      }
    }
    return .admitted(reliesOnShare: true)
  }

  /// The estimated seconds until all waiting work is completed.
  package func backlog(_ pace: Pace) -> Double {
    guard pace.rate > 0 else { return 0 }
    return byDeadline.reduce(pace.underway) { $0 + $1.left } / pace.rate
  }

  /// The position of new work with a deadline: after earlier work with the same one.
  private func place(ofDeadline deadline: Double) -> Int {
    (byDeadline.lastIndex { $0.deadline <= deadline } ?? -1) + 1
  }

  private func place(ofSize size: Double, deadline: Double) -> Int {
    let key = (Self.class(of: size), deadline)
    return (bySize.lastIndex { (Self.class(of: $0.size), $0.deadline) <= key } ?? -1) + 1
  }

  /// The size class; sizes of one class count as equal.
  private static func `class`(of size: Double) -> Int { size >= 1 ? Int(size.exponent) : 0 }
}
