import Collections
public import Diagnostics
public import Models
import Scoring

/// Where a run of training gets its data.
public struct TrainingSources: Sendable {
  /// What is learned from.
  public var train: TrainingSource
  /// What models are compared on.
  public var dev: TrainingSource?
  /// What the best model is measured on at the end.
  public var test: TrainingSource?

  /// Sources.
  public init(train: TrainingSource, dev: TrainingSource? = nil, test: TrainingSource? = nil) {
    self.train = train
    self.dev = dev
    self.test = test
  }
}

extension TrainingData {
  /// Reads and tokenizes what a plan needs. `biEncoder` makes the bi-encoder of the base model; it is
  /// asked for where the warm-up needs a teacher, and where `comparesBiEncoder`.
  ///
  /// - Throws: `Failure` where something is missing, wrong, or empty.
  public init(
    _ sources: TrainingSources, _ plan: TrainingPlan, model: CrossEncoder, biEncoder: BiEncoder?,
    progress: @escaping TrainingProgress, report: @escaping (TrainingEvent) -> Void
  ) throws(Failure) {
    var library = TextLibrary(PairTokens(model.tokenizer))
    func note(_ text: String) { report(.note(text)) }
    let train = try library.queries(of: sources.train, report: note)
    let sampler = try ListSampler(
      train, documents: library.documentIDs.count, plan.lists, seed: plan.seed,
      split: sources.train.split)
    if sampler.unusable > 0 {
      note("\(sampler.unusable) of \(train.count) training queries give no list and are left out")
    }
    var dev: RankingEvaluator?
    var test: RankingEvaluator?
    if let source = sources.dev {
      dev = try Self.evaluator(source, &library, plan, report: note)
    }
    if let source = sources.test {
      test = try Self.evaluator(source, &library, plan, report: note)
    }
    let maker = plan.warmUp.map {
      WarmUpLists(options: $0, seed: plan.seed, maximumLength: plan.maximumLength)
    }
    var phases: [TrainingPhase] = []
    if let maker, let path = maker.options.teacherRun {
      let lists = try maker.lists(
        of: try Run(opening: path), collection: try library.collection(sources.train.collection),
        into: &library)
      phases.append(Self.warmUp(lists, maker.options, plan, library.tokens))
    }
    if let biEncoder {
      let collection = try library.collection(sources.train.collection)
      let taught = maker.flatMap { $0.options.teacherRun == nil ? $0 : nil }
      let corpus = try taught?.corpus(of: collection, into: &library)
      let embedder = TextEmbedder(
        biEncoder, precision: plan.precision, workers: plan.workers)
      note("embedding \(library.documentIDs.count) documents with the base model's bi-encoder")
      let documents = embedder.embeddings(
        of: library.tokens.documents, maximumLength: plan.maximumLength
      ) { progress("embedding the documents", $0, $1) }
      let queries = embedder.embeddings(
        of: library.tokens.queries, maximumLength: plan.maximumLength)
      devBiEncoder = dev?.cosines(queries: queries, documents: documents)
      testBiEncoder = test?.cosines(queries: queries, documents: documents)
      if let taught, let corpus {
        var lists: [TrainingList] = []
        if taught.options.queries != [.train] {
          lists = try taught.lists(
            of: corpus, documents: documents, embedder: embedder, into: &library, report: note,
            progress: progress)
        }
        if taught.options.queries.contains(.train) {
          lists += taught.lists(of: train, queryEmbeddings: queries, documents: documents)
        }
        guard !lists.isEmpty else {
          throw Failure(
            .badData, "there is nothing to warm up on: the training queries have no candidates",
            at: Place(sources.train.collection), expected: "a run file with their candidates",
            remedy: "give 'data.train.candidates', or warm up on titles and sentences as well")
        }
        phases.append(Self.warmUp(lists, taught.options, plan, library.tokens))
      }
    }
    if plan.warmUp != nil, phases.isEmpty {
      throw Failure(
        .badRecipe, "the warm-up has no teacher", expected: "a bi-encoder or a run",
        remedy: "give 'warm_up.teacher' a run file")
    }
    phases.append(
      TrainingPhase(
        name: TrainingPhase.trainingName, epochs: plan.epochs, batch: plan.batch,
        accumulate: plan.accumulate, loss: plan.loss, schedule: plan.schedule,
        maximumLength: plan.maximumLength, mostSteps: plan.mostSteps, tokens: library.tokens,
        lists: { sampler.lists(epoch: $0) }))
    if library.emptyDocuments > 0 { note("\(library.emptyDocuments) documents are empty") }
    let replaced = library.tokens.queries.replaced + library.tokens.documents.replaced
    if replaced > 0 { note("\(replaced) ill-formed parts of texts were read as U+FFFD") }
    tokens = library.tokens
    self.phases = phases
    self.dev = dev
    self.test = test
  }

  private static func evaluator(
    _ source: TrainingSource, _ library: inout TextLibrary, _ plan: TrainingPlan,
    report: (String) -> Void
  ) throws(Failure) -> RankingEvaluator {
    let queries = try library.queries(of: source, report: report)
    return try RankingEvaluator(
      queries, documentIDs: library.documentIDs, measures: plan.measures, select: plan.select,
      maximumLength: plan.maximumLength, split: source.split)
  }

  private static func warmUp(
    _ lists: [TrainingList], _ options: WarmUpOptions, _ plan: TrainingPlan, _ tokens: PairTokens
  ) -> TrainingPhase {
    let seed = plan.seed
    return TrainingPhase(
      name: TrainingPhase.warmUpName, epochs: options.passes, batch: plan.warmUpBatch,
      accumulate: 1, loss: plan.warmUpLoss, schedule: Schedule(peak: plan.warmUpRate),
      freshFactor: options.freshFactor, maximumLength: options.maximumLength, mostSteps: nil,
      tokens: tokens,
      lists: { epoch in lists.reordered(seed: seed, epoch: epoch) })
  }
}
