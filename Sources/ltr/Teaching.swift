import Corpora
import Diagnostics
import Files
import Foundation
import Inference
import JSON
import Lists
import Options
import Ranking
import Recipes
import Retrieval

/// A model that scores the training pairs before training, or what an earlier run kept of its scores.
struct Teaching {
  /// Changes when the same inputs may give different scores.
  private static let version = "1"
  /// The pairs of which a forecast measures the time.
  private static let sample = 64

  private let options: ModelTeacherOptions
  private let pairs: TaughtPairs
  private let kept: KeptRun

  /// Reads the pairs of a source.
  ///
  /// - Parameter fallback: the folder of kept scores, where candidates come from no index.
  /// - Throws: errors of reading the pairs and the files of the model.
  init(
    _ options: ModelTeacherOptions, of source: TrainingSource, fallback: String
  ) throws(Failure) {
    self.options = options
    pairs = try TaughtPairs(of: source)
    var digest = Digest()
    for part in [Self.version, try ModelTeacher.checksum(of: options), pairs.checksum] {
      digest.add(part)
    }
    let index = source.firstStage?.indexes.first { FileManager.default.isWritableFile(atPath: $0) }
    kept = KeptRun(
      in: index ?? fallback, name: "teacher-\(source.split)", key: digest.hexadecimal)
  }

  /// The run file with the scores, which are computed where no earlier run kept them; nil in a dry run,
  /// which says what that would take.
  ///
  /// - Throws: errors of the model and of writing the run.
  func run(isDryRun: Bool) throws(Failure) -> String? {
    guard !kept.isFilled else {
      Terminal.say(
        "teacher's scores of \(pairs.count) pairs: \(kept.run), kept from an earlier run")
      return kept.run
    }
    let teacher = try ModelTeacher(options, tell: Terminal.say)
    if isDryRun {
      try forecast(teacher)
      return nil
    }
    let start = ContinuousClock.now
    let total = pairs.count
    let progress = ProgressLine("pairs scored by the teacher", total: total)
    defer { progress.finish() }
    try kept.fill { path throws(Failure) in
      let scores = try teacher.scores(of: lists(pairs.queries[...]), documents: text) { share in
        progress.show(share * Double(total))
      }
      try write(scores, to: path)
      return facts(teacher)
    }
    progress.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Terminal.say(
      "teacher: \(options.model), a \(teacher.kind), has scored \(total) pairs of "
        + "\(pairs.queries.count) queries in \(ProgressLine.duration(seconds)): \(kept.run)")
    return kept.run
  }

  private func lists(
    _ queries: ArraySlice<TaughtPairs.Query>
  ) -> [(query: String, documents: [Int])] {
    queries.map { (query: $0.text, documents: $0.documents) }
  }

  private func text(_ document: Int) -> String { pairs.documents[document].text }

  private func write(_ scores: [[Double]], to path: String) throws(Failure) {
    let rankings = zip(pairs.queries, scores).map { query, scores in
      (
        query: query.id,
        documents: zip(query.documents, scores).map {
          ScoredDocument(document: pairs.documents[$0].id, score: $1)
        }
      )
    }
    let run = Run(rankings, tag: "teacher", from: path)
    try writeAtomically(to: path) { file throws(Failure) in try run.append(to: &file, path) }
  }

  private func facts(_ teacher: ModelTeacher) -> [String: JSONValue] {
    [
      "teacher": .text(options.model), "kind": .text(teacher.kind),
      "queries": .whole(pairs.queries.count), "pairs": .whole(pairs.count),
    ]
  }

  /// Says how long the teacher takes, by the first pairs. What it computes first prepares the machine.
  private func forecast(_ teacher: ModelTeacher) throws(Failure) {
    let sample = pairs.prefix(Self.sample)
    let count = sample.reduce(0) { $0 + $1.documents.count }
    _ = try teacher.scores(of: lists(sample), documents: text)
    let start = ContinuousClock.now
    _ = try teacher.scores(of: lists(sample), documents: text)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let whole = seconds * Double(pairs.count) / Double(max(1, count))
    Terminal.say(
      "teacher: \(options.model), a \(teacher.kind), would score \(pairs.count) pairs of "
        + "\(pairs.queries.count) queries first, predicted time \(ProgressLine.duration(whole))")
  }
}

extension TrainingRecipe {
  /// The recipe with the scores of a teacher that is a model.
  ///
  /// - Throws: errors of the model, the pairs and of writing the run.
  func taught(isDryRun: Bool) throws(Failure) -> TrainingRecipe {
    guard let options = data.train.teacherModel, case .judged(let source) = data.train.source else {
      return self
    }
    var recipe = self
    guard try usesTeacher else {
      Terminal.say(
        "note: neither the loss nor 'data.list.sampling' uses a teacher: \(options.model) is not "
          + "read")
      recipe.data.train.teacherModel = nil
      return recipe
    }
    recipe.data.train.teacher = try Teaching(options, of: source, fallback: output)
      .run(isDryRun: isDryRun)
    return recipe
  }

  /// Whether something reads a teacher's scores.
  var usesTeacher: Bool {
    get throws(Failure) {
      if data.list.sampling != nil { return true }
      for term in loss.terms where try Loss(term.name, options: term.options).needsTeacher {
        return true
      }
      return false
    }
  }
}
