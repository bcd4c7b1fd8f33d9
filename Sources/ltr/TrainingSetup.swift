import Batches
import Diagnostics
import Files
import Inference
import Lists
import ModelFiles
import Models
import Options
import Ranking
import Recipes
import Scoring
import Training

extension RecipeSource {
  /// Reads a recipe or job from a file, with those that it extends.
  init(
    reading path: String, _ kind: Kind, overrides: [String], note: (String) -> Void = { _ in }
  ) throws(Failure) {
    func text(_ path: String) throws(Failure) -> String {
      try readText(path).wellFormed(.badRecipe)
    }
    try self.init(
      text: text(path), file: path, kind: kind, overrides: overrides, reader: text, note: note)
  }
}

extension TrainingRecipe {
  /// Reads a recipe from a file.
  ///
  /// - Parameter note: receives a note on each key under its name in an earlier version.
  init(
    reading path: String, overrides: [String], output: String?, note: (String) -> Void = { _ in }
  ) throws(Failure) {
    try self.init(
      RecipeSource(reading: path, .recipe, overrides: overrides, note: note))
    if let output { self.output = output }
  }

  /// The recipe's identity in checkpoints: without keys that do not affect the result.
  var runIdentity: String {
    var recipe = self
    recipe.output = "-"
    recipe.training.workers = nil
    recipe.training.precision = .auto
    recipe.training.memoryBudget = nil
    recipe.training.recomputedLayers = nil
    recipe.training.checkpointEvery = .steps(1)
    recipe.training.checkpointsKept = 1
    return recipe.identity
  }
}

extension TrainingRecipe {
  /// The recipe with which a run resumes. Runs of versions that did not stop early by default train to
  /// the end, as they began.
  ///
  /// - Throws: `badRecipe` with the first line that differs from the run's recipe.
  func resumed(from resumption: Resumption) throws(Failure) -> TrainingRecipe {
    do throws(Failure) {
      try resumption.require(recipe: runIdentity)
      return self
    } catch {
      var earlier = self
      earlier.training.patience = nil
      guard training.patience == TrainingOptions.usualPatience,
        (try? resumption.require(recipe: earlier.runIdentity)) != nil
      else { throw error }
      Terminal.say("note: the run began without early stopping, and continues without it")
      return earlier
    }
  }
}

/// A recipe with its inputs read: model, plan and data.
struct TrainingSetup {
  let recipe: TrainingRecipe
  let plan: TrainingPlan
  let model: CrossEncoder
  let data: TrainingData<PairTokens>
  /// The adapters of the model; nil for none.
  let adapters: AdapterPlan?
  /// The model that training starts from, of the hub with its commit.
  let baseName: String
  private let source: ModelSource

  /// Reads the inputs of a recipe. A dry run omits the steps that take minutes: embedding the
  /// corpus for the warm-up and for the comparison with the bi-encoder, whose texts it counts.
  ///
  /// - Parameter memory: has the embeddings of earlier runs, and keeps those of this one.
  init(
    _ recipe: TrainingRecipe, isDryRun: Bool, memory: EmbeddingMemory? = nil,
    progress: @escaping TrainingProgress, report: @escaping (TrainingEvent) -> Void
  ) throws(Failure) {
    self.recipe = recipe
    plan = try TrainingPlan(recipe)
    let isNew = recipe.model.weights == .new
    var source = try ModelSource(
      recipe.model.base, dropout: recipe.model.dropout.map(Float.init), isNew: isNew)
    try recipe.model.checkWeights(of: source)
    source = try source.with(PromptChoice(recipe.model), .badRecipe) {
      Place(recipe.model.base, key: "model.\($0)")
    }
    baseName = NamedFolder.fullName(of: recipe.model.base)
    // What teaches by its embeddings, or is compared with, is the base with all its layers.
    let whole = source
    if let layers = recipe.model.layers {
      source = try source.keeping(layers, of: recipe.model.base)
      report(.note(try source.layerNotice(whole)))
    }
    if let notice = source.promptNotice { report(.note(notice)) }
    if let warning = source.promptWarning { report(.warning(warning)) }
    if let types = recipe.model.tokenTypes { source = try source.withTokenTypes(types) }
    adapters = recipe.model.lora.map {
      var plan = AdapterPlan($0, base: NamedFolder.fullName(of: source.basePath))
      plan.keptLayers = source.cut?.kept
      return plan
    }
    if Self.continuesAdapter(adapters, source), plan.training.average?.base.isEmpty == false {
      throw Failure(
        .badRecipe, "there is no sum of an adapter that goes on and what it was at first",
        at: Place(recipe.model.base, key: "training.average.base"),
        expected: "a whole model as model.base, since the sum of two adapters has twice their rank",
        remedy: "omit training.average.base, or omit model.lora to train the merged model")
    }
    self.source = source
    let use = recipe.model.headUse
    let path = recipe.model.base
    let exits = recipe.model.exits.map { ExitPlan($0) }
    var model =
      if let adapters {
        try CrossEncoder(
          source, seed: recipe.training.seed, for: use, adapting: adapters,
          at: { Place(path, key: "model.lora.\($0)") })
      } else {
        try CrossEncoder(
          source, seed: recipe.training.seed, for: use,
          exits: exits.map { .trained($0, place: Place(path, key: "model.exits.layers")) } ?? .none)
      }
    if let types = recipe.model.tokenTypes, types > model.blueprint.tokenTypes {
      throw Failure(
        .badRecipe, "the base model has one token type",
        at: Place(recipe.model.base, key: "model.token_types"),
        expected: "1", remedy: "write 'token_types: 1', or omit it")
    }
    // Checkpoints are models too, and should contain the maximum length of their pairs.
    var notes = ModelNotes(maximumLength: recipe.model.maximumLength, base: baseName)
    notes.prompt = model.sidecar.prompt
    model.sidecar.files[ModelNotes.fileName] = Array(try notes.json().utf8)
    self.model = model
    for notice in model.notices { report(.note(notice)) }
    try recipe.model.checkFreeze(layers: model.blueprint.layers.count)
    if recipe.training.anchor != nil, !model.fresh.isEmpty {
      throw Failure(
        .badRecipe,
        "the base model has no score head, so that it has no scores to hold the model to",
        at: Place(recipe.model.base, key: "training.anchor"),
        expected: "a cross-encoder as 'model.base', or a classifier with 'model.label'",
        remedy: "remove 'training.anchor'; 'warm_up' is what teaches a new head before training")
    }
    // Checked before files of an earlier run are changed: a budget that is too small is known now.
    _ = try plan.stepOptions(model)
    _ = try pairLength(
      recipe.model.maximumLength, tokenizer: model.tokenizer, positions: model.maximumLength,
      recipe.model.maximumLength, recipe.model.base, option: "model.max_length")
    if let warmUp = recipe.warmUp {
      let least = model.tokenizer.leastTokensInPair + 2
      guard (least...model.maximumLength).contains(warmUp.maximumLength) else {
        throw Failure(
          .badRecipe,
          "\(warmUp.maximumLength) tokens are too \(warmUp.maximumLength < least ? "few" : "many") for a pair",
          at: Place(recipe.model.base, key: "warm_up.max_length"),
          expected:
            "from \(least) to \(model.maximumLength) tokens, for which this model has positions")
      }
    }
    if let warning = recipe.clickWarning { report(.warning(warning)) }
    let needsTeacher = plan.warmUp.map { $0.teacherRun == nil } ?? false
    if needsTeacher { try recipe.model.checkTeaching() }
    if needsTeacher, source.pooling == nil {
      report(.note("the base model declares no pooling: the warm-up teacher uses mean pooling"))
    }
    let usesBiEncoder = needsTeacher || source.pooling != nil && !isNew
    let biEncoder = usesBiEncoder && !isDryRun ? try BiEncoder(whole) : nil
    let name = baseName
    var sources = try recipe.data.checkedSources()
    sources.awaitsTeacher =
      isDryRun && recipe.data.train.teacher == nil && recipe.data.train.teacherModel != nil
    data = try TrainingData(
      sources, plan, model: model, biEncoder: biEncoder,
      countsEmbeddings: usesBiEncoder && isDryRun, recalling: memory.map { ($0, model: name) },
      progress: progress, report: report)
  }

