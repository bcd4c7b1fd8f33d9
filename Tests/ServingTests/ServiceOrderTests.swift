import Serving
import Testing

/// Whose turn it is, and what is taken on: decisions about numbers, without a clock.
@Suite struct ServiceOrderTests {
  final class Item: WaitingWork {
    let deadline: Double
    let size: Double
    var left: Double
    var reliesOnShare = false

    init(_ size: Double, by deadline: Double, reliesOnShare: Bool = false) {
      (self.size, left, self.deadline) = (size, size, deadline)
      self.reliesOnShare = reliesOnShare
    }
  }

  /// A hundred a second.
  private static let pace = Pace(rate: 100, best: 100, underway: 0)

  private func order(_ items: [Item]) -> ServiceOrder<Item> {
    var order = ServiceOrder<Item>()
    for item in items { order.insert(item) }
    return order
  }

  @Test func earliestDeadlineFirst() {
    let items = [(500, 30), (510, 10), (505, 20), (500, 10)].map { Item($0.0, by: $0.1) }
    var order = order(items)
    var served: [Int] = []
    while let next = order.next {
      served += items.indices.filter { items[$0] === next }
      order.serve(next.left)
      order.remove(next)
    }
    #expect(served == [1, 3, 2, 0], "of equal deadlines, what came first")
    #expect(order.isEmpty)
  }

  /// Small work gets a quarter of what is served beside large work of an earlier deadline, from the
  /// first moment on, and large work the rest.
  @Test(arguments: [1.0, 7, 300]) func shareOfSmallWork(_ part: Double) {
    let large = Item(1e6, by: 10)
    let small = Item(1e4, by: 20)
    var order = order([large, small])
    #expect(order.next === small)
    var served = (small: 0.0, all: 0.0)
    for _ in 0..<4000 {
      if order.next === small { served.small += part }
      served.all += part
      order.serve(part)
    }
    #expect(abs(served.small - 0.25 * served.all) <= part)
  }

  @Test(arguments: [
    // Nothing waits: what can be done in 10 s, and what is too close to tell.
    (waiting: [], size: 1000, expected: Admission.admitted(reliesOnShare: false)),
    ([], 1150, .admitted(reliesOnShare: false)), ([], 1250, .never(seconds: 12.5)),
    // Three quarters of the rate are promised.
    ([400], 350, .admitted(reliesOnShare: false)), ([400], 351, .later(seconds: 0.01)),
    ([400, 350], 500, .later(seconds: 5)), ([400], 1250, .never(seconds: 12.5)),
    // Small work has the other quarter, and a margin of it.
    ([750], 200, .admitted(reliesOnShare: true)), ([750], 201, .later(seconds: 0.04)),
    ([750, 20], 180, .admitted(reliesOnShare: true)), ([750, 20], 181, .later(seconds: 0.04)),
    // Work of the same size does not get by.
    ([260, 260, 230], 256, .later(seconds: 2.56)),
  ]) func admission(waiting: [Double], size: Double, expected: Admission) {
    let order = order(waiting.map { Item($0, by: 10) })
    let found = order.admission(of: size, by: 10, at: 0, Self.pace)
    switch (found, expected) {
    case (.later(let a), .later(let b)), (.never(let a), .never(let b)):
      #expect(abs(a - b) < 1e-9)
    default: #expect(found == expected)
    }
  }

  /// Where nothing was measured yet, everything is taken on.
  @Test func unknownRate() {
    let pace = Pace(rate: 0, best: 0, underway: 0)
    let order = order([Item(1e9, by: 10)])
    #expect(order.admission(of: 1e9, by: 10, at: 0, pace) == .admitted(reliesOnShare: false))
    #expect(!order.isHopeless(Item(1e9, by: 10), at: 0, pace))
    #expect(order.backlog(pace) == 0)
  }

  /// A rate that fell for a while does not make large work impossible.
  @Test func bestRateDecidesWhatIsImpossible() {
    let slow = Pace(rate: 50, best: 100, underway: 0)
    let idle = order([])
    #expect(idle.admission(of: 1000, by: 10, at: 0, slow) == .admitted(reliesOnShare: false))
    #expect(idle.admission(of: 1300, by: 10, at: 0, slow) == .never(seconds: 13))
    guard case .later = order([Item(10, by: 5)]).admission(of: 1000, by: 10, at: 0, slow) else {
      Issue.record("not later")
      return
    }
  }

  /// A rate that was not measured for long decides nothing but what is far beyond it.
  @Test func uncertainRate() {
    let pace = Pace(rate: 100, best: 100, underway: 0, isCertain: false)
    let idle = order([])
    #expect(idle.admission(of: 3000, by: 10, at: 0, pace) == .admitted(reliesOnShare: false))
    #expect(idle.admission(of: 3001, by: 10, at: 0, pace) == .never(seconds: 30.01))
  }

  /// What workers have taken comes before everything.
  @Test func workUnderway() {
    let order = order([Item(400, by: 10)])
    let pace = Pace(rate: 100, best: 100, underway: 300)
    #expect(order.admission(of: 50, by: 10, at: 0, pace) == .admitted(reliesOnShare: false))
    #expect(order.admission(of: 51, by: 10, at: 0, pace) != .admitted(reliesOnShare: false))
    #expect(order.backlog(pace) == 7)
  }

