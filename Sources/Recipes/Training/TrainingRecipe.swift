public import Diagnostics
public import Options

/// The settings of `ltr train`, as one YAML file. The keys of every section are declared in a file
/// beside this one.
public struct TrainingRecipe: Sendable, Equatable {
  /// The model to train.
  public var model = ModelOptions()
  /// Training and evaluation data.
  public var data = DataSection()
  /// Weak supervision before training; nil for none.
  public var warmUp: WarmUpOptions?
  /// The loss of training.
  public var loss = LossSection()
  /// The optimizer and its learning rate.
  public var optimizer = OptimizerOptions()
  /// Training length, batches, precision and checkpoints.
  public var training = TrainingOptions()
  /// The combination with the first stage's score; nil for none.
  public var fusion: FusionOptions?
  /// The evaluation of the model during training.
  public var evaluation = EvaluationOptions()
  /// The runs of a sweep; nil for a single run.
  public var sweep: SweepOptions?
  /// The folder of the run.
  public var output = ""

  private init() {}

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: the file's name in failures.
  ///   - overrides: `key.path=value` each, as for `--set`; later ones take precedence.
  ///   - note: receives a note on each key under its name in an earlier version.
  ///
  /// Throws `.badRecipe` with file, line, column and key for any error in the recipe, and `.usage`
  /// for a malformed override.
  public init(
    text: String, file: String, overrides: [String] = [], note: (String) -> Void = { _ in }
  ) throws(Failure) {
    try self.init(
      RecipeSource(text: text, file: file, kind: .recipe, overrides: overrides, note: note))
  }

  /// Reads a recipe.
  ///
  /// - Throws: `.badRecipe` with file, line, column and key for the first mistake in the recipe, and
  ///   with the others in `further`.
  public init(_ source: RecipeSource) throws(Failure) { self = try source.read() }

  /// The recipe as YAML with every default written out, in a fixed order, without comments. Reading
  /// it gives an equal recipe.
  public var resolved: String { YAMLText.lines(entries(.resolved)) }

  /// The recipe as YAML with every default written out. If its source has several files, a comment
  /// beside each value that is not a default says where it comes from.
  public func resolved(from source: RecipeSource) -> String {
    YAMLText.lines(entries(.resolved), comment: source.origin)
  }

  /// The recipe as a checkpoint stores it, for comparison with recipes of other versions of the
  /// program: `resolved` without keys that earlier versions did not have if they are at their
  /// defaults.
  public var identity: String { YAMLText.lines(entries(.identity)) }

  /// The dotted paths of all keys of a recipe, in the order of `resolved`, except a loss's own
  /// options.
  package static let keyPaths = descriptions().flatMap { $0.paths() }
}

extension TrainingRecipe: Section {
  static let defaults = TrainingRecipe()

  static let options: [Option<TrainingRecipe>] = [
    .section(
      "model", \.model, required: "a section with the base of the model", "the model to train"),
    .section(
      "data", \.data, required: "a section with the data to train on",
      "training and evaluation data"),
    .optionalSection(
      "warm_up", \.warmUp,
      "optional: the model learns to match from the documents alone before training; 'warm_up: {}' "
        + "takes all defaults"
    ).shown(),
    .custom(
      .loss,
      read: { (section, root) throws(Failure) in root.loss = try LossSection(section) },
      write: { root, _ in root.loss.written }),
    .section("optimizer", \.optimizer, "how parameters are updated"),
    .section("training", \.training, "training length, batches, precision and checkpoints"),
    .optionalSection("fusion", \.fusion, "optional: adds the first stage's score to the model's")
      .shown(),
    .section("evaluation", \.evaluation, "how the model is measured during training"),
    .optionalSection(
      "sweep", \.sweep,
      "'ltr sweep' trains the recipe many times, with other values of some keys, and compares "
        + "the runs on data.dev"
    ).writtenOnly { $0.sweep != nil },
    .required(
      "output", \.output, .text("a path"), expected: "the folder the run writes",
      example: "Checkpoints/every-key", "the folder the run writes"),
    .extends("recipe"),
  ]

  mutating func check(_ recipe: RecipeSection) throws(Failure) {
    if data.dev == nil {
      let training = try recipe.section("training", keys: TrainingOptions.keys)
      if training?.node("early_stopping") == nil { self.training.patience = nil }
    }
    try recipe.collect { () throws(Failure) in try requireDev(recipe) }
    try recipe.collect { () throws(Failure) in try requireKnownBatches(recipe) }
    try recipe.collect { () throws(Failure) in try requireOneKindOfFreezing(recipe) }
    try recipe.collect { () throws(Failure) in try requireFusion(recipe) }
    try recipe.collect { () throws(Failure) in try requireFirstStage(recipe) }
    try recipe.collect { () throws(Failure) in try requireTrainedWeights(recipe) }
    try recipe.collect { () throws(Failure) in try requireKnownLists(recipe) }
    try recipe.collect { () throws(Failure) in try requireWholeWeights(recipe) }
  }

