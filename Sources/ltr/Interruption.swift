import Foundation
import Synchronization

/// Ctrl-C and a polite kill, as a wish that the program looks at between two steps.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// What a shell expects of a program that Ctrl-C ended: 128 and the signal's number.
  static let exitCode: Int32 = 128 + SIGINT

  /// Whether the program was asked to end.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// From now on the first Ctrl-C is a wish; the second one ends the program at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        requested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
