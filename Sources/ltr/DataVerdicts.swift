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

  /// Warns of queries all of whose candidates have one score; `whose` scores they are stands
  /// before.
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

  /// The first candidates of a run; without hits with their query's own id if the option was given.
  ///
  /// - Throws: `badData` where no query has a candidate left.
  func candidates(of run: Run, depth: Int) throws(Failure) -> Run {
    let found = try run.candidates(
      depth: depth, withoutIdenticalIDs: ignoreIdenticalIds ? Self.name : nil)
    if let note = found.note { Terminal.say("note: \(note)") }
    return found.run
  }

  /// Notes which queries are among their own candidates, unless the option leaves these out.
  func note(
    _ candidates: Run, of queries: [String], in collection: Collection
  ) throws(Failure) {
    if ignoreIdenticalIds { return }
    note(try IdenticalIDs(among: candidates, of: queries, in: collection), "candidates")
  }

  /// Notes hits with their query's own id, unless the option leaves these out.
  func note(_ found: IdenticalIDs, _ subject: String) {
    if !ignoreIdenticalIds, let note = found.note(subject, option: Self.name) {
      Terminal.say("note: \(note)")
    }
  }
}