  /// Newly initialised weights have to be trained, and have no head to go on with.
  private func requireTrainedWeights(_ recipe: RecipeSection) throws(Failure) {
    guard model.weights == .new else { return }
    let section = try recipe.section("model", keys: ModelOptions.keys)
    let given = [
      ("lora", model.lora != nil), ("freeze", !model.freeze.isEmpty), ("label", model.label != nil),
    ]
    guard let key = given.first(where: \.1)?.0 else { return }
    throw Failure(
      .badRecipe, "'model.\(key)' cannot be combined with newly initialised weights",
      at: section?.place(of: key) ?? recipe.place(of: "model"), expected: "'weights: base'",
      remedy: "remove '\(key)', or 'weights: new'")
  }

  /// The base scores the training lists before the first step, when those of re-mined candidates are
  /// not known.
  private func requireKnownLists(_ recipe: RecipeSection) throws(Failure) {
    guard data.remine != nil, training.anchor != nil else { return }
    let section = try recipe.section("training", keys: TrainingOptions.keys)
    throw Failure(
      .badRecipe, "'training.anchor' cannot be combined with 'data.remine'",
      at: section?.place(of: "anchor") ?? recipe.place(of: "training"),
      expected: "training lists that are known before the first step, for the base to score",
      remedy: "remove 'anchor' or 'remine'")
  }

  /// Adapters freeze the whole encoder, and their layers are chosen by a key of their own.
  private func requireOneKindOfFreezing(_ recipe: RecipeSection) throws(Failure) {
    guard model.lora != nil, !model.freeze.isEmpty else { return }
    let section = try recipe.section("model", keys: ModelOptions.keys)
    throw Failure(
      .badRecipe, "'model.freeze' cannot be combined with 'model.lora', which freezes the encoder",
      at: section?.place(of: "freeze") ?? recipe.place(of: "model"),
      expected: "one of the two",
      remedy: "remove 'freeze'; 'model.lora.layers' says which layers have adapters")
  }

  /// The heads of exits are not a part of an adapter's files.
  private func requireWholeWeights(_ recipe: RecipeSection) throws(Failure) {
    guard model.lora != nil, model.exits != nil else { return }
    let section = try recipe.section("model", keys: ModelOptions.keys)
    throw Failure(
      .badRecipe, "'model.exits' cannot be combined with 'model.lora'",
      at: section?.place(of: "exits") ?? recipe.place(of: "model"),
      expected: "one of the two", remedy: "remove 'exits' or 'lora'")
  }

  /// The number of steps must be known before training begins; with batches of tokens it depends on
  /// the lists, which re-mining changes.
  private func requireKnownBatches(_ recipe: RecipeSection) throws(Failure) {
    guard data.remine != nil, case .tokens = training.batch else { return }
    let section = try recipe.section("data", keys: DataSection.keys)
    throw Failure(
      .badRecipe, "'data.remine' cannot be combined with 'training.batch.tokens'",
      at: section?.place(of: "remine") ?? recipe.place(of: "data"),
      expected: "a batch of lists, as in 'training.batch: { lists: 8 }'")
  }

  /// Rejects settings that are selected on `data.dev` if it is missing.
  private func requireDev(_ recipe: RecipeSection) throws(Failure) {
    guard data.dev == nil else { return }
    func missing(_ what: String, _ key: String, at place: Place) -> Failure {
      Failure(
        .badRecipe, "\(what) data.dev, which is missing", at: place,
        expected: "a section data.dev", remedy: "add 'dev' to 'data', or remove '\(key)'")
    }
    if let section = try recipe.section("training", keys: TrainingOptions.keys) {
      if training.patience != nil {
        throw missing(
          "early stopping needs", "early_stopping", at: section.place(of: "early_stopping"))
      }
      if training.average?.base == .dev {
        throw missing(
          "the share of the base is chosen on", "average", at: section.place(of: "average"))
      }
      if let average = training.average,
        let part = try section.section("average", keys: AverageOptions.keys)
      {
        if average.checkpoints != nil {
          throw missing(
            "the checkpoints to average are chosen on", "checkpoints",
            at: part.place(of: "checkpoints"))
        }
        if average.base.isChosen {
          throw missing(
            "one of several shares is chosen on", "base", at: part.place(of: "base"))
        }
      }
    }
    if sweep != nil {
      throw missing("the runs of a sweep are compared on", "sweep", at: recipe.place(of: "sweep"))
    }
    if fusion?.weight == .dev {
      throw missing(
        "the weight of the fusion is chosen on", "fusion", at: recipe.place(of: "fusion"))
    }
  }
}
