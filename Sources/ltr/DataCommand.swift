import ArgumentParser
import Corpora
import Diagnostics
import Files

/// `ltr data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Checks, converts and divides collections, tables and lists.",
    subcommands: [DataCheckCommand.self, DataConvert.self, DataSplit.self])
}

/// What data a path holds.
enum DataKind {
  case collection
  case lists
  case judgments

  /// The kind of what is at a path, told by its content.
  ///
  /// - Throws: `missingInput` if nothing is there; `badData` if it is a run.
  init(of path: String, _ form: CollectionForm) throws(Failure) {
    if let failure = OtherForm.failure(of: path) { throw failure }
    if (try? Folder(opening: path)) != nil {
      self = .collection
      return
    }
    let file = try TextFile(guessing: readFile(path), from: path, encoding: form.encoding)
    switch TextKind(of: file, as: form) {
    case .lists: self = .lists
    case .judgments: self = .judgments
    case .run:
      throw Failure(
        .badData, "the file is a run", at: Place(path),
        expected: "a collection, a table, lists or judgments",
        remedy: "measure a run with 'ltr evaluate', or describe it with 'ltr inspect'")
    // What is no table gets the message of the reader of tables.
    case .collection, nil: self = .collection
    }
  }
}

/// `--texts`.
struct ListTextsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The collection with the texts of queries and documents that lists name only by id.",
      valueName: "path"))
  var texts: String?
}

extension OutputCheck {
  /// Rejects a folder to which a collection cannot be written.
  static func collection(_ path: String, overwrite: Bool) throws(Failure) {
    try folder(path, overwrite: overwrite) { names in
      let isKnown = names.allSatisfy { name in
        ["corpus.jsonl", "queries.jsonl", "qrels", "collection.tsv", "msmarco-docs.tsv"]
          .contains(name) || name == "documents.trec"
          || ["queries.", "qrels.", "topics."].contains(where: name.hasPrefix)
          || ["train.tsv", "dev.tsv", "test.tsv"].contains(name)
      }
      return isKnown ? .output("a collection") : .otherThan("a collection")
    }
  }
}
