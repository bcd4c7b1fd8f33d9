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

  /// Warns of queries all of whose candidates have one score; `whose` scores they are stands before.
  static func warn(_ scores: EqualScores, of whose: String) {
    if let warning = scores.warning(whose) { say("warning: \(warning)") }
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
