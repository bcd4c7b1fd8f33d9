import Glibc
import Synchronization

/// What this process is writing beside its final names.
private let unfinished = Mutex<Set<String>>([])

/// Creates `path`, which is being written and does not have its final name yet. Once the program is
/// being ended, nothing is created any more: a thread that is about to waits.
func beginWriting<R, E: Error>(_ path: String, creating: () throws(E) -> R) throws(E) -> R {
  try unfinished.withLock { (paths) throws(E) in
    let created = try creating()
    paths.insert(path)
    return created
  }
}

/// Creates something within what is being written.
func whileWriting<E: Error>(_ creating: () throws(E) -> Void) throws(E) {
  try unfinished.withLock { (_) throws(E) in try creating() }
}

/// Lets `path` take the name that it was written for.
func finishWriting<E: Error>(_ path: String, _ renaming: () throws(E) -> Void) throws(E) {
  try unfinished.withLock { (paths) throws(E) in
    try renaming()
    paths.remove(path)
  }
}

/// Removes `path`, which is not to be finished.
func abandonWriting(_ path: String) {
  unfinished.withLock { paths in
    removeAll(path)
    paths.remove(path)
  }
}

/// Removes all that is being written and lets nothing take its final name any more: a thread that
/// is about to, waits. For a program that is asked to end at once.
///
/// - Parameter ending: ends the process.
public func removeUnfinished(ending: () -> Never) -> Never {
  unfinished.withLock { paths in
    // The shortest first: what is in a folder goes with it.
    for path in paths.sorted(by: { $0.utf8.count < $1.utf8.count }) {
      // Another thread may be writing a file into it.
      for _ in 0..<100 {
        removeAll(path)
        if fileKind(at: path) == nil { break }
        usleep(1000)
      }
    }
    ending()
  }
}
