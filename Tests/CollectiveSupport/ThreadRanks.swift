public import Collectives
import Foundation

/// Runs a piece of work as so many ranks, each on a thread of its own, and returns what they made of
/// it, rank by rank.
///
/// - Throws: what the first rank that threw did.
public func ranks<Result: Sendable>(
  _ count: Int, _ work: @escaping @Sendable (any Collective) throws -> Result
) throws -> [Result] {
  let meeting = Meeting(count)
  let results = Results<Result>(count)
  for rank in 0..<count {
    let thread = Thread {
      results.put(
        Swift.Result { try work(ThreadCollective(rank: rank, meeting: meeting)) }, of: rank)
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  return try results.all()
}

/// One rank on a thread of this process.
struct ThreadCollective: Collective {
  let rank: Int
  let meeting: Meeting

  var size: Int { meeting.size }

  /// Added up in the order of the ranks, on every rank for itself.
  func sum(_ values: inout MutableSpan<Float>) {
    var own: [Float] = []
    for i in values.indices { own.append(values[i]) }
    let all = meeting.exchange(own, rank)
    for i in values.indices { values[i] = all.dropFirst().reduce(all[0][i]) { $0 + $1[i] } }
  }

  func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>) {
    precondition(counts.count == size && counts[rank] == values.count, "uneven counts")
    var own: [Float] = []
    for i in values.indices { own.append(values[i]) }
    let parts = meeting.exchange(own, rank)
    precondition(parts.map(\.count) == counts, "the ranks give other counts than agreed")
    for (i, value) in parts.joined().enumerated() { all[i] = value }
  }

  func barrier() { _ = meeting.exchange([], rank) }
}

/// Where ranks hand each other their values.
final class Meeting: @unchecked Sendable {
  let size: Int
  private let condition = NSCondition()
  private var parts: [[Float]]
  private var found: [[Float]] = []
  private var arrived = 0
  private var round = 0

  init(_ size: Int) {
    self.size = size
    parts = Array(repeating: [], count: size)
  }

  /// The values of all ranks, once all are there. What a round found stays until the next one is
  /// complete, which takes every rank that has read it.
  func exchange(_ values: [Float], _ rank: Int) -> [[Float]] {
    condition.lock()
    defer { condition.unlock() }
    parts[rank] = values
    arrived += 1
    if arrived == size {
      (found, arrived) = (parts, 0)
      round += 1
      condition.broadcast()
    } else {
      let own = round
      let deadline = Date(timeIntervalSinceNow: 120)
      while round == own {
        precondition(condition.wait(until: deadline), "rank \(rank) waited for the others in vain")
      }
    }
    return found
  }
}

/// What the ranks came to.
private final class Results<Value>: @unchecked Sendable {
  private let condition = NSCondition()
  private var values: [Result<Value, any Error>?]

  init(_ count: Int) { values = Array(repeating: nil, count: count) }

  func put(_ value: Result<Value, any Error>, of rank: Int) {
    condition.lock()
    values[rank] = value
    condition.broadcast()
    condition.unlock()
  }

  func all() throws -> [Value] {
    condition.lock()
    defer { condition.unlock() }
    while values.contains(where: { $0 == nil }) { condition.wait() }
    return try values.compactMap { try $0?.get() }
  }
}
