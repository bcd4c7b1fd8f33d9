public import Diagnostics
import Glibc

/// The rule by which all commands decide whether output may replace an existing file or folder.
///
/// A file or folder is replaced only if requested, a folder only if it contains output of the same
/// kind, and nothing is replaced by something of another type. Commands check before they begin
/// work that takes minutes; writing checks again.
public enum OutputCheck {
  /// The contents of an existing folder.
  public enum Contents: Sendable, Equatable {
    /// No files that the output would replace.
    case nothingReplaced
    /// Output of the same kind, such as `an index`, which may be replaced if requested.
    case output(String)
    /// Other files, which are never replaced.
    case otherThan(String)
  }

  /// Rejects a path to which a file cannot be written later.
  ///
  /// - Parameters:
  ///   - overwrite: whether a file at `path` may be replaced. A device or pipe is always written
  ///     to.
  ///   - remedy: what to do about a file that may not be replaced.
  /// - Throws: `cannotCreate` for a folder, an existing file, and a path in a folder that does not
  ///   exist.
  public static func file(
    _ path: String, overwrite: Bool,
    remedy: String = "choose another name, or give --overwrite"
  ) throws(Failure) {
    switch fileKind(at: path) {
    case .folder: throw isFolder(path)
    case .file where !overwrite:
      throw Failure(
        .cannotCreate, "the file already exists", at: Place(path), remedy: remedy)
    case nil where fileKind(at: parent(of: path)) != .folder:
      throw failureWriting(path, code: ENOENT)
    case .file, .other, nil: return
    }
  }

  /// The failure for an output file whose path is a folder.
  static func isFolder(_ path: String) -> Failure {
    Failure(
      .cannotCreate, "the output is a folder", at: Place(path),
      expected: "a file, or a path that does not exist",
      remedy: "choose another name")
  }

  /// Rejects a path to which a folder cannot be written later. An empty folder is accepted.
  ///
  /// - Parameters:
  ///   - overwrite: whether output of the same kind may be replaced.
  ///   - other: an alternative to replacing existing output, such as `give --resume to continue the
  ///     run`.
  ///   - contents: determines the contents of a folder by the names directly in it, of which there
  ///     is at least one.
  /// - Throws: `cannotCreate` for a file, for output that may not be replaced, and for a folder
  ///   with other contents.
  public static func folder(
    _ path: String, overwrite: Bool, or other: String? = nil,
    contents: (_ names: [String]) -> Contents = { _ in .output("files") }
  ) throws(Failure) {
    guard let kind = fileKind(at: path) else { return }
    guard kind == .folder else {
      throw Failure(
        .cannotCreate, "the output is a file", at: Place(path),
        expected: "a folder, or a path that does not exist",
        remedy: "choose another name")
    }
    let names = childNames(of: path)
    if names.isEmpty { return }
    switch contents(names) {
    case .nothingReplaced: return
    case .output(let name):
      if overwrite { return }
      throw Failure(
        .cannotCreate, "the folder already holds \(name)", at: Place(path),
        remedy: other.map { "choose another folder, give --overwrite, or \($0)" }
          ?? "choose another folder, or give --overwrite")
    case .otherThan(let name):
      throw Failure(
        .cannotCreate, "the folder holds files that do not belong to \(name)", at: Place(path),
        remedy: "choose another folder")
    }
  }
}