  /// Whether training goes on from an adapter, which has no sum with what it was at first.
  var continuesAdapter: Bool { Self.continuesAdapter(adapters, source) }

  private static func continuesAdapter(_ adapters: AdapterPlan?, _ source: ModelSource) -> Bool {
    adapters != nil && source.adapterRank != nil
  }

  /// The trained model with plain weights: adapters are added to those of the base, which is read
  /// again.
  func finished() throws(Failure) -> CrossEncoder {
    try model.merged(with: source, seed: recipe.training.seed)
  }

  /// Measures some steps, which change the model, for the time and memory of a run.
  func forecast(readingSeconds: Double) throws(Failure) -> RunForecast {
    try RunForecast(model, plan, data, preparation: readingSeconds)
  }

  /// The sizes of the model, one line per item.
  var modelSummary: [String] {
    ["model: \(model.parameters.table.count) parameters"] + adapterSummary
  }

  private var adapterSummary: [String] {
    guard model.hasAdapters else { return [] }
    let table = model.parameters.table
    let trained = table.entries.filter { !$0.isFixed }.reduce(0) { $0 + $1.parameter.shape.count }
    return ["adapters: \(table.adapters.count), with the score head \(trained) parameters"]
  }
}

extension PromptChoice {
  /// The choice of a recipe.
  init(_ model: ModelOptions) {
    self.init(prompt: model.prompt, instruction: model.instruction, answers: model.answers)
  }
}

extension AdapterPlan {
  fileprivate init(_ options: LoRAOptions, base: String) {
    self.init()
    (rank, alpha, dropout) = (options.rank, options.alpha, options.dropout)
    (isRankStabilized, targets) = (options.isRankStabilized, options.targets)
    layers = options.layers.isEmpty ? nil : Set(options.layers.joined())
    self.base = base
  }
}

extension ExitPlan {
  fileprivate init(_ options: ExitOptions) {
    self.init(
      head: options.head == .own ? .own : .shared,
      exits: options.layers.enumerated().map { Exit(after: $1, weight: options.weight(of: $0)) })
  }
}

extension ModelOptions {
  /// How the head of the base is treated.
  fileprivate var headUse: HeadUse { label.map { .scoring(label: $0) } ?? .base }

  /// - Throws: `Failure` if a frozen layer does not exist in the model.
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
      terms.append((term.weight, try Loss(term.name, options: term.options)))
    }
    self.init(
      loss: terms.count == 1 && terms[0].weight == 1 ? terms[0].loss : try Loss(sum: terms),
      warmUpLoss: try Loss((recipe.warmUp ?? WarmUpOptions()).loss.rawValue),
      measures: try Measure.list(parsing: recipe.evaluation.measures.joined(separator: " ")),
      select: try Measure(parsing: recipe.evaluation.select))
    training = recipe.training
    lists = recipe.data.list
    remining = recipe.data.remine
    warmUp = recipe.warmUp
    optimizer = recipe.optimizer
    frozen = FrozenParts(recipe.model.freeze)
    precision = try recipe.training.precision.forTraining()
    maximumLength = recipe.model.maximumLength
    evaluateEvery = recipe.evaluation.every
    fusion = recipe.fusion
    selectedOrder = recipe.evaluation.order
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
