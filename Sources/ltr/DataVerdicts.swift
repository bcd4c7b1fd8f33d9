import ArgumentParser
import Corpora
import Diagnostics

extension Terminal {
  /// Warns of texts that are empty.
  ///
  /// - Throws: `badData` where all, or more than half, of the documents or queries read are.
  static func check(_ texts: [EmptyTexts]) throws(Failure) {
    try texts.requireTexts()
    warn(texts)
  }

  /// Warns of texts that are empty, however many.
  static func warn(_ texts: [EmptyTexts]) {
    for some in texts { say("warning: \(some.warning)") }
  }
}

/// What is done with a hit that has its query's own id.
struct IdenticalIDOption: ParsableArguments {
  /// How the option is written.
  static let name = "--ignore-identical-ids"

  @Flag(
    help: ArgumentHelp(
      "Leave out hits with the query's own id, as BEIR does: for queries that are documents of the "
        + "corpus (ArguAna, Quora)."))
  var ignoreIdenticalIds = false

  /// The first candidates of a run: as many others where the query's own copy is left out.
  ///
  /// - Throws: `badData` where nothing is left of the run.
  func candidates(of run: Run, depth: Int) throws(Failure) -> Run {
    guard ignoreIdenticalIds else { return run.prefix(depth) }
    let others = run.withoutIdenticalIDs
    let without = others.queries.count { others.documents(of: $0).isEmpty }
    if without == others.queries.count {
      throw Failure(
        .badData, "every hit of the run has the id of its query", at: Place(run.source),
        expected: "other documents", remedy: "leave out \(Self.name)")
    }
    if without > 0 {
      Terminal.say(
        "note: \(without) of \(others.queries.count) queries have no hit but the one with their own id, "
          + "and are left out")
    }
    return others.prefix(depth)
  }

  /// Says which of some queries are among their candidates, where these count.
  func note(
    _ candidates: Run, of queries: [String], in collection: Collection
  ) throws(Failure) {
    if ignoreIdenticalIds { return }
    var found = IdenticalIDs()
    for query in queries {
      let documents = candidates.documents(of: query).lazy.map(\.document)
      try found.add(query, hits: documents, in: collection)
    }
    note(found, "candidates")
  }

  /// Says where such hits are and count.
  func note(_ found: IdenticalIDs, _ subject: String) {
    if !ignoreIdenticalIds, let note = found.note(subject, option: Self.name) {
      Terminal.say("note: \(note)")
    }
  }
}

/// Queries all of whose candidates have one score, so that nothing but the order of their ids ranks
/// them.
struct EqualScores {
  /// Queries with two candidates or more.
  private(set) var queries = 0
  /// Those of them whose scores are all equal.
  private(set) var equal = 0
  private var example: String?

  /// Looks at the scores of a query's candidates, in the 32 bits in which runs are compared.
  mutating func add(_ query: String, _ scores: some Swift.Collection<Double>) {
    guard scores.count > 1, let first = scores.first else { return }
    queries += 1
    guard scores.allSatisfy({ Float($0) == Float(first) }) else { return }
    equal += 1
    if example == nil { example = query }
  }

  /// Warns where there are such queries; `whose` scores they are stands before it.
  func warn(_ whose: String) {
    guard let example else { return }
    Terminal.say(
      "warning: \(whose): all scores of a query are equal for \(equal) of \(queries) queries with two "
        + "candidates or more, such as '\(example)': their order is that of the ids")
  }
}
