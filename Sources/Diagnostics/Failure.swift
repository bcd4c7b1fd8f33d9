/// Something a user can put right: what is wrong, where, what was expected, and what to do.
///
/// Everything that reads input, writes output or builds a value from a user's words throws this
/// and nothing else, so that the command line can print it and end with the matching exit code.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The classes of mistakes, with the exit codes of sysexits.h as raw values.
  public enum Kind: Int32, Sendable {
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// A file was read and its contents are wrong (EX_DATAERR).
    case badData = 65
    /// A file or folder that is needed is not there or cannot be read (EX_NOINPUT).
    case missingInput = 66
    /// This machine or build lacks something the request needs (EX_UNAVAILABLE).
    case unavailable = 69
    /// The program is at fault, not the user (EX_SOFTWARE).
    case software = 70
    /// Output cannot be created (EX_CANTCREAT).
    case cannotCreate = 73
    /// Reading or writing failed half-way (EX_IOERR).
    case io = 74
    /// A recipe or job is wrong (EX_CONFIG).
    case badRecipe = 78
  }

  /// Which class of mistake this is.
  public var kind: Kind
  /// What is wrong, as a sentence without a full stop.
  public var problem: String
  /// Where it is wrong, if it is anywhere.
  public var place: Place?
  /// What would have been right.
  public var expected: String?
  /// What to do about it.
  public var remedy: String?

  /// A failure with its parts; only `problem` is compulsory.
  public init(
    _ kind: Kind, _ problem: String, at place: Place? = nil, expected: String? = nil,
    remedy: String? = nil
  ) {
    self.kind = kind
    self.problem = problem
    self.place = place
    self.expected = expected
    self.remedy = remedy
  }

  /// The failure as the command line prints it: one line a part.
  public var description: String {
    var lines = ["error: \(problem)"]
    if let place { lines.append("  at: \(place)") }
    if let expected { lines.append("  expected: \(expected)") }
    if let remedy { lines.append("  to do: \(remedy)") }
    return lines.joined(separator: "\n")
  }
}

/// A place in a user's input: a file, and as much of line, column, byte and key as is known.
public struct Place: Sendable, Equatable, CustomStringConvertible {
  /// The file, as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int?
  /// The column, from 1, in characters.
  public var column: Int?
  /// The byte offset, from 0, for binary files.
  public var byte: Int?
  /// The key, tensor or entry.
  public var key: String?

  /// A place; only the file is compulsory.
  public init(
    _ file: String, line: Int? = nil, column: Int? = nil, byte: Int? = nil, key: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.byte = byte
    self.key = key
  }

  /// `file:line:column, byte n, key 'k'`, each part where it is known.
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    if let byte { text += ", byte \(byte)" }
    if let key { text += ", key '\(key)'" }
    return text
  }
}
