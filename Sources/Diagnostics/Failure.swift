/// A mistake that a user can correct: the problem, its place, what was expected, and the remedy.
///
/// All code that reads input, writes output or builds a value from a user's input throws only this
/// error, so that the command line can print it and exit with the matching code.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The classes of mistakes, with the exit codes of sysexits.h as raw values.
  public enum Kind: Int32, Sendable {
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// A file was read and its contents are wrong (EX_DATAERR).
    case badData = 65
    /// A file or folder that is needed does not exist or cannot be read (EX_NOINPUT).
    case missingInput = 66
    /// This machine or build lacks something the request needs (EX_UNAVAILABLE).
    case unavailable = 69
    /// The program is at fault, not the user (EX_SOFTWARE).
    case software = 70
    /// Output cannot be created (EX_CANTCREAT).
    case cannotCreate = 73
    /// Reading or writing failed midway (EX_IOERR).
    case io = 74
    /// A recipe or job is wrong (EX_CONFIG).
    case badRecipe = 78
  }

  /// The class of the mistake.
  public var kind: Kind
  /// The problem, as a sentence without a full stop.
  public var problem: String
  /// The place of the problem, if it has one.
  public var place: Place?
  /// The input that would have been correct.
  public var expected: String?
  /// The remedy.
  public var remedy: String?
  /// The line of a recipe or job that the mistake is in, or that leads to it.
  public var excerpt: Excerpt?
  /// More mistakes that were found at the same time.
  public var further: [Failure] = []

  /// A failure with its parts; only `problem` is required.
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

  /// The failure as the command line prints it: one line per part, and the further ones behind it.
  public var description: String {
    var lines = ["error: \(problem)"]
    if let place { lines.append("  at: \(place)") }
    if let excerpt {
      if (excerpt.place.file, excerpt.place.line) != (place?.file, place?.line) {
        lines.append("  in: \(excerpt.place)")
      }
      lines.append("\(excerpt)")
    }
    if let expected { lines.append("  expected: \(expected)") }
    if let remedy { lines.append("  to do: \(remedy)") }
    lines += further.map(\.description)
    return lines.joined(separator: "\n")
  }
}

/// A place in a user's input: a file, and those of line, column, byte and key that are known.
public struct Place: Sendable, Equatable, CustomStringConvertible {
  /// The file, as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int?
  /// The column, from 1, in characters.
  public var column: Int?
  /// The byte offset, from 0, for binary files.
  public var byte: Int?
  /// The key, or the name of a tensor or entry.
  public var key: String?

  /// A place; only the file is required.
  public init(
    _ file: String, line: Int? = nil, column: Int? = nil, byte: Int? = nil, key: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.byte = byte
    self.key = key
  }

  /// `file:line:column, byte n, key 'k'`, each part if it is known.
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    if let byte { text += ", byte \(byte)" }
    if let key { text += ", key '\(key)'" }
    return text
  }
}
