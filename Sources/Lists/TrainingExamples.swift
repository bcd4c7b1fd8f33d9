package import Options
import Corpora
package import Diagnostics
package import Ranking

/// The sampling of lists from training examples, and the loss that uses them.
package struct SamplingPlan: Sendable {
  /// How lists are composed.
  package var options: ListOptions
  /// How candidates are refreshed between epochs; nil if they are not.
  package var remining: ReminingOptions?
  /// The factor of the first stage's scores in the loss; nil if they are not added to the model's.
  package var residual: Double?
  /// The loss.
  package var loss: Loss
  /// The seed of the draws.
  package var seed: UInt64

  package init(
    _ options: ListOptions, remining: ReminingOptions? = nil, residual: Double? = nil, loss: Loss,
    seed: UInt64
  ) {
    self.options = options
    self.residual = residual
    self.remining = remining
    self.loss = loss
    self.seed = seed
  }

  /// Whether a teacher's scores are used where there are some: by the loss, or by the choice of
  /// documents.
  package var needsTeacher: Bool { loss.needsTeacher || options.sampling != nil }
}

/// The training examples of a run, read and ready for sampling: judged queries or given lists.
package struct TrainingExamples {
  /// Draws the lists of each epoch.
  package let sampler: ListSampler
  /// The queries with their candidates, or the documents of their lists, for use in a warm-up.
  package let queries: [JudgedQuery]
  /// The source, for messages.
  package let source: String

  /// Reads the training examples of `sources`.
  ///
  /// - Parameter report: called with what was read and what was left out, one line at a time.
  /// - Throws: `Failure` if anything is missing or wrong, if there is nothing to learn from, and if
  ///   the loss requires a teacher's scores and there are none.
  package init(
    _ sources: TrainingSources, _ plan: SamplingPlan, into library: inout TextLibrary,
    report: (String) -> Void
  ) throws(Failure) {
    var teacher: Run?
    if let path = sources.teacher {
      if plan.needsTeacher {
        teacher = try Self.teacher(library.run(path))
      } else {
        report("the loss '\(plan.loss)' uses no teacher: \(path) is not read")
      }
    }
    switch sources.train {
    case .judged(let source):
      if teacher == nil, plan.loss.needsTeacher, !sources.awaitsTeacher {
        throw Self.untaught(plan, source.collection)
      }
      try self.init(
        source, teacher, plan, awaits: sources.awaitsTeacher && plan.needsTeacher, into: &library,
        report: report)
    case .lists(let source):
      try self.init(source, teacher, plan, into: &library, report: report)
    }
  }

  private init(
    _ source: TrainingSource, _ teacher: Run?, _ plan: SamplingPlan, awaits awaitsTeacher: Bool,
    into library: inout TextLibrary, report: (String) -> Void
  ) throws(Failure) {
    queries = try library.queries(of: source, report: report)
    self.source = source.collection
    var scores = awaitsTeacher ? TeacherScores(pendingFor: queries) : nil
    if let teacher {
      let found = TeacherScores(teacher, queries, documentIDs: library.documentIDs)
      try Self.check(taught: found.taught, of: found.pairs, teacher.source, report: report)
      scores = found
    }
    sampler = try ListSampler(
      queries, documents: library.documentIDs.count, plan.options, seed: plan.seed,
      split: source.split, teacher: scores, remining: plan.remining, residual: plan.residual)
    if sampler.unusable > 0 {
      report(
        "\(sampler.unusable) of \(queries.count) training queries yield no list and are left out")
    }
  }

  private init(
    _ source: ListSource, _ teacher: Run?, _ plan: SamplingPlan,
    into library: inout TextLibrary, report: (String) -> Void
  ) throws(Failure) {
    var read = try LabelledLists(reading: source, teacher: teacher, into: &library)
    report("\(read.lists.count) lists with \(read.pairs) documents from \(source.file)")
    if read.emptied > 0 {
      report(
        "\(read.emptied) more lists have only a document with the query's own id and are left out"
      )
    }
    if read.ownCopies > 0 {
      report(
        "\(read.ownCopies) of \(read.lists.count) lists contain a copy of their query, a document with its id "
          + "and text; 'ignore_identical_ids: true' excludes it")
    }
    if teacher != nil || read.taught > 0 {
      try Self.check(
        taught: read.taught, of: read.pairs, teacher?.source ?? source.file, report: report)
    } else if plan.loss.needsTeacher {
      throw Self.untaught(plan, source.file)
    }
    if let options = source.clickWeights {
      try read.weighClicks(options, source: source.file, report: report)
    }
    queries = read.lists.map { list in
      JudgedQuery(
        id: "", query: list.query, judged: [],
        candidates: list.items.map { ($0.document, $0.label) })
    }
    self.source = source.file
    sampler = try ListSampler(
      read.lists, plan.options, seed: plan.seed, loss: plan.loss, source: source.file,
      remining: plan.remining)
    if sampler.unusable > 0 {
      report(
        "\(sampler.unusable) of \(read.lists.count) lists contribute nothing to the loss and are left out"
      )
    }
  }

  /// A teacher's run, whose scores must be finite.
  private static func teacher(_ run: Run) throws(Failure) -> Run {
    for query in run.queries {
      guard let wrong = run.documents(of: query).first(where: { !$0.score.isFinite }) else {
        continue
      }
      throw Failure(
        .badData,
        "the teacher's score of document '\(wrong.document)' for query '\(query)' is \(wrong.score)",
        at: Place(run.source), expected: "a finite number",
        remedy: "remove the line, or correct the score")
    }
    return run
  }

  /// Reports how many of the pairs the teacher has scored; there must be at least one.
  private static func check(
    taught: Int, of pairs: Int, _ source: String, report: (String) -> Void
  ) throws(Failure) {
    guard taught > 0 else {
      throw Failure(
        .badData, "the teacher has scored none of the \(pairs) training pairs",
        at: Place(source), expected: "the query and document ids of the training data",
        remedy: "check that these files belong together")
    }
    report("the teacher has scored \(taught) of \(pairs) pairs, \(pairs - taught) have no score")
  }

  private static func untaught(_ plan: SamplingPlan, _ source: String) -> Failure {
    Failure(
      .badRecipe, "the loss '\(plan.loss)' needs a teacher's scores, but none are given",
      at: Place(source), expected: "a teacher's scores",
      remedy: "add 'data.train.teacher' with a run file or a model, or lists with 'teacher' scores")
  }
}
