package import Diagnostics

extension Collective {
  /// Whether there are others to exchange with.
  package var isShared: Bool { size > 1 }

  /// Whether this rank speaks for all: it writes files and reports.
  package var isFirst: Bool { rank == 0 }

  /// Whether any rank says so; all ranks get the same answer.
  package func any(_ flag: Bool) -> Bool {
    guard isShared else { return flag }
    var votes: [Float] = [flag ? 1 : 0]
    var span = votes.mutableSpan
    sum(&span)
    return span[0] > 0
  }

  /// The least of the ranks' numbers, each below 2²⁴.
  package func least(_ number: Int) -> Int {
    guard isShared else { return number }
    let own = [Float(number)]
    var all = [Float](repeating: 0, count: size)
    var span = all.mutableSpan
    gather(own.span, counts: [Int](repeating: 1, count: size), into: &span)
    return Int(all.min() ?? own[0])
  }

  /// Does on the first rank what only one may do, such as writing a file. No rank goes on before
  /// that is done.
  ///
  /// - Throws: what `work` does, on the first rank; `io` on the others where it threw.
  package func onFirst(_ work: () throws(Failure) -> Void) throws(Failure) {
    guard isShared else { return try work() }
    var failure: Failure?
    if isFirst {
      do throws(Failure) {
        try work()
      } catch {
        failure = error
      }
    }
    let hasFailed = any(failure != nil)
    if let failure { throw failure }
    if hasFailed {
      throw Failure(
        .io, "the first process of the run has failed", remedy: "see what that process reports")
    }
  }
}
