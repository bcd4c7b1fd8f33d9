import ArgumentParser
import Corpora
import Diagnostics
import Files
import Inference
import Retrieval

/// `ltr index search`.
struct IndexSearch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches an index for the queries of a collection and writes a run.",
    discussion: """
      With --fuse, further indexes of the same collection are searched too, and the rankings of all \
      are fused into one: words and embeddings find different documents, and a hybrid of both is a \
      better first stage than either.
      """)

  @Option(help: ArgumentHelp("The folder of the index.", valueName: "folder"))
  var index: String

  @Option(
    name: .customLong("fuse"), parsing: .singleValue,
    help: ArgumentHelp(
      "A further index, whose ranking is fused with that of --index. May be repeated.",
      valueName: "folder"))
  var fuse: [String] = []

  @OptionGroup var fusion: FusionArguments

  @Option(help: ArgumentHelp("The collection that the index was built from.", valueName: "path"))
  var collection: String

  @OptionGroup var collectionOptions: CollectionOptions

  @Option(
    help: ArgumentHelp(
      "The split whose judged queries are searched for; without it, all queries are.",
      valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("The most documents per query.", valueName: "count"))
  var depth = 100

  @OptionGroup var identicalIDs: IdenticalIDOption

  @Option(help: ArgumentHelp("The run file to write.", valueName: "file"))
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Print a summary of the search as JSON.")
  var json = false

  @OptionGroup(title: "Options of dense") var dense: DenseSearchArguments

  func validate() throws {
    guard (1...1_000_000).contains(depth) else {
      throw ValidationError("--depth must be 1 to 1000000.")
    }
  }

  func run() throws {
    try OutputCheck.file(output, overwrite: overwrite)
    try fusion.require(fused: !fuse.isEmpty, "--fuse")
    if let folder = ([index] + fuse).firstRepeated {
      throw Failure(
        .usage, "'\(folder)' is given twice", expected: "different indexes",
        remedy: "omit one of them; --weight gives an index more weight")
    }
    let collection = try Reading.collection(collection, collectionOptions.value())
    let (stage, tag) = try stage(of: collection)
    let queries = try queries(of: collection)
    try Terminal.check(collection.emptyTexts)
    let start = ContinuousClock.now
    let progress = ProgressLine("queries", total: queries.count)
    defer { progress.finish() }
    var copies = IdenticalIDs()
    let counts = try SearchedRun(
      stage, queries, depth: depth, withoutIdenticalIDs: identicalIDs.ignoreIdenticalIds, tag: tag,
      to: output,
      visit: { query, answer throws(Failure) in
        try copies.add(query.id, hits: answer.lazy.map(\.document), in: collection)
      }, progress: { progress.show(Double($0)) })
    progress.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    identicalIDs.note(copies, "hits")
    let without = counts.withoutDocuments
    if without > 0 { Terminal.say("note: nothing was found for \(without) queries") }
    if json {
      try Terminal.write([
        "queries": .whole(queries.count), "queries_without_documents": .whole(without),
        "documents": .whole(counts.documents), "depth": .whole(depth),
        "seconds": .number(seconds),
        "queries_per_second": .number(Double(queries.count) / max(seconds, 1e-9)),
      ])
    }
  }

  /// The queries to search, in the order of the judgments or of the collection.
  private func queries(of collection: Collection) throws(Failure) -> [Query] {
    if let split { return try collection.judgedQueries(of: split) }
    var queries: [Query] = []
    for place in 0..<collection.queryCount { queries.append(try collection.query(at: place)) }
    return queries
  }

  /// The index with the tag of its run, or the fusion of several.
  private func stage(
    of collection: Collection
  ) throws(Failure) -> (stage: any FirstStage, tag: String) {
    let weights = try fusion.weights(of: 1 + fuse.count, "index")
    var parts: [FusedStage.Part] = []
    var tag = ""
    for (folder, weight) in zip([index] + fuse, weights) {
      // Options of dense indexes do not reach the others of a fusion.
      let isWords =
        !fuse.isEmpty && (try? IndexManifest(readingFrom: folder).kind) == BM25Index.kind
      let index = try IndexKind.openIndex(in: folder, isWords ? IndexOpening() : dense.opening)
      let reading = ProgressLine("documents checked", total: collection.documentCount)
      defer { reading.finish() }
      try index.verify(against: collection) { reading.show(Double($0)) }
      tag += (tag.isEmpty ? "" : "+") + index.manifest.kind
      parts.append(.init(index, weight: weight))
    }
    guard parts.count > 1 else { return (parts[0].stage, tag) }
    return (try FusedStage(parts, by: try fusion.method(), leastDepth: depth), tag)
  }
}
