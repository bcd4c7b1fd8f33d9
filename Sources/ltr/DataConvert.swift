import ArgumentParser
import Conversions
import Corpora
import Diagnostics
import Files
import JSON

/// `ltr data convert`.
struct DataConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a collection or lists in another layout.",
    discussion: """
      \(DataFormat.all.map { "\($0.name): \($0.summary)." }.joined(separator: "\n"))

      What is written appears whole or not at all, and a folder is read back before. Tables and \
      lists hold judged documents alone; notes say what a layout could not hold.
      """)

  @Argument(help: ArgumentHelp("A collection, a table or lists.", valueName: "path"))
  var path: String

  @Option(
    name: .customLong("to"),
    help: ArgumentHelp(
      "The layout to write: \(DataFormat.all.map(\.name).joined(separator: ", ")).",
      valueName: "layout"))
  var layout: String

  @Option(help: ArgumentHelp("The file or folder to write.", valueName: "path"))
  var output: String

  @Option(
    name: .customLong("split"), parsing: .singleValue,
    help: ArgumentHelp(
      "A split to convert; may be repeated. Without it, all. Judgments without splits get this name.",
      valueName: "name"))
  var splits: [String] = []

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "For lists: a run whose documents without a judgment become documents of label 0.",
      valueName: "file"))
  var candidates: String?

  @Option(help: ArgumentHelp("The most documents of a query that --run adds.", valueName: "count"))
  var depth = 50

  @OptionGroup var lists: ListTextsOption

  @OptionGroup var collectionOptions: CollectionOptions

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Print a summary as JSON.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(depth) else {
      throw ValidationError("--depth must be 1 to 1000000.")
    }
  }

  func run() throws {
    let format = try DataFormat.named(layout)
    if format.isFolder {
      try OutputCheck.collection(output, overwrite: overwrite)
    } else {
      try OutputCheck.file(output, overwrite: overwrite)
    }
    let source = try source(format)
    let progress = ProgressLine("documents", total: source.documentCount)
    defer { progress.finish() }
    let conversion = try format.write(source.source, to: output, overwrite: overwrite) {
      progress.show(Double($0))
    }
    progress.finish()
    for note in conversion.notes { Terminal.say("note: \(note)") }
    if json {
      try Terminal.write([
        "layout": .text(format.name), "documents": .whole(conversion.documents),
        "queries": .whole(conversion.queries), "judgments": .whole(conversion.judgments),
        "notes": .list(conversion.notes.map(JSONValue.text)),
      ])
    } else {
      try Terminal.write(
        "\(output): \(conversion.documents) documents, \(conversion.queries) queries, "
          + "\(conversion.judgments) judgments\n")
    }
  }

  private func source(
    _ format: DataFormat
  ) throws(Failure) -> (source: ConversionSource, documentCount: Int) {
    let form = try collectionOptions.value()
    switch try DataKind(of: path, form) {
    case .lists:
      for (option, isGiven) in [("--split", !splits.isEmpty), ("--run", candidates != nil)]
      where isGiven {
        throw Failure(
          .usage, "\(option) cannot be combined with lists, which are in the file as they are",
          expected: "a collection, or lists without \(option)", remedy: "omit \(option)")
      }
      let texts = try lists.texts.map { path throws(Failure) in
        try Reading.collection(path, CollectionForm())
      }
      return (.lists(ListFile(path, form, texts: texts)), 0)
    case .judgments:
      throw Failure(
        .badData, "the file has judgments alone, without texts", at: Place(path),
        expected: "a collection, a table or lists",
        remedy: "put it into the folder of its collection")
    case .collection: break
    }
    let collection = try Reading.collection(path, form)
    let names = splits.isEmpty ? collection.splits : splits
    if collection.isUnsplit, names.count > 1 {
      throw Failure(
        .usage, "the collection has no splits, and \(names.count) are named",
        expected: "one name for all of its judgments", remedy: "give --split once")
    }
    if !format.isFolder { try require(names, format, collection) }
    var found: [CollectionSource.Split] = []
    for name in names {
      found.append(.init(name, try Reading.judgments(of: name, in: collection)))
    }
    let hits = try candidates.map { path throws(Failure) in
      (run: try Reading.run(path), depth: depth)
    }
    return (
      .collection(CollectionSource(collection, found, candidates: hits)),
      collection.documentCount
    )
  }

  private func require(
    _ names: [String], _ format: DataFormat, _ collection: Collection
  ) throws(Failure) {
    if names.isEmpty {
      throw Failure(
        .badData, "the collection has no judgments", at: Place(collection.path),
        expected: "judged documents, of which \(format.name) consists",
        remedy: "convert to beir, msmarco or trec")
    }
    if names.count > 1, !format.hasSplits {
      throw Failure(
        .usage, "\(format.name) has no place for several splits: \(names.joined(separator: ", "))",
        expected: "one split", remedy: "give --split with one of them")
    }
    if candidates != nil, format.hasSplits {
      throw Failure(
        .usage, "--run cannot be combined with --to \(format.name), whose labels are judgments",
        expected: "--run with lists, sentence-transformers or flagembedding",
        remedy: "omit --run, or convert to lists")
    }
  }
}
