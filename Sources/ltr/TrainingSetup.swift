import Diagnostics
import Files
import Inference
import Lists
import ModelFiles
import Models
import Ranking
import Recipes
import Scoring
import Training

extension TrainingRecipe {
  /// Reads a recipe from a file, with the losses and measures there are.
  init(reading path: String, overrides: [String], output: String?) throws(Failure) {
    try self.init(
      text: readText(path).wellFormed(.badRecipe), file: path, overrides: overrides,
      losses: .registered
    ) { (name) throws(Failure) in
      try Measure(parsing: name).description
    }
    if let output { self.output = output }
  }

  /// The recipe as checkpoints remember it: without what has no bearing on the result.
  var runIdentity: String {
    var recipe = self
    recipe.output = "-"
    recipe.training.workers = nil
    recipe.training.precision = .auto
    recipe.training.memoryBudget = nil
    recipe.training.checkpointEvery = .steps(1)
    recipe.training.checkpointKeep = 1
    return recipe.identity
  }
}

extension LossCatalogue {
  /// The losses of the registry.
  static var registered: LossCatalogue {
    LossCatalogue(
      Losses.all.map { definition in
        Loss(
          definition.name, aliases: definition.aliases,
          options: definition.options.map { Option($0.name, Kind($0.kind)) })
      })
  }
}

extension LossCatalogue.Kind {
  fileprivate init(_ kind: LossOption.Kind) {
    switch kind {
    case .number(let value, let range): self = .number(default: value, range: range)
    case .whole(let value, let range): self = .whole(default: value, range: range)
    case .choice(let value, let among): self = .choice(default: value, among: among)
    case .flag(let value): self = .flag(default: value)
    }
  }
}

/// A recipe with everything it names read: model, plan and data.
struct TrainingSetup {
  let recipe: TrainingRecipe
  let plan: TrainingPlan
  let model: CrossEncoder
  let data: TrainingData

  /// Reads what a recipe names. A dry run leaves out what takes minutes: embedding the corpus for
  /// the warm-up and for the comparison with the bi-encoder.
  init(
    _ recipe: TrainingRecipe, isDryRun: Bool, progress: @escaping TrainingProgress,
    report: @escaping (TrainingEvent) -> Void
  ) throws(Failure) {
    self.recipe = recipe
    var plan = try TrainingPlan(recipe)
    if isDryRun { plan.warmUp = nil }
    self.plan = plan
    var source = try ModelSource(recipe.model.base, dropout: recipe.model.dropout.map(Float.init))
    if let segments = recipe.model.segments { source = try source.withSegments(segments) }
    var model = try CrossEncoder(
      source, seed: recipe.training.seed,
      for: recipe.model.label.map { .scoring(label: $0) } ?? .base)
    if let segments = recipe.model.segments, segments > model.configuration.tokenTypes {
      throw Failure(
        .badRecipe, "the base has one token type",
        at: Place(recipe.model.base, key: "model.segments"),
        expected: "1", remedy: "write 'segments: 1', or leave it out")
    }
    // Checkpoints are models too, and should know how long their pairs may be.
    let notes = ModelNotes(maximumLength: recipe.model.maxLength, base: recipe.model.base)
    model.sidecar.files[ModelNotes.fileName] = Array(try notes.json().utf8)
    self.model = model
    for notice in model.notices { report(.note(notice)) }
    try recipe.model.checkFreeze(layers: model.configuration.layers)
    // Before anything of an earlier run is touched: a budget that is too small is known now.
    _ = try plan.stepOptions(model)
    _ = try pairLength(
      recipe.model.maxLength, tokenizer: model.tokenizer, positions: model.maximumLength,
      recipe.model.maxLength, recipe.model.base, option: "model.max_length")
    if let warmUp = recipe.warmUp {
      let least = model.tokenizer.specialTokensInPair + 2
      guard (least...model.maximumLength).contains(warmUp.maxLength) else {
        throw Failure(
          .badRecipe,
          "\(warmUp.maxLength) tokens are too \(warmUp.maxLength < least ? "few" : "many") for a pair",
          at: Place(recipe.model.base, key: "warm_up.max_length"),
          expected:
            "from \(least) to \(model.maximumLength) tokens, for which this model has positions")
      }
    }
    if let warning = recipe.clickWarning { report(.warning(warning)) }
    let needsTeacher = plan.warmUp.map { $0.teacherRun == nil } ?? false
    if needsTeacher, source.pooling == nil {
      report(.note("the base says nothing about embeddings: its teacher is the mean of its tokens"))
    }
    let usesBiEncoder = !isDryRun && (needsTeacher || source.pooling != nil)
    let biEncoder = usesBiEncoder ? try BiEncoder(source) : nil
    data = try TrainingData(
      try TrainingSources(recipe.data), plan, model: model, biEncoder: biEncoder,
      progress: progress, report: report)
  }

  private var warmUpSummary: [String] {
    recipe.warmUp.map { section in
      let most = section.queries.contains(.train) && section.queries.count > 1 ? 2 : 1
      return ["warm-up: up to \(most * section.lists) lists a pass, \(section.passes) passes"]
    } ?? []
  }

  /// What the run would do, a line each.
  var summary: [String] {
    warmUpSummary
      + data.phaseSummary.map { "\($0.name): \($0.lists) lists an epoch, \($0.steps) steps" }
      + ["model: \(model.parameters.table.count) parameters"]
  }
}

