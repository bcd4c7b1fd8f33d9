import Glibc
import Synchronization

/// The temporary paths that this process is writing.
private let unfinished = Mutex<Set<String>>([])

/// Creates the temporary path `path`. Once `removeUnfinished(ending:)` has been called, nothing is
/// created any more: the calling thread blocks.
func beginWriting<R, E: Error>(_ path: String, creating: () throws(E) -> R) throws(E) -> R {
  try unfinished.withLock { (paths) throws(E) in
    let created = try creating()
    paths.insert(path)
    return created
  }
}

/// Creates a file or folder inside a temporary folder.
func whileWriting<E: Error>(_ creating: () throws(E) -> Void) throws(E) {
  try unfinished.withLock { (_) throws(E) in try creating() }
}

/// Gives `path` its final name.
func finishWriting<E: Error>(_ path: String, _ renaming: () throws(E) -> Void) throws(E) {
  try unfinished.withLock { (paths) throws(E) in
    try renaming()
    paths.remove(path)
  }
}

/// Removes the temporary path `path`.
func abandonWriting(_ path: String) {
  unfinished.withLock { paths in
    removeAll(path)
    paths.remove(path)
  }
}

/// Removes all temporary paths and prevents further renames to final names: threads that attempt
/// one block. For a program that is asked to end at once.
///
/// - Parameter ending: ends the process.
public func removeUnfinished(ending: () -> Never) -> Never {
  unfinished.withLock { paths in
    // The shortest first: the contents of a folder are removed with it.
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
