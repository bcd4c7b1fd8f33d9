import Files
import Foundation
import Synchronization

/// A signal handler may do little more than set a flag, or write into a pipe.
private let interruptionRequested = Atomic<Bool>(false)
private let endings = Atomic<Int32>(-1)

private func noteInterruption(_ number: Int32) {
  interruptionRequested.store(true, ordering: .relaxed)
  signal(number, endSoon)
}

/// Asks the waiting thread to end the program; the next signal of that number ends it at once.
private func endSoon(_ number: Int32) {
  let code = errno
  var byte = UInt8(truncatingIfNeeded: number)
  _ = unsafe write(endings.load(ordering: .relaxed), &byte, 1)
  signal(number, SIG_DFL)
  errno = code
}

/// SIGINT, SIGTERM and SIGHUP: they end the program, which removes unfinished output first, or set
/// a flag that the program reads between two steps.
enum Interruption {
  /// The exit code that a shell expects after Ctrl-C: 128 plus the signal's number.
  static let exitCode: Int32 = 128 + SIGINT

  /// Whether the program was asked to end.
  static var isRequested: Bool { interruptionRequested.load(ordering: .relaxed) }

  /// From now on the program removes unfinished output if it is asked to end or loses its terminal.
  /// Signals that the parent process ignores remain ignored.
  static func tidy() {
    var pipe: [Int32] = [-1, -1]
    guard unsafe Foundation.pipe(&pipe) == 0 else { return }
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let waiting = pipe[0]
    endings.store(pipe[1], ordering: .relaxed)
    var asked = sigset_t()
    unsafe sigemptyset(&asked)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      signal(number, endSoon)
      unsafe sigaddset(&asked, number)
    }
    // A program started by a thread that blocks signals inherits the blocked ones.
    unsafe pthread_sigmask(SIG_UNBLOCK, &asked, nil)
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while unsafe read(waiting, &byte, 1) != 1 {}
      let number = Int32(byte)
      removeUnfinished {
        signal(number, SIG_DFL)
        raise(number)
        // Reached only if the signal is blocked.
        _exit(128 + number)
      }
    }
  }

  /// From now on the first Ctrl-C sets the flag; the second one ends the program at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number, noteInterruption)
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe action.__sigaction_handler.sa_handler
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
