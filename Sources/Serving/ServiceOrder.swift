/// Work that waits to be done.
package protocol WaitingWork: AnyObject {
  /// When it has to be done, in seconds of the queue's clock.
  var deadline: Double { get }
  /// What all of it was estimated to cost when it came.
  var size: Double { get }
  /// What of it waits.
  var left: Double { get }
  /// Whether only the share for small work lets it be done in time.
  var reliesOnShare: Bool { get }
}

/// How fast work is done.
package struct Pace: Equatable, Sendable {
  /// The cost that is done in a second, lately.
  package var rate: Double
  /// The most that was done in a second.
  package var best: Double
  /// The cost of what has been taken and is not done: nothing overtakes it.
  package var underway: Double
  /// Whether this was measured for long enough, and not long ago.
  package var isCertain: Bool

  package init(rate: Double, best: Double, underway: Double, isCertain: Bool = true) {
    self.rate = rate
    self.best = best
    self.underway = underway
    self.isCertain = isCertain
  }
}

/// What becomes of new work.
package enum Admission: Equatable, Sendable {
  /// It will be done in time. Some of it only because small work has a share of its own.
  case admitted(reliesOnShare: Bool)
  /// It would be late; in so many seconds there will be room for it.
  case later(seconds: Double)
  /// It cannot be done in time, even alone: it would take so many seconds.
  case never(seconds: Double)
}

/// Which waiting work is served next, and which new work can be done in time.
///
/// The earliest deadline comes first. A share of what is served goes to the smallest work instead,
/// so that it need not wait for all that came before it; sizes within a power of two count as
/// equal, and among them the earliest deadline comes first again.
///
/// Two bounds follow, and whichever is earlier holds. Work is done once everything with an earlier
/// deadline is, at the rate that the share leaves; and once everything smaller is, at the rate of
/// the share. New work is admitted where it meets its deadline by one of them, and no work that
/// relies on the share becomes late through it. What is admitted later has a later deadline, and
/// takes no more than the share: the first bound stays true.
///
/// Without clocks or locks: times are given, in seconds.
package struct ServiceOrder<Work: WaitingWork> {
  /// The share of the smallest work.
  package static var share: Double { 0.25 }
  /// How much of its time work that relies on the share may be expected to take: what is smaller
  /// may still come.
  static var shareMargin: Double { 0.8 }
  /// By how much a prediction may be wrong before work counts as impossible, and by how much where
  /// the rate is uncertain: what is tried then makes it certain.
  static var tolerance: Double { 1.2 }
  static var uncertainTolerance: Double { 3 }

  /// The work that waits, the earliest deadline first.
  package private(set) var byDeadline: [Work] = []
  /// The same, the smallest first.
  private var bySize: [Work] = []
  /// What the share is owed: below zero, what it got too much, and above it, less than a part.
  private var credit = 0.0

  /// Nothing waits.
  package init() {}

  package var isEmpty: Bool { byDeadline.isEmpty }

  /// Whether some work waits.
  package func contains(_ work: Work) -> Bool { byDeadline.contains { $0 === work } }

  /// Lets work wait.
  package mutating func insert(_ work: Work) {
    byDeadline.insert(work, at: place(ofDeadline: work.deadline))
    bySize.insert(work, at: place(ofSize: work.size, deadline: work.deadline))
  }

  /// Work that is done, or given up.
  package mutating func remove(_ work: Work) {
    if let place = byDeadline.firstIndex(where: { $0 === work }) { byDeadline.remove(at: place) }
    if let place = bySize.firstIndex(where: { $0 === work }) { bySize.remove(at: place) }
  }

  // MARK: Whose turn it is

  /// The work of which a part is served next; nil where none waits.
  package var next: Work? { credit >= 0 ? bySize.first : byDeadline.first }

  /// Notes that a part of the next work is served.
  package mutating func serve(_ cost: Double) {
    guard let first = byDeadline.first, let smallest = bySize.first, first !== smallest else {
      return
    }
    credit += (credit >= 0 ? Self.share - 1 : Self.share) * cost
  }

  /// Whether work will be late whatever is done, while other work could use its time.
  package func isHopeless(_ work: Work, at now: Double, _ pace: Pace) -> Bool {
    if now >= work.deadline { return true }
    guard byDeadline.count > 1, pace.rate > 0 else { return false }
    return now + work.left / (pace.rate * Self.tolerance) > work.deadline
  }

  // MARK: What can be done in time

  /// What becomes of new work of a size that has to be done by a deadline.
  package func admission(
    of size: Double, by deadline: Double, at now: Double, _ pace: Pace
  ) -> Admission {
    guard pace.rate > 0, pace.best > 0 else { return .admitted(reliesOnShare: false) }
    let allowed = deadline - now
    let alone = size / max(pace.best, pace.rate)
    let tolerance = pace.isCertain ? Self.tolerance : Self.uncertainTolerance
    guard alone <= tolerance * allowed else { return .never(seconds: alone) }
    // Where nothing waits, nothing better can come of the time.
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
    // Work that is larger, and relies on the share, must not become late.
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

  /// The seconds until all that waits is done.
  package func backlog(_ pace: Pace) -> Double {
    guard pace.rate > 0 else { return 0 }
    return byDeadline.reduce(pace.underway) { $0 + $1.left } / pace.rate
  }

  /// Where new work with a deadline belongs: behind what came before it.
  private func place(ofDeadline deadline: Double) -> Int {
    (byDeadline.lastIndex { $0.deadline <= deadline } ?? -1) + 1
  }

  private func place(ofSize size: Double, deadline: Double) -> Int {
    let key = (Self.class(of: size), deadline)
    return (bySize.lastIndex { (Self.class(of: $0.size), $0.deadline) <= key } ?? -1) + 1
  }

  /// Sizes of one class count as equal.
  private static func `class`(of size: Double) -> Int { size >= 1 ? Int(size.exponent) : 0 }
}
