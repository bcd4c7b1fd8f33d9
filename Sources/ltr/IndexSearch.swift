import ArgumentParser
import Corpora
import Diagnostics
import Files
import Retrieval

/// `ltr index search`.
struct IndexSearch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches an index for the queries of a collection and writes a run.")

  @Option(help: ArgumentHelp("The folder of the index.", valueName: "folder"))
  var index: String

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

  /// The number of queries searched between two updates of the progress.
  private static let queriesAtOnce = 256

  func validate() throws {
    guard (1...1_000_000).contains(depth) else {
      throw ValidationError("--depth must be 1 to 1000000.")
    }
  }

  func run() throws {
    try OutputCheck.file(output, overwrite: overwrite)
    let index = try IndexKind.openIndex(in: index, dense.opening)
    let collection = try Reading.collection(collection, collectionOptions.value())
    let reading = ProgressLine("documents checked", total: collection.documentCount)
    try index.verify(against: collection) { reading.show(Double($0)) }
    reading.finish()
    let queries = try queries(of: collection)
    try Terminal.check(collection.emptyTexts)
    let start = ContinuousClock.now
    let answers = try search(index, queries)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var copies = IdenticalIDs()
    for (query, answer) in zip(queries, answers) {
      try copies.add(query.id, hits: answer.lazy.map(\.document), in: collection)
    }
    identicalIDs.note(copies, "hits")
    try Run(zip(queries, answers).map { ($0.id, $1) }, tag: index.manifest.kind, from: output)
      .write(to: output)
    let without = answers.count(where: \.isEmpty)
    if without > 0 { Terminal.say("note: nothing was found for \(without) queries") }
    if json {
      try Terminal.write([
        "queries": .whole(queries.count), "queries_without_documents": .whole(without),
        "documents": .whole(answers.reduce(0) { $0 + $1.count }), "depth": .whole(depth),
        "seconds": .number(seconds),
        "queries_per_second": .number(Double(queries.count) / max(seconds, 1e-9)),
      ])
    }
  }

  /// The queries to search, in the order of the judgments or of the collection.
  private func queries(of collection: Collection) throws(Failure) -> [Query] {
    var queries: [Query] = []
    guard let split else {
      for place in 0..<collection.queryCount { queries.append(try collection.query(at: place)) }
      return queries
    }
    let judgments = try Reading.judgments(of: split, in: collection)
    for id in judgments.queries {
      guard let place = collection.queryIndex(of: id) else { continue }
      queries.append(try collection.query(at: place))
    }
    let missing = judgments.queries.count - queries.count
    if missing > 0 {
      Terminal.say("note: \(missing) judged queries are not in the collection and were left out")
    }
    guard !queries.isEmpty else {
      throw Failure(
        .badData, "none of the split's queries is in the collection",
        at: Place(collection.path, key: split),
        expected: "judged queries with the ids of queries.jsonl")
    }
    return queries
  }

  private func search(
    _ index: any DocumentIndex, _ queries: [Query]
  ) throws(Failure) -> [[ScoredDocument]] {
    let progress = ProgressLine("queries", total: queries.count)
    defer { progress.finish() }
    var answers: [[ScoredDocument]] = []
    answers.reserveCapacity(queries.count)
    while answers.count < queries.count {
      let next = queries.dropFirst(answers.count).prefix(Self.queriesAtOnce)
      answers += try index.search(
        Array(next), depth: depth, withoutIdenticalIDs: identicalIDs.ignoreIdenticalIds)
      progress.show(Double(answers.count))
    }
    return answers
  }
}
