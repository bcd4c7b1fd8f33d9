import Diagnostics
import Files
import Foundation

/// The folder of one model in the cache, in the layout of Python's huggingface_hub: `refs/<revision>`
/// holds a commit, `blobs/<tag>` a file's bytes, and `snapshots/<commit>/<file>` links to them.
struct HubCache: Sendable {
  /// The folder of the model.
  let folder: String
  private let locks: String

  /// The place of a repository in a cache.
  init(_ root: String, _ repository: String) {
    let name = "models--" + repository.replacing("/", with: "--")
    folder = "\(root)/\(name)"
    locks = "\(root)/.locks/\(name)"
  }

  /// The commit that a revision had when it was fetched; nil if it never was.
  func commit(of revision: String) -> String? {
    if HubName.isCommit(revision) {
      return fileKind(at: snapshot(revision)) == .folder ? revision : nil
    }
    guard let bytes = try? Bytes(mapping: "\(folder)/refs/\(revision)") else { return nil }
    let commit = bytes.text.trimmingCharacters(in: .whitespacesAndNewlines)
    return HubName.isCommit(commit) ? commit : nil
  }

  /// Notes the commit of a revision.
  func note(_ commit: String, of revision: String) throws(Failure) {
    if HubName.isCommit(revision) || self.commit(of: revision) == commit { return }
    let path = "\(folder)/refs/\(revision)"
    try createFolder(parent(of: path))
    try writeAtomically(commit, to: path)
  }

  /// The folder of a commit's files.
  func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }

  /// The path of the bytes with a tag.
  func blob(_ tag: String) -> String { "\(folder)/blobs/\(tag)" }

  /// The lock of these bytes, which huggingface_hub holds while it downloads them.
  func lock(_ tag: String) -> String { "\(locks)/\(tag).lock" }

  /// Whether a file of a commit is there.
  func holds(_ file: String, of commit: String) -> Bool {
    fileKind(at: "\(snapshot(commit))/\(file)") == .file
  }

  /// Makes the bytes with a tag a file of a commit.
  func link(_ file: String, of commit: String, to tag: String) throws(Failure) {
    let path = "\(snapshot(commit))/\(file)"
    try createFolder(parent(of: path))
    let depth = file.split(separator: "/").count + 1
    try writeLink(
      at: path, to: String(repeating: "../", count: depth) + "blobs/" + tag)
  }

  /// Whether it is known that a commit has no such file.
  func lacks(_ file: String, of commit: String) -> Bool {
    fileKind(at: "\(folder)/.no_exist/\(commit)/\(file)") != nil
  }

  /// Notes that a commit has no such file.
  func noteAbsence(of file: String, from commit: String) throws(Failure) {
    if lacks(file, of: commit) { return }
    let path = "\(folder)/.no_exist/\(commit)/\(file)"
    try createFolder(parent(of: path))
    try writeAtomically([], to: path)
  }
}
