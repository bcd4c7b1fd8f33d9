import ArgumentParser
import Corpora
import Diagnostics

extension Terminal {
  /// Warns of empty texts.
  ///
  /// - Throws: `badData` if all, or more than half, of the documents or queries read are empty.
  static func check(_ texts: [EmptyTexts]) throws(Failure) {
    try texts.requireTexts()
    warn(texts)
  }

  /// Warns of empty texts, regardless of their number.
  static func warn(_ texts: [EmptyTexts]) {
    for some in texts { say("warning: \(some.warning)") }
  }

  /// Warns of queries whose candidates all have the same score; `whose` names the owner of the
  /// scores.
  static func warn(_ scores: EqualScores, of whose: String) {
    if let warning = scores.warning(whose) { say("warning: \(warning)") }
  }
}

/// The treatment of hits with their query's own id.
struct IdenticalIDOption: ParsableArguments {
  /// The option's name.
  static let name = "--ignore-identical-ids"

  @Flag(
    help: ArgumentHelp(
      "Leave out hits with the query's own id, as BEIR does: for queries that are documents of the "
        + "corpus (ArguAna, Quora)."))
  var ignoreIdenticalIds = false

  /// The first candidates of a run; without hits with their query's own id if the option was given.
  ///
  /// - Throws: `badData` if no query has a candidate left.
  func candidates(of run: Run, depth: Int) throws(Failure) -> Run {
    let found = try run.candidates(
      depth: depth, withoutIdenticalIDs: ignoreIdenticalIds ? Self.name : nil)
    if let note = found.note { Terminal.say("note: \(note)") }
    return found.run
  }

  /// Notes the queries that are among their own candidates, unless the option excludes these.
  func note(
    _ candidates: Run, of queries: [String], in collection: Collection
  ) throws(Failure) {
    if ignoreIdenticalIds { return }
    note(try IdenticalIDs(among: candidates, of: queries, in: collection), "candidates")
  }

  /// Notes hits with their query's own id, unless the option excludes these.
  func note(_ found: IdenticalIDs, _ subject: String) {
    if !ignoreIdenticalIds, let note = found.note(subject, option: Self.name) {
      Terminal.say("note: \(note)")
    }
  }
}
