public import Corpora
public import Diagnostics
import Files
import Foundation

/// What decides on pairs.
public enum Judge: Sendable {
  /// A language model; the key is that of its API.
  case endpoint(JudgeSettings, key: String?)
  /// A file of verdicts.
  case file(String)
}

/// The files of a judging job.
public struct JudgeFolder: Sendable {
  /// The folder.
  public let path: String

  /// A folder.
  public init(_ path: String) { self.path = path }

  /// The verdicts as they come.
  public var log: String { path + "/verdicts.jsonl" }
  /// The graded pairs, once all are decided.
  public var qrels: String { path + "/qrels.tsv" }
  /// The job, with every value written out.
  public var job: String { path + "/job.yaml" }
}

/// Judges the pairs of a job, from where an earlier run of it ended.
public struct JudgeRun: Sendable {
  /// The texts.
  public let collection: Collection
  /// The pairs, each once.
  public let pairs: [JudgedPair]
  /// The question.
  public let prompt: JudgePrompt
  /// What decides.
  public let judge: Judge
  /// The most that the job may spend.
  public let budget: JudgeBudget
  /// Where it is written.
  public let folder: JudgeFolder

  /// How a run ended.
  public enum End: Sendable, Equatable {
    /// Every pair has a verdict or was left out, and the qrels are written.
    case finished
    /// The budget is spent.
    case spent
    /// It was asked to end.
    case interrupted
  }

  /// A run.
  ///
  /// - Throws: `badData` with every pair whose query or document the collection lacks.
  public init(
    _ collection: Collection, _ pairs: [JudgedPair], _ prompt: JudgePrompt, _ judge: Judge,
    _ budget: JudgeBudget, _ folder: JudgeFolder
  ) throws(Failure) {
    var seen: Set<JudgedPair> = []
    (self.collection, self.prompt, self.judge) = (collection, prompt, judge)
    (self.budget, self.folder) = (budget, folder)
    self.pairs = pairs.filter { seen.insert($0).inserted }
    var missing: [Failure] = []
    for pair in self.pairs where missing.count < 20 {
      for (what, id, isMissing) in [
        ("query", pair.query, collection.queryIndex(of: pair.query) == nil),
        ("document", pair.document, collection.documentIndex(of: pair.document) == nil),
      ] where isMissing {
        let failure = Failure(
          .badData, "the candidates have the \(what) '\(id)', which the collection lacks",
          at: Place(collection.path), remedy: "name the collection that was searched")
        if !missing.contains(failure) { missing.append(failure) }
      }
    }
    guard var first = missing.first else { return }
    first.further = Array(missing.dropFirst())
    throw first
  }

  /// The model's name in verdicts.
  private var model: String {
    switch judge {
    case .endpoint(let settings, _): settings.model
    case .file(let path): path
    }
  }

  /// Judges what is not judged yet, and writes the qrels when nothing is left.
  ///
  /// - Parameters:
  ///   - job: the text to write beside the verdicts.
  ///   - onVerdict: is told the number of pairs decided so far in this run.
  /// - Throws: `badRecipe` if the log is by another model or prompt; `unavailable` if the judge is
  ///   down; errors of reading and writing.
  public func run(
    job: String, onVerdict: @Sendable @escaping (Int) -> Void = { _ in },
    isCancelled: @Sendable @escaping () -> Bool = { false }
  ) throws(Failure) -> (end: End, summary: JudgeSummary) {
    try createFolder(folder.path)
    var (earlier, size): ([Verdict], Int) = ([], 0)
    if fileKind(at: folder.log) != nil {
      (earlier, size) = try Verdict.read(
        folder.log, highestGrade: prompt.highestGrade, isLog: true)
    }
    try requireSame(earlier)
    try writeAtomically(job, to: folder.job)
    let ledger = try JudgeLedger(folder.log, earlier, size: size, budget)
    let known = ledger.verdicts
    let open = pairs.filter { known[$0] == nil }
    switch judge {
    case .file(let path): try take(open, from: path, into: ledger)
    case .endpoint(let settings, let key):
      try ask(open, settings, key, ledger, onVerdict, isCancelled)
    }
    if let failure = ledger.failure { throw failure }
    let summary = JudgeSummary(
      pairs, ledger.verdicts, ledger.spent, highestGrade: prompt.highestGrade)
    if ledger.isSpent { return (.spent, summary) }
    if summary.openCount > 0 { return (.interrupted, summary) }
    if summary.grades.isEmpty, let reason = summary.leftOut.keys.min() {
      throw Failure(
        .unavailable, "no pair got a grade: \(reason)", at: Place(folder.log),
        remedy: "check the judge, then continue with '--resume'")
    }
    try writeQrels(ledger.verdicts)
    return (.finished, summary)
  }

  /// Verdicts of two models or prompts are not comparable, and are not mixed.
  private func requireSame(_ earlier: [Verdict]) throws(Failure) {
    let other = earlier.first { $0.model != model || $0.prompt != prompt.checksum }
    guard let other else { return }
    let what = other.model != model ? "by the model '\(other.model)'" : "by another prompt"
    throw Failure(
      .badRecipe, "the verdicts in the output folder are \(what)", at: Place(folder.log),
      expected: "verdicts by '\(model)' and the same prompt and grades",
      remedy: "name another output folder, or replace the verdicts with '--overwrite'")
  }

  private func take(
    _ open: [JudgedPair], from path: String, into ledger: JudgeLedger
  ) throws(Failure) {
    var found: [JudgedPair: Verdict] = [:]
    for verdict in try Verdict.read(path, highestGrade: prompt.highestGrade).verdicts {
      found[verdict.pair] = verdict
    }
    for pair in open {
      let verdict = found[pair]
      ledger.note(
        Verdict(
          pair, grade: verdict?.grade, rationale: verdict?.rationale ?? "not in the file",
          model: model, prompt: prompt.checksum))
    }
    try ledger.flush()
  }

  private func writeQrels(_ verdicts: [JudgedPair: Verdict]) throws(Failure) {
    try writeAtomically(to: folder.qrels) { file throws(Failure) in
      try file.append("query-id\tcorpus-id\tscore\n")
      for pair in pairs {
        guard let grade = verdicts[pair]?.grade else { continue }
        try file.append("\(pair.query)\t\(pair.document)\t\(grade)\n")
      }
    }
  }
}
