package import Diagnostics

extension Collective {
  /// Whether there are other ranks.
  package var isShared: Bool { size > 1 }

  /// Whether this is the first rank, which writes files and reports.
  package var isFirst: Bool { rank == 0 }

  /// Whether `flag` is true on any rank; all ranks get the same answer.
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

  /// Runs `work` on the first rank only, such as writing a file. All ranks wait until it is done.
  ///
  /// - Throws: the error of `work` on the first rank; `io` on the others if `work` threw.
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
