import Cluster
import Collectives
import Diagnostics
import Foundation
import Synchronization
import Training

/// The processes that train one model together, if a launcher such as `mpirun` started several. The
/// first one alone prints: standard output and standard error of the others lead nowhere, except for
/// their mistakes.
enum Ranks {
  private static let job = Mutex<MPICollective?>(nil)
  private static let run = Mutex<RunDirectory?>(nil)
  /// Standard error as this process had it.
  private static let errors = Atomic<Int32>(STDERR_FILENO)
  /// Longer than the first rank takes to report what fails on every rank; that ends the others.
  private static let patience = 2.0

  /// The number of processes that were started together.
  static var launched: Int { Launch.processes(ProcessInfo.processInfo.environment) }

  /// Rejects a command that several processes would each do for themselves, over each other's files.
  ///
  /// - Throws: `usage` if several were started together.
  static func requireOne(for command: String) throws(Failure) {
    let count = launched
    guard count > 1 else { return }
    throw Failure(
      .usage, "\(count) processes were started together, and each would do all of '\(command)'",
      expected: "'ltr train RECIPE', which processes do together",
      remedy: "start one process, without mpirun or srun")
  }

  /// Joins the job, if there is one. Called once.
  ///
  /// - Parameter directory: the folder of the run, whose checkpoints are named if the job ends early.
  /// - Throws: `unavailable` without MPI.
  static func join(_ directory: RunDirectory) throws(Failure) -> any Collective {
    let count = launched
    guard count > 1 else { return LocalCollective() }
    let all = try MPICollective(of: count)
    job.withLock { $0 = all }
    run.withLock { $0 = directory }
    if !all.isFirst { silence() }
    // Of the first two, at least one outlives a rank that dies.
    if all.rank < 2 { announceEnd() }
    return all
  }

  /// Leaves the job before the program ends in order.
  static func end() { job.withLock { $0 }?.end() }

  /// Reports what ended this rank, and ends all others. Returns where there is no job.
  static func fail(_ text: String, _ code: Int32) {
    guard let all = job.withLock({ $0 }) else { return }
    if !all.isFirst { Thread.sleep(forTimeInterval: patience) }
    speak()
    Terminal.say("\(text)\nrank \(all.rank) of \(all.size) has failed and ends the job; \(advice)")
    all.abort(code)
  }

  private static var advice: String {
    guard let checkpoint = run.withLock({ $0 })?.newestCheckpoint else {
      return "no checkpoint had been written yet"
    }
    return "the newest checkpoint is \(checkpoint): continue with --resume"
  }

  private static func silence() {
    let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard copy >= 0, nowhere >= 0 else { return }
    errors.store(copy, ordering: .relaxed)
    dup2(nowhere, STDOUT_FILENO)
    dup2(nowhere, STDERR_FILENO)
    close(nowhere)
  }

  private static func speak() {
    let own = errors.load(ordering: .relaxed)
    if own != STDERR_FILENO { dup2(own, STDERR_FILENO) }
  }

  /// Names the checkpoint if the launcher asks this process to end, as it does when another one died:
  /// this process then waits for values that never come, until it is killed a second later.
  private static func announceEnd() {
    Thread.detachNewThread {
      while !Interruption.isRequested { Thread.sleep(forTimeInterval: 0.1) }
      Thread.sleep(forTimeInterval: 0.3)
      speak()
      Terminal.say("the launcher ends the job; \(advice)")
    }
  }
}
