import ArgumentParser
import Corpora
import Diagnostics
import JSON
import Ranking
import Retrieval
import RunEvaluation
import Tables

/// The options that fit the weights of a fusion to judgments.
struct FitArguments: ParsableArguments {
  @Option(
    name: .customLong("fit"),
    help: ArgumentHelp(
      "Fit the weights to these judgments, such as those of dev, with --by z_score.",
      valueName: "qrels"))
  var qrels: String?

  @Option(
    help: ArgumentHelp(
      "The measure that fitted weights maximise. (default: nDCG@10)", valueName: "measure"))
  var measure: String?

  @Option(
    help: ArgumentHelp(
      "The folds of queries that cross-validate fitted weights. (default: 5)", valueName: "count"))
  var folds: Int?

  /// Rejects options that contradict each other.
  ///
  /// - Throws: `usage`.
  func check(_ fusion: FusionArguments) throws(Failure) {
    guard qrels != nil else {
      guard let given = measure != nil ? "--measure" : folds != nil ? "--folds" : nil else {
        return
      }
      throw Failure(
        .usage, "\(given) applies only to fitted weights", expected: "--fit with judgments",
        remedy: "omit \(given), or give --fit")
    }
    if let by = fusion.by, by != "z_score" {
      throw Failure(
        .usage, "--fit cannot be combined with --by \(by)",
        expected: "--by z_score, whose scores have one scale in all queries",
        remedy: "omit --by")
    }
    if !fusion.weight.isEmpty {
      throw Failure(
        .usage, "--fit and --weight both set the weights", expected: "one of them",
        remedy: "omit --weight to fit the weights")
    }
    if let folds, !(2...1000).contains(folds) {
      throw Failure(.usage, "--folds cannot be \(folds)", expected: "an integer from 2 to 1000")
    }
  }

  /// The fitted weights of runs; nil without `--fit`.
  ///
  /// - Throws: errors of the judgments, the measure and the runs; `badData` for too few judged
  ///   queries.
  func weights(_ stages: [RunStage], _ queries: [Query]) throws(Failure) -> FittedWeights? {
    guard let qrels else { return nil }
    let measure = try Measure(parsing: measure ?? "nDCG@10")
    let judgments = try Reading.judgments(qrels)
    var signals: [SignalScores] = []
    for query in queries where judgments.contains(query: query.id) {
      var rankings: [[ScoredDocument]] = []
      for stage in stages { rankings += try stage.search([query], depth: .max) }
      signals.append(
        try SignalScores(
          query.id, rankings: rankings,
          judgments: judgments.judgments(of: query.id).map { ($0.document, $0.grade) }))
    }
    let folds = folds ?? 5
    let weights = try SignalWeights(signals, measure: measure, folds: folds, source: qrels)
    return .init(weights: weights, measure: measure)
  }
}

/// Fitted weights with the measure they maximise.
struct FittedWeights {
  let weights: SignalWeights
  let measure: Measure

  /// What was fitted, for a person: the weights, the cross-validation, and the options that apply
  /// the weights to other runs of the same systems.
  func text(_ runs: [String]) -> String {
    var rows = [["run", "weight", "fitted"]]
    for (run, (weight, fitted)) in zip(runs, zip(weights.weights, weights.fitted)) {
      rows.append([run, fixed(weight, 4), fixed(fitted, 4)])
    }
    let rules = SignalWeights.Rule.allCases.map { rule in
      "\(rule.rawValue) \(fixed(weights.crossValidated[rule] ?? 0, 4))"
    }
    return alignedColumns(rows)
      + "\n\(measure), cross-validated over \(weights.queries) queries in "
      + "\(weights.foldValues.count) folds: \(rules.joined(separator: ", "))\n"
      + "weights: \(weights.rule.rawValue) (fitted ones need a gain above one standard error, "
      + "\(fixed(weights.standardError, 4)))\n"
      + "to apply them: --by z_score "
      + weights.weights.map { "--weight \($0)" }.joined(separator: " ") + "\n"
  }

  /// The same as JSON.
  func json(_ runs: [String]) -> JSONValue {
    var rules: [String: JSONValue] = [:]
    for (rule, value) in weights.crossValidated { rules[rule.rawValue] = .number(value) }
    return .object([
      "measure": .text(measure.description), "rule": .text(weights.rule.rawValue),
      "runs": .list(runs.map { .text($0) }),
      "weights": .list(weights.weights.map { .number($0) }),
      "fitted": .list(weights.fitted.map { .number($0) }),
      "queries": .whole(weights.queries), "cross_validated": .object(rules),
      "folds": .list(weights.foldValues.map { .number($0) }),
      "fitted_value": .number(weights.fittedValue),
      "standard_error": .number(weights.standardError),
    ])
  }
}
