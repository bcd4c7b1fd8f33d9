import CMPI
public import Collectives
public import Diagnostics

/// The processes that `mpirun` started, which exchange values by MPI (MPI Forum, "MPI: A
/// Message-Passing Interface Standard", version 3.1).
///
/// Sums have the same bits on all ranks: whichever algorithm the library chooses for a number of
/// values, each partial sum is made once, or of the same two numbers in either order. Another number
/// of ranks adds in another order. A process that dies ends all others.
public struct MPICollective: Collective {
  /// The number of this rank, from 0.
  public let rank: Int
  /// The number of ranks.
  public let size: Int

  /// Joins the job; once in a process.
  ///
  /// - Parameter processes: the number of processes that the launcher has started.
  /// - Throws: `unavailable` if the library cannot start or was left out of this build, or if it was
  ///   started by the launcher of another library.
  public init(of processes: Int) throws(Failure) {
    #if !MPI
      throw Failure(
        .unavailable,
        "\(processes) processes were started together, and this build has no MPI, by which they "
          + "would train one model",
        remedy: "build with 'make build TRAITS=\"BM25 Dense Network Serving MPI\"', or start one "
          + "process")
    #else
      var (rank, size): (Int32, Int32) = (0, 1)
      guard unsafe ltr_mpi_start(&rank, &size) == 0 else {
        throw Failure(.unavailable, "MPI does not start", remedy: "see what it says above")
      }
      guard size == processes else {
        throw Failure(
          .unavailable, "MPI knows of \(size) processes, and \(processes) were started",
          expected: "the launcher of the MPI library that the program is linked with",
          remedy: "start it with Open MPI's mpirun, or with 'srun --mpi=pmix'")
      }
      (self.rank, self.size) = (Int(rank), Int(size))
    #endif
  }

  /// Replaces each value by the sum of the ranks' values at the same index.
  public func sum(_ values: inout MutableSpan<Float>) {
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let start = values.baseAddress else { return }
      unsafe ltr_mpi_sum(start, values.count)
    }
  }

  /// Concatenates the values of all ranks, of which there are fewer than 2³¹.
  public func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>) {
    precondition(counts.count == size && counts[rank] == values.count, "uneven counts")
    precondition(all.count == counts.reduce(0, +) && all.count <= Int(Int32.max), "uneven counts")
    let counts = counts.map { Int32($0) }
    unsafe all.withUnsafeMutableBufferPointer { all in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe ltr_mpi_gather(values.baseAddress, counts, all.baseAddress)
      }
    }
  }

  /// Waits until every rank has called it.
  public func barrier() { ltr_mpi_barrier() }

  /// Leaves the job; all ranks do so before they end without an error.
  public func end() { ltr_mpi_end() }

  /// Ends the processes of all ranks, with an exit code.
  public func abort(_ code: Int32) { ltr_mpi_abort(code) }
}
