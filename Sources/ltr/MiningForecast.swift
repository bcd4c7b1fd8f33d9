import Benchmarking
import Diagnostics
import Mining

/// The time and memory that a mining job is going to take, predicted from some of its queries.
struct MiningForecast {
  /// The time that the measurement may take after its first queries.
  private static let patience = 2.0

  /// The time of the job in seconds.
  let seconds: Double
  /// The most memory that the process has taken, in megabytes of 2^20 bytes; a job needs no more,
  /// since it mines its queries a batch at a time.
  let peakMemory: Double

  /// Mines some queries, and writes nothing.
  ///
  /// - Parameters:
  ///   - count: the number of queries of the job, or of its part.
  ///   - batch: the number of queries that are mined together.
  ///   - reading: the seconds in which the inputs were opened.
  /// - Throws: what mining throws.
  init(_ miner: Miner, count: Int, batch: Int, reading: Double) throws(Failure) {
    var perQuery = 0.0
    var (start, size, spent) = (0, min(4, batch), 0.0)
    while start < miner.queryCount, spent < Self.patience {
      let end = min(start + size, miner.queryCount)
      let began = ContinuousClock.now
      _ = try miner.mine(start..<end)
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      // The first queries open files and compile products; larger batches are faster.
      perQuery = seconds / Double(end - start)
      spent += seconds
      start = end
      if size == batch, start > size { break }
      size = min(2 * size, batch)
    }
    seconds = reading + perQuery * Double(count)
    peakMemory = Benchmarking.peakMemory
  }
}
