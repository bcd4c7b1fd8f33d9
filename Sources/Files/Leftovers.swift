/// What stands between the name of a file or folder and the number of the process that writes it.
let partialMark = ".partial-"

/// Removes the temporary files, or folders, of writers of `target` that were killed; those of
/// writers that still run are locked. Nothing is removed where the file system does not support
/// locks.
func removeLeftovers(of target: String, kind: FileKind) {
  let folder = parent(of: target)
  let prefix = (target.split(separator: "/").last.map(String.init) ?? target) + partialMark
  for name in childNames(of: folder)
  where name.hasPrefix(prefix) && name.dropFirst(prefix.count).allSatisfy(\.isNumber) {
    let path = "\(folder)/\(name)"
    guard fileKind(at: path) == kind, let held = Descriptor.holding(path) else { continue }
    withExtendedLifetime(held) { removeAll(path) }
  }
}