extension ModelSection {
  /// - Throws: `Failure` where a layer is to be frozen that the model does not have.
  fileprivate func checkFreeze(layers: Int) throws(Failure) {
    for case .layers(let range) in freeze where range.upperBound >= layers {
      throw Failure(
        .badRecipe, "there is no layer \(range.upperBound) to freeze",
        at: Place(base, key: "model.freeze"), expected: "layers from 0 to \(layers - 1)")
    }
  }
}

extension TrainingPlan {
  /// The plan of a recipe.
  init(_ recipe: TrainingRecipe) throws(Failure) {
    var terms: [(weight: Double, loss: Loss)] = []
    for term in recipe.loss.terms {
      let options = term.options.mapValues { OptionValue($0) }
      terms.append((term.weight, try Loss(term.name, options: options)))
    }
    self.init(
      loss: terms.count == 1 && terms[0].weight == 1 ? terms[0].loss : try Loss(sum: terms),
      warmUpLoss: try Loss(recipe.warmUp?.loss.rawValue ?? "softmax"),
      measures: try Measure.list(parsing: recipe.evaluation.measures.joined(separator: " ")),
      select: try Measure(parsing: recipe.evaluation.select))
    maximumLength = recipe.model.maxLength
    lists = ListOptions(
      size: recipe.data.list.size, positives: recipe.data.list.positives,
      minimumGrade: recipe.data.list.minimumGrade,
      negatives: recipe.data.list.negatives.map { NegativeSource($0) })
    remining = recipe.data.remine.map {
      ReminingOptions(
        epochs: $0.epochs, hardest: $0.hardest, relativeMargin: $0.relativeMargin)
    }
    if let section = recipe.warmUp {
      warmUp = WarmUpOptions(section)
      warmUpRate = section.learningRate
      warmUpBatch = BatchSize(section.batch)
    }
    let settings = recipe.optimizer
    optimizer = AdamWOptions(
      beta1: settings.betas[0], beta2: settings.betas[1], epsilon: settings.epsilon,
      weightDecay: settings.weightDecay, decaysBiases: settings.decayBiases, clip: settings.clip)
    schedule = Schedule(
      peak: settings.learningRate, warmUp: .init(settings.warmUp), course: .init(settings.schedule))
    let training = recipe.training
    epochs = training.epochs
    mostSteps = training.maxSteps
    batch = BatchSize(training.batch)
    memoryBudget = training.memoryBudget?.bytes
    frozen = FrozenParts(recipe.model.freeze)
    accumulate = training.accumulate
    seed = training.seed
    precision = try PrecisionOption(training.precision).forTraining()
    workers = training.workers
    patience = training.patience
    checkpointEvery = TrainingInterval(training.checkpointEvery)
    checkpointsKept = training.checkpointKeep
    evaluateEvery = TrainingInterval(recipe.evaluation.every)
    switch recipe.fusion?.weight {
    case nil: fusion = .none
    case .dev: fusion = .chosenOnDev
    case .fixed(let weight): fusion = .fixed(weight)
    }
  }
}

extension OptionValue {
  fileprivate init(_ setting: OptionSetting) {
    switch setting {
    case .number(let number): self = .number(number)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    }
  }
}

extension NegativeSource {
  fileprivate init(_ negatives: ListSection.Negatives) {
    switch negatives {
    case .judged: self = .judged
    case .candidates: self = .candidates
    case .random: self = .random
    }
  }
}

extension WarmUpOptions {
  fileprivate init(_ section: WarmUpSection) {
    self.init()
    queries = section.queries.map { PseudoQuerySource($0) }
    lists = section.lists
    passes = section.passes
    neighbours = section.neighbours
    neighbourSource =
      switch section.neighboursFrom {
      case WarmUpSection.words: .words
      case WarmUpSection.biEncoder: .biEncoder
      default: .run(section.neighboursFrom)
      }
    freshFactor = section.freshFactor
    teacherRun = section.teacher == WarmUpSection.biEncoder ? nil : section.teacher
    scale = section.scale
    maximumLength = section.maxLength
  }
}

extension BatchSize {
  fileprivate init(_ section: BatchSection) {
    switch section {
    case .lists(let lists): self = .lists(lists)
    case .tokens(let tokens): self = .tokens(tokens)
    }
  }
}

extension FrozenParts {
  fileprivate init(_ parts: [FrozenPart]) {
    self.init()
    for part in parts {
      switch part {
      case .embeddings: embeddings = true
      case .layers(let range): layers.formUnion(range)
      }
    }
  }
}

extension PseudoQuerySource {
  fileprivate init(_ query: WarmUpSection.Query) {
    switch query {
    case .titles: self = .titles
    case .sentences: self = .sentences
    case .train: self = .train
    }
  }
}

extension TrainingInterval {
  fileprivate init(_ interval: Interval) {
    switch interval {
    case .steps(let count): self = .steps(count)
    case .epochs(let count): self = .epochs(count)
    }
  }
}

extension Schedule.WarmUp {
  fileprivate init(_ warmUp: OptimizerSection.WarmUp) {
    switch warmUp {
    case .fraction(let share): self = .fraction(share)
    case .steps(let count): self = .steps(count)
    }
  }
}

extension Schedule.Course {
  fileprivate init(_ schedule: OptimizerSection.Schedule) {
    switch schedule {
    case .linear: self = .linear
    case .cosine: self = .cosine
    case .constant: self = .constant
    }
  }
}
