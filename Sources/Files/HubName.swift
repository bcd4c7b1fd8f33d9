public import Diagnostics

/// A model of the Hugging Face hub as it is written where a path may be: `hf:org/name`, with
/// `@revision` for a branch, a tag or a commit.
public struct HubName: Sendable, Hashable, CustomStringConvertible {
  /// The repository, `org/name`, or `name` alone for a few old ones.
  public let repository: String
  /// The branch, tag or commit; nil for the main branch.
  public let revision: String?

  /// What a name begins with.
  public static let prefix = "hf:"
  private static let forms = "hf:org/name or hf:org/name@revision"

  /// Reads a name; nil if the text does not begin with `hf:`.
  ///
  /// - Throws: `usage` if it does and what follows is no repository, or no revision.
  public init?(_ text: String) throws(Failure) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    var rest = text.dropFirst(Self.prefix.count)
    if rest.hasPrefix("//") { rest = rest.dropFirst(2) }
    let parts = rest.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    repository = String(parts[0])
    revision = parts.count > 1 ? String(parts[1]) : nil
    let pieces = repository.split(separator: "/", omittingEmptySubsequences: false)
    if pieces.count > 2, pieces.allSatisfy({ Self.isPart($0) }) {
      throw Failure(
        .usage, "'\(text)' names something within a repository", expected: Self.forms,
        remedy: "write '\(Self.prefix)\(pieces[0])/\(pieces[1])'")
    }
    guard pieces.count <= 2, repository.utf8.count <= 96, pieces.allSatisfy({ Self.isPart($0) })
    else {
      throw Failure(
        .usage, "'\(text)' is not the name of a model on the hub",
        expected: "\(Self.forms); letters, digits, '-', '_' and '.'")
    }
    if let revision, !Self.isRevision(revision) {
      throw Failure(
        .usage, "'\(revision)' is not a revision", at: Place(text), expected: Self.forms,
        remedy: "write a branch, a tag or a commit behind '@', or omit it")
    }
  }

  /// The endings of files, which no repository has.
  private static let fileEndings = [
    ".whl", ".zip", ".gz", ".tar", ".zst", ".xz", ".bz2", ".h5", ".safetensors", ".onnx", ".gguf",
  ]

  /// Whether a text that is no path looks like a model of the hub without `hf:`: `org/name`.
  public static func isLikely(_ text: String) -> Bool {
    if fileEndings.contains(where: text.hasSuffix) { return false }
    return text.split(separator: "/", omittingEmptySubsequences: false).count == 2
      && ((try? HubName(prefix + text)) ?? nil) != nil
  }

  /// What to say of a path at which nothing exists and that looks like a name without `hf:`; nil for
  /// others. Where its folder exists, it is a slip in a path.
  public static func missing(_ path: String) -> Failure? {
    guard isLikely(path), fileKind(at: path) == nil, fileKind(at: parent(of: path)) == nil else {
      return nil
    }
    let name = prefix + path
    return Failure(
      .missingInput,
      "there is no such file or folder; it looks like the id of a model on the Hugging Face hub",
      at: Place(path),
      remedy: "write '\(name)', which fetches the model; 'ltr fetch \(name)' fetches it beforehand")
  }

  /// The name of a repository at a revision; nil for what cannot be one.
  public init?(repository: String, revision: String? = nil) {
    let text = Self.prefix + repository + (revision.map { "@\($0)" } ?? "")
    guard let name = (try? HubName(text)) ?? nil else { return nil }
    self = name
  }

  private init(_ repository: String, _ revision: String?) {
    (self.repository, self.revision) = (repository, revision)
  }

  /// The name with a commit as its revision.
  public func at(_ commit: String) -> HubName { HubName(repository, commit) }

  /// The name as it is written.
  public var description: String {
    Self.prefix + repository + (revision.map { "@\($0)" } ?? "")
  }

  /// The branch, tag or commit; `main` where none is named.
  package var wanted: String { revision ?? "main" }

  /// Whether a text is a commit, 40 hexadecimal digits.
  package static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40 && text.utf8.allSatisfy { hexadecimal.contains($0) }
  }

  /// The digits of commits and checksums.
  package static let hexadecimal = Set("0123456789abcdef".utf8)

  private static func isPart(_ part: Substring) -> Bool {
    guard let first = part.first, let last = part.last else { return false }
    return part.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
      default: Array("-_.".utf8).contains(byte)
      }
    } && !".-".contains(first) && !".-".contains(last) && !part.contains("--")
      && !part.contains("..") && !part.hasSuffix(".git")
  }

  /// The rules of git for names of branches, as far as they matter in paths and addresses.
  private static func isRevision(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200 && !text.contains("..") && !text.hasPrefix("/")
      && !text.hasSuffix("/") && !text.contains("//")
      && text.unicodeScalars.allSatisfy {
        $0.value > 32 && !"~^:?*[\\\u{7F}".unicodeScalars.contains($0)
      }
  }
}
