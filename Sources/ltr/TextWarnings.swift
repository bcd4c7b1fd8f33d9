import ArgumentParser
import Corpora
import Diagnostics
import Files
import Retrieval

/// How a collection is read, for every command with a collection.
struct CollectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The encoding of the collection's files, such as windows-1252; without it, UTF-8 or the "
        + "encoding that a byte-order mark declares.", valueName: "name"))
  var encoding: String?

  @Option(
    name: .customLong("column"),
    help: ArgumentHelp(
      "A column of a table without a common name: query, query_id, document, title, id, label or "
        + "split, '=', and its name or a template such as '{title} {brand}'; may be repeated.",
      valueName: "key=name"))
  var columns: [String] = []

  @Option(
    name: .customLong("label"),
    help: ArgumentHelp(
      "The grade of a label that is a word, as in E=3; may be repeated.", valueName: "word=grade"))
  var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      "A table with the texts of documents, which the collection's table names by id.",
      valueName: "file"))
  var documents: String?

  /// How the collection is to be read.
  ///
  /// - Throws: `usage` if there is no such encoding or column, or a grade is not a number.
  func value() throws(Failure) -> CollectionForm {
    var form = CollectionForm(
      encoding: try encoding.map { name throws(Failure) in try TextEncoding(named: name) })
    form.documents = documents
    for column in columns {
      guard let (key, name) = Self.pair(column), form.columns.set(key, to: name) else {
        throw Failure(
          .usage, "--column \(column) names no column",
          expected: "query, query_id, document, title, id, label or split, '=' and a name",
          remedy: "write, for example, --column query=search_term")
      }
    }
    for label in labels {
      guard let (word, text) = Self.pair(label), let grade = Double(text), grade.isFinite else {
        throw Failure(
          .usage, "--label \(label) gives no grade", expected: "a word, '=' and a number",
          remedy: "write, for example, --label E=3")
      }
      form.labels = form.labels ?? [:]
      form.labels?[word] = grade
    }
    return form
  }

  private static func pair(_ text: String) -> (String, String)? {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { return nil }
    let value = text[text.index(after: equals)...]
    return value.isEmpty ? nil : (String(text[..<equals]), String(value))
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
    _ path: String, _ form: CollectionForm
  ) throws(Failure) -> Collection {
    let collection = try Collection(opening: path, as: form)
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
