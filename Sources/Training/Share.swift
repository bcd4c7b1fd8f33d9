/// The part of the parameters that one worker sums and updates.
struct Share {
  var runs: [AdamW.Run] = []
  /// Rows of the lookup table.
  var rows: Range<Int>

  /// Shares of about the same size, with boundaries at cache lines.
  static func dividing(_ runs: [AdamW.Run], rows: Int, among count: Int) -> [Share] {
    let total = runs.reduce(0) { $0 + $1.range.count }
    let size = (total / count + 15) / 16 * 16
    return (0..<count).map { worker in
      let mine =
        worker * size..<(worker == count - 1 ? max(total, worker * size) : (worker + 1) * size)
      var share = Share(rows: rows * worker / count..<rows * (worker + 1) / count)
      var start = 0
      for run in runs {
        let part = mine.clamped(to: start..<start + run.range.count)
        if !part.isEmpty {
          let shift = run.range.lowerBound - start
          share.runs.append(run.with(part.lowerBound + shift..<part.upperBound + shift))
        }
        start += run.range.count
      }
      return share
    }
  }
}
