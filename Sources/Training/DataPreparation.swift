public import Batches
import Corpora
public import Diagnostics
public import Lists
public import Models
public import Options
import Scoring

/// The training and evaluation data of a run.
public struct TrainingData<Source: ItemSource>: Sendable {
  /// The source of items, such as tokenized texts.
  public var source: Source
  /// The phases with their lists.
  var phases: [TrainingPhase]
  /// The candidates of dev.
  public var dev: RankingEvaluator?
  /// The order of dev's candidates by a bi-encoder.
  public var devBiEncoder: [Double]?
  /// The candidates of test.
  public var test: RankingEvaluator?
  /// The order of test's candidates by a bi-encoder.
  public var testBiEncoder: [Double]?
  /// The numbers of tokens of the texts that a run embeds; only in data that was prepared for a
  /// forecast.
  package var embeddedLengths: [Int] = []
  /// The width of their embeddings.
  var embeddingWidth = 0

  /// Prepared data: phases whose lists are items of `source`, and candidates for evaluation.
  package init(
    source: Source, phases: [TrainingPhase], dev: RankingEvaluator? = nil,
    test: RankingEvaluator? = nil
  ) {
    (self.source, self.phases, self.dev, self.test) = (source, phases, dev, test)
  }
}

extension TrainingData where Source == PairTokens {
  /// Reads and tokenizes the data of a plan. `biEncoder` returns the bi-encoder of the base model;
  /// it is called if the warm-up needs a teacher or `comparesBiEncoder` is true.
  ///
  /// - Parameter countsEmbeddings: prepares the same lists for a forecast, without a bi-encoder: all
  ///   texts that a run embeds are only counted, and the bi-encoder's scores are zeros.
  /// - Parameter recollection: keeps embeddings for the next run, and has those of earlier ones, by the
  ///   name of the bi-encoder.
  /// - Throws: `Failure` if data are missing, invalid or empty.
  public init(
    _ sources: TrainingSources, _ plan: TrainingPlan, model: CrossEncoder, biEncoder: BiEncoder?,
    countsEmbeddings: Bool = false, recalling recollection: (EmbeddingMemory, model: String)? = nil,
    progress: @escaping TrainingProgress,
    report: @escaping (TrainingEvent) -> Void
  ) throws(Failure) {
    let texts = BackgroundTokenizer(model.tokenizer)
    var library = TextLibrary(texts)
    func note(_ text: String) { report(.note(text)) }
    let examples = try TrainingExamples(
      sources,
      SamplingPlan(
        plan.lists, remining: plan.remining, residual: plan.fusion?.residual, loss: plan.loss,
        seed: plan.training.seed),
      into: &library, report: note)
    let sampler = examples.sampler
    var dev: RankingEvaluator?
    var test: RankingEvaluator?
    if let source = sources.dev {
      dev = try Self.evaluator(source, &library, plan, report: note)
    }
    if let source = sources.test {
      test = try Self.evaluator(source, &library, plan, report: note)
    }
    // Checked before embedding, which takes minutes.
    try library.emptyTexts.requireTexts()
    for warning in library.takeWarnings() { report(.warning(warning)) }
    let maker = plan.warmUp.map { WarmUpLists(options: $0, seed: plan.training.seed) }
    var phases: [TrainingPhase] = []
    if let maker, let path = maker.options.teacherRun {
      let lists = try maker.lists(
        of: try library.run(path), collection: try Self.corpus(sources, &library),
        ignoringIdenticalIDs: sources.ignoresIdenticalIDs, into: &library)
      phases.append(Self.warmUp(lists, maker.options, plan, texts.tokens))
    }
    let taught = maker.flatMap { $0.options.teacherRun == nil ? $0 : nil }
    // Embeddings are needed for the warm-up's teacher, or for an order to compare with the model's.
    let embedder: PreparationEmbedder? =
      if countsEmbeddings {
        PreparationEmbedder(counting: model)
      } else {
        biEncoder.map {
          PreparationEmbedder(
            TextEmbedder($0, precision: plan.precision, workers: plan.training.workers),
            recalling: recollection.map {
              .init(memory: $0.0, precision: plan.precision, model: $0.model)
            })
        }
      }
    if let embedder, taught != nil || dev != nil || test != nil {
      let readsCorpus = taught.map { $0.options.queries != [.train] } ?? false
      let corpus =
        if let taught, readsCorpus || sources.collection != nil {
          try taught.corpus(of: try Self.corpus(sources, &library), into: &library)
        } else { nil as WarmUpLists.Corpus? }
      try library.emptyTexts.requireTexts()
      if !countsEmbeddings {
        note("embedding \(library.documentIDs.count) documents with the base model's bi-encoder")
      }
      let documents = embedder.embeddings(
        of: texts.tokens.documents, maximumLength: plan.maximumLength
      ) { progress("embedding the documents", $0, $1) }
      let queries = embedder.embeddings(
        of: texts.tokens.queries, maximumLength: plan.maximumLength)
      devBiEncoder = dev?.cosines(queries: queries, documents: documents)
      testBiEncoder = test?.cosines(queries: queries, documents: documents)
      if let taught {
        var lists: [TrainingList] = []
        if readsCorpus, let corpus {
          let teacher = WarmUpTeacher(
            maker: taught, embedder: embedder, maximumLength: plan.maximumLength)
          lists = try teacher.lists(
            of: corpus, texts, documents: documents, into: &library, report: note,
            progress: progress)
        }
        if taught.options.queries.contains(.train) {
          lists += taught.lists(of: examples.queries) { query, document in
            queries.cosine(query, with: document, of: documents)
          }
        }
        guard !lists.isEmpty else {
          throw Failure(
            .badData, "the warm-up has no data: the training queries have no candidates",
            at: Place(sources.collection ?? examples.source),
            expected: "a run file with their candidates",
            remedy: "set 'data.train.candidates', or warm up on titles and sentences as well")
        }
        phases.append(Self.warmUp(lists, taught.options, plan, texts.tokens))
      }
    }
    if plan.warmUp != nil, phases.isEmpty {
      throw Failure(
        .badRecipe, "the warm-up has no teacher", expected: "a bi-encoder or a run",
        remedy: "set 'warm_up.teacher' to a run file")
    }
    phases.append(
      TrainingPhase(
        name: TrainingPhase.trainingName, epochs: plan.training.epochs, batch: plan.training.batch,
        accumulate: plan.training.accumulate, loss: plan.loss,
        anchor: try plan.training.anchor?.loss(), schedule: plan.optimizer.schedule,
        maximumLength: plan.maximumLength, mostSteps: plan.training.mostSteps, source: texts.tokens,
        remining: sampler.remining, lists: { sampler.lists(epoch: $0) }))
    for warning in library.takeWarnings() { report(.warning(warning)) }
    let empty = library.emptyTexts
    try empty.requireTexts()
    for file in empty { report(.warning(file.warning)) }
    source = texts.tokens
    if countsEmbeddings, let embedder {
      (embeddedLengths, embeddingWidth) = (embedder.lengths, model.blueprint.hiddenSize)
    }
    let replaced = source.queries.replaced + source.documents.replaced
    if replaced > 0 { note("\(replaced) ill-formed byte sequences in texts were read as U+FFFD") }
    self.phases = phases
    self.dev = dev
    self.test = test
  }

  /// The collection from whose documents a warm-up takes pieces.
  private static func corpus(
    _ sources: TrainingSources, _ library: inout TextLibrary
  ) throws(Failure) -> Collection {
    if let path = sources.collection { return try library.collection(path, sources.form) }
    throw Failure(
      .badRecipe, "the warm-up's queries need a collection: 'data.train.collection' is missing",
      expected: "a collection beside the lists",
      remedy: "add 'data.train.collection', or warm up on the lists alone: 'queries: [train]'")
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
    let seed = plan.training.seed
    return TrainingPhase(
      name: TrainingPhase.warmUpName, epochs: options.passes, batch: options.batch,
      accumulate: 1, loss: plan.warmUpLoss, schedule: Schedule(peak: options.learningRate),
      freshFactor: options.freshFactor, maximumLength: options.maximumLength, mostSteps: nil,
      source: tokens,
      lists: { epoch in lists.reordered(seed: seed, epoch: epoch) })
  }
}

extension BackgroundTokenizer: TextReceiver {}