  /// Smaller work is not taken on at the cost of other work that relies on the share.
  @Test func shareIsNotPromisedTwice() {
    let relying = Item(150, by: 10, reliesOnShare: true)
    let order = order([Item(750, by: 9), relying])
    #expect(order.admission(of: 100, by: 10, at: 0, Self.pace) == .admitted(reliesOnShare: true))
    guard case .later = order.admission(of: 101, by: 10, at: 0, Self.pace) else {
      Issue.record("not later")
      return
    }
    relying.reliesOnShare = false
    #expect(order.admission(of: 101, by: 10, at: 0, Self.pace) == .admitted(reliesOnShare: true))
  }

  @Test func hopelessWork() {
    let work = Item(500, by: 10)
    var order = order([work])
    #expect(!order.isHopeless(work, at: 9.9, Self.pace), "nothing else waits")
    #expect(order.isHopeless(work, at: 10, Self.pace))
    order.insert(Item(500, by: 11))
    #expect(!order.isHopeless(work, at: 5.8, Self.pace), "it may be faster than it was")
    #expect(order.isHopeless(work, at: 5.9, Self.pace))
    work.left = 10
    #expect(!order.isHopeless(work, at: 9.8, Self.pace))
  }

  /// Requests of all sizes come at random, more than can be done. All that are taken on are done in
  /// time, and what is done is nearly all that could be.
  @Test(arguments: [UInt64(1), 2, 3, 4]) func whatIsTakenOnIsDoneInTime(_ seed: UInt64) {
    var state = seed
    func random(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    let pace = Pace(rate: 10_000, best: 10_000, underway: 0)
    var order = ServiceOrder<Item>()
    var (now, served, taken, refused, late, relying) = (0.0, 0.0, 0, 0, 0, 0)
    var nextCome = 0.0
    while now < 600 {
      while nextCome <= now {
        let size = [300.0, 1000, 4000, 15_000, 40_000][random(5)]
        switch order.admission(of: size, by: nextCome + 10, at: nextCome, pace) {
        case .admitted(let reliesOnShare):
          order.insert(Item(size, by: nextCome + 10, reliesOnShare: reliesOnShare))
          taken += 1
          relying += reliesOnShare ? 1 : 0
        case .later(let seconds):
          refused += 1
          #expect(seconds >= 0 && seconds <= 10)
        case .never: Issue.record("it can be done alone")
        }
        nextCome += 0.0006 * Double(random(1000))
      }
      guard let next = order.next else {
        now = nextCome
        continue
      }
      let part = min(100, next.left)
      order.serve(part)
      next.left -= part
      served += part
      now += part / 10_000
      if next.left == 0 {
        late += now > next.deadline + 0.05 ? 1 : 0
        order.remove(next)
      }
    }
    #expect(late == 0)
    #expect(served > 0.98 * 600 * 10_000)
    #expect(taken > 300 && refused > 300 && relying > 3, "\(taken) \(refused) \(relying)")
  }

  /// Where nothing else comes, there is room after as many seconds as were named.
  @Test(arguments: [300.0, 3000, 20_000, 60_000]) func roomWhenPromised(_ size: Double) {
    let pace = Pace(rate: 10_000, best: 10_000, underway: 500)
    for others in [[40_000.0, 30_000], [20_000, 20_000, 40_000, 300], [74_000, 5000, 5000]] {
      let items = others.map { Item($0, by: 10) }
      var order = order(items)
      guard case .later(let seconds) = order.admission(of: size, by: 10, at: 0, pace) else {
        continue
      }
      var left = seconds * pace.rate
      while left > 0, let next = order.next {
        let part = min(left, 10, next.left)
        order.serve(part)
        next.left -= part
        left -= part
        if next.left == 0 { order.remove(next) }
      }
      // A part more or less, of which the share is a quarter.
      let now = seconds + 0.005
      let found = order.admission(of: size, by: now + 10, at: now, pace)
      guard case .admitted = found else {
        Issue.record("\(size) beside \(others), after \(seconds) s: \(found)")
        continue
      }
    }
  }

  /// Clients that ask again as soon as they are answered, and when they are told to where they are
  /// refused, or at once: however many there are, the same is done for those that are answered.
  @Test(arguments: [1, 2, 6, 12, 24], [true, false])
  func clientsInClosedLoops(_ count: Int, honour: Bool) {
    let pace = Pace(rate: 10_000, best: 10_000, underway: 0)
    var order = ServiceOrder<Item>()
    var asking = [Double](repeating: 0, count: count)
    var owners: [ObjectIdentifier: Int] = [:]
    var (now, answered, late) = (0.0, 0.0, 0)
    while now < 200 {
      for client in asking.indices where asking[client] <= now {
        let size = 14_000 + 100 * Double(client)
        switch order.admission(of: size, by: now + 10, at: now, pace) {
        case .admitted(let reliesOnShare):
          let item = Item(size, by: now + 10, reliesOnShare: reliesOnShare)
          owners[ObjectIdentifier(item)] = client
          order.insert(item)
          asking[client] = .infinity
        case .later(let seconds):
          asking[client] = now + (honour ? max(1, seconds.rounded(.up)) : 0.1)
        case .never: Issue.record("it can be done alone")
        }
      }
      guard let next = order.next else {
        now = max(now + 0.001, asking.min() ?? now)
        continue
      }
      let part = min(100, next.left)
      order.serve(part)
      next.left -= part
      now += part / pace.rate
      guard next.left == 0 else { continue }
      order.remove(next)
      late += now > next.deadline ? 1 : 0
      answered += next.size
      if let client = owners.removeValue(forKey: ObjectIdentifier(next)) { asking[client] = now }
    }
    #expect(late == 0)
    #expect(answered > 0.95 * 200 * pace.rate, "\(answered)")
  }
}
