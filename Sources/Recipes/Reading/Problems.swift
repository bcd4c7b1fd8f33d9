import Diagnostics
import Synchronization

/// The mistakes that are found while a recipe or job is read, so that all of them are reported and
/// not only the first.
final class Problems: Sendable {
  private let found: Mutex<[Failure]>

  init(_ failures: [Failure] = []) { found = Mutex(failures) }

  var count: Int { found.withLock { $0.count } }

  func add(_ failure: Failure) {
    found.withLock { known in
      // A required key that is misspelled is found as the unknown and as the missing one.
      if !known.contains(failure) { known.append(failure) }
    }
  }

  /// Runs a part of reading and adds its mistake, if it has one.
  func collect(_ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch { add(error) }
  }

  /// The first mistake, with the others behind it; nil for none.
  func failure(in source: RecipeSource) -> Failure? {
    // What follows from a value that is missing is not a mistake of its own.
    let all = found.withLock { $0 }.filter { failure in
      source.faults.contains(failure) || !source.faulty.contains { $0.isSameSpot(failure.place) }
    }
    guard var first = all.first.map({ source.placed($0) }) else { return nil }
    first.further = all.dropFirst().map { source.placed($0) }
    return first
  }
}

extension Place {
  fileprivate func isSameSpot(_ other: Place?) -> Bool {
    file == other?.file && line == other?.line && column == other?.column
  }
}
