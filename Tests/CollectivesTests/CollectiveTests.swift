import CollectiveSupport
import Collectives
import Diagnostics
import Synchronization
import Testing

@Suite struct CollectiveTests {
  @Test func alone() throws {
    let local = LocalCollective()
    #expect(local.rank == 0 && local.size == 1 && !local.isShared && local.isFirst)
    var values: [Float] = [1, -0.0, .infinity]
    var span = values.mutableSpan
    local.sum(&span)
    #expect(values.map(\.bitPattern) == [Float(1), -0.0, .infinity].map(\.bitPattern))
    var all: [Float] = [0, 0, 0]
    var target = all.mutableSpan
    local.gather(values.span, counts: [3], into: &target)
    #expect(all == values)
    #expect(local.any(true) && !local.any(false) && local.least(7) == 7)
    var isDone = false
    try local.onFirst { isDone = true }
    #expect(isDone)
    let failure = Failure(.io, "full")
    #expect(throws: failure) {
      try local.onFirst { () throws(Failure) in throw failure }
    }
  }

  /// Sums have the same bits on every rank, and what is gathered is in the order of the ranks,
  /// however many values each gives.
  @Test(arguments: [1, 2, 3, 5])
  func exchange(_ size: Int) throws {
    let found = try ranks(size) { collective in
      let rank = collective.rank
      var values = (0..<100).map { 1 / Float(rank + $0 + 1) }
      var span = values.mutableSpan
      collective.sum(&span)
      let own = [Float](repeating: Float(rank), count: rank)
      var all = [Float](repeating: -1, count: size * (size - 1) / 2)
      var target = all.mutableSpan
      collective.gather(own.span, counts: Array(0..<size), into: &target)
      collective.barrier()
      return (values, all, collective.any(rank == size - 1), collective.least(10 - rank))
    }
    for (values, all, any, least) in found {
      #expect(values == found[0].0)
      #expect(all == (0..<size).flatMap { [Float](repeating: Float($0), count: $0) })
      #expect(any && least == 11 - size)
    }
    for (i, value) in found[0].0.enumerated() {
      let exact = (0..<size).reduce(0) { $0 + 1 / Double($1 + i + 1) }
      #expect(abs(Double(value) - exact) < 1e-6)
    }
  }

  /// What the first rank does is done before the others go on; where it fails, all of them do.
  @Test func onlyTheFirst() throws {
    let count = Atomic<Int>(0)
    let seen = try ranks(3) { collective in
      try collective.onFirst { count.add(1, ordering: .sequentiallyConsistent) }
      return count.load(ordering: .sequentiallyConsistent)
    }
    #expect(seen == [1, 1, 1])
    let problems = try ranks(3) { collective in
      do throws(Failure) {
        try collective.onFirst { () throws(Failure) in throw Failure(.cannotCreate, "full") }
        return "none"
      } catch {
        return error.problem
      }
    }
    #expect(problems[0] == "full")
    #expect(problems[1...].allSatisfy { $0 == "the first process of the run has failed" })
  }
}
