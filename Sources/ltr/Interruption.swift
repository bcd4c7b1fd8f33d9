import Foundation
import Synchronization

/// A signal handler may do little more than set a flag.
private let interruptionRequested = Atomic<Bool>(false)

private func noteInterruption(_ number: Int32) {
  interruptionRequested.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}

/// Ctrl-C and a polite kill, as a wish that the program looks at between two steps.
enum Interruption {
  /// What a shell expects of a program that Ctrl-C ended: 128 and the signal's number.
  static let exitCode: Int32 = 128 + SIGINT

  /// Whether the program was asked to end.
  static var isRequested: Bool { interruptionRequested.load(ordering: .relaxed) }

  /// From now on the first Ctrl-C is a wish; the second one ends the program at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number, noteInterruption)
    }
  }
}
