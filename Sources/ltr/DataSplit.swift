import ArgumentParser
import Conversions
import Corpora
import Diagnostics
import Files
import JSON
import Options
import Splits
import Tables

/// `ltr data split`.
struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divides judged queries into train, dev and test.",
    discussion: """
      Queries with the same or nearly the same words stay on one side, and every side has its share \
      of each grade. The same words and the same seed give the same sides on every machine, and in \
      a recipe with data.train.split: { share: 0.8, seed: 7 }. The output is a collection in BEIR's \
      layout, or with --qrels-only the judgments alone.
      """)

  @Argument(help: ArgumentHelp("A collection or a table.", valueName: "path"))
  var path: String

  @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("The share of queries for training.", valueName: "number"))
  var share = SplitShares().share

  @Option(
    help: ArgumentHelp(
      "The share of queries for test. Without it, half of what training leaves; the rest is dev.",
      valueName: "number"))
  var test: Double?

  @Option(help: "Seed of the division.")
  var seed: UInt64 = SplitShares().seed

  @Option(
    help: ArgumentHelp(
      "The similarity of words, above 0 up to 1, from which queries stay together; 1 for the same "
        + "words alone.", valueName: "number"))
  var near = SplitShares().near

  @Option(
    help: ArgumentHelp("The split to divide, of a collection with several.", valueName: "name"))
  var of: String?

  @Flag(help: "Write train.tsv, dev.tsv and test.tsv alone, without documents and queries.")
  var qrelsOnly = false

  @OptionGroup var collectionOptions: CollectionOptions

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Print a summary as JSON.")
  var json = false

  func validate() throws {
    guard share > 0, share < 1 else { throw ValidationError("--share must be between 0 and 1.") }
    guard near > 0, near <= 1 else { throw ValidationError("--near must be above 0, up to 1.") }
    if let test {
      guard test >= 0, share + test <= 1 + 1e-9 else {
        throw ValidationError("--share and --test must not add up to more than 1.")
      }
    }
    guard seed <= UInt64(Int.max) else {
      throw ValidationError("--seed must be \(Int.max) or less.")
    }
  }

  func run() throws {
    var shares = SplitShares()
    (shares.share, shares.test, shares.seed, shares.near, shares.of) = (
      share, test, seed, near, of
    )
    try OutputCheck.collection(output, overwrite: overwrite)
    let form = try collectionOptions.value()
    if case .lists = try DataKind(of: path, form) {
      throw Failure(
        .badData, "the file holds lists, which have no judgments to divide", at: Place(path),
        expected: "a collection or a table",
        remedy: "convert the lists to a table: ltr data convert --to csv")
    }
    let collection = try Reading.collection(path, form)
    let division = try Division(of: collection, shares)
    let parts = SplitShares.Part.allCases.map {
      CollectionSource.Split($0.rawValue, division.judgments(of: $0))
    }.filter { $0.judgments.count > 0 }
    if qrelsOnly {
      try writeFolderAtomically(at: output, overwrite: overwrite) { folder throws(Failure) in
        for part in parts {
          try folder.write("\(part.name).tsv", try part.beirLines())
        }
      }
    } else {
      let progress = ProgressLine("documents", total: collection.documentCount)
      defer { progress.finish() }
      _ = try DataFormat.beir.write(
        .collection(CollectionSource(collection, parts)), to: output, overwrite: overwrite
      ) { progress.show(Double($0)) }
    }
    try summarise(division, parts)
  }

  private func summarise(
    _ division: Division, _ parts: [CollectionSource.Split]
  ) throws(Failure) {
    if json {
      let counts = parts.map { part in
        (
          part.name,
          [
            "queries": .whole(part.judgments.queries.count),
            "judgments": .whole(part.judgments.count),
          ] as JSONValue
        )
      }
      return try Terminal.write([
        "split": .text(division.split), "queries": .whole(division.queries),
        "groups": .whole(division.groups), "largest_group": .whole(division.largest),
        "unresolved": .whole(division.unresolved),
        "parts": .object(Dictionary(uniqueKeysWithValues: counts)),
      ])
    }
    Terminal.say(division.summary)
    let rows = parts.map {
      [$0.name, "\($0.judgments.queries.count)", "\($0.judgments.count)"]
    }
    try Terminal.write(alignedColumns([["", "queries", "judgments"]] + rows))
  }
}
