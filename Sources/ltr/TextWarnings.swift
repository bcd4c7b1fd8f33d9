import ArgumentParser
import Corpora
import Diagnostics
import Files
import Retrieval

/// The encoding of a collection, for every command with a collection.
struct EncodingOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The encoding of the collection's files, such as windows-1252; without it, UTF-8 or the "
        + "encoding that a byte-order mark declares.", valueName: "name"))
  var encoding: String?

  /// The requested encoding.
  ///
  /// - Throws: `usage` if there is no such encoding.
  func value() throws(Failure) -> TextEncoding? {
    try encoding.map { name throws(Failure) in try TextEncoding(named: name) }
  }
}

extension TextEncoding {
  /// The encoding that a recipe or job names at `key`; nil if it names none.
  ///
  /// - Throws: `badRecipe` if there is no such encoding.
  init?(_ name: String?, key: String) throws(Failure) {
    guard let name else { return nil }
    do throws(Failure) {
      try self.init(named: name)
    } catch {
      var failure = error
      failure.kind = .badRecipe
      failure.problem = "\(key): \(error.problem)"
      throw failure
    }
  }
}

extension Terminal {
  /// Warns of encoding errors in a file.
  static func warn(_ faults: TextFaults) {
    for warning in faults.warnings { say("warning: " + warning) }
  }
}

/// Opens the inputs of a command, and warns of encoding errors in them.
enum Reading {
  /// A collection.
  static func collection(
    _ path: String, _ encoding: TextEncoding?
  ) throws(Failure) -> Collection {
    let collection = try Collection(opening: path, encoding: encoding)
    collection.textFaults.forEach(Terminal.warn)
    return collection
  }

  /// The judgments of a split.
  static func judgments(
    of split: String, in collection: Collection
  ) throws(Failure) -> Judgments {
    let judgments = try collection.judgments(split: split)
    Terminal.warn(judgments.textFaults)
    return judgments
  }

  /// The judgments in a file.
  static func judgments(_ path: String) throws(Failure) -> Judgments {
    let judgments = try Judgments(opening: path)
    Terminal.warn(judgments.textFaults)
    return judgments
  }

  /// A run with the grades of its documents.
  static func run(_ path: String, _ judgments: Judgments) throws(Failure) -> GradedRun {
    let run = try GradedRun(opening: path, judgments: judgments)
    Terminal.warn(run.textFaults)
    return run
  }

  /// A run.
  static func run(_ path: String) throws(Failure) -> Run {
    let run = try Run(opening: path)
    Terminal.warn(run.textFaults)
    return run
  }
}
