/// How the processes of a job were started, by what their launcher tells each in its environment.
public enum Launch {
  /// The variables that have the number of processes: those of Open MPI, and of launchers that speak
  /// PMI, such as MPICH's and Slurm's.
  static let variables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]

  /// The number of processes that were started together; 1 for a process that was started alone.
  public static func processes(_ environment: [String: String]) -> Int {
    max(1, variables.compactMap { environment[$0].flatMap { Int($0) } }.max() ?? 1)
  }
}
