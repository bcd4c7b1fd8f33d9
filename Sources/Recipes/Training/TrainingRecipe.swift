public import Diagnostics

/// What `ltr train` does, as one YAML file says it. Every section is a file beside this one.
public struct TrainingRecipe: Sendable, Equatable {
  /// What is trained.
  public var model: ModelSection
  /// What it learns from and is measured on.
  public var data: DataSection
  /// Weak supervision before training; nil for none.
  public var warmUp: WarmUpSection?
  /// What training makes small.
  public var loss: LossSection
  /// How parameters follow their gradients.
  public var optimizer: OptimizerSection
  /// How long, in what pieces and with what the model is trained.
  public var training: TrainingSection
  /// Adding the first stage's score; nil for not.
  public var fusion: FusionSection?
  /// How the model is measured while it is trained.
  public var evaluation: EvaluationSection
  /// The folder the run writes.
  public var output: String

  static let keys = [
    "model", "data", "warm_up", "loss", "optimizer", "training", "fusion", "evaluation", "output",
  ]

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: what the file is called in failures.
  ///   - overrides: `key.path=value` each, as `--set` takes them; later ones win.
  ///   - losses: the losses a recipe may name.
  ///   - measure: gives the name of a measure as it is printed, or throws what is wrong with it;
  ///     the place is added here.
  ///
  /// Throws `.badRecipe` with file, line, column and key for whatever is not right, and `.usage`
  /// for an override that is none.
  public init(
    text: String, file: String, overrides: [String] = [], losses: LossCatalogue,
    measure: (String) throws(Failure) -> String
  ) throws(Failure) {
    let recipe = try RecipeSection(
      text: text, file: file, overrides: overrides, keys: Self.keys)
    model = try ModelSection(
      recipe.required(
        "model", recipe.section("model", keys: ModelSection.keys),
        expected: "a section with the base of the model"))
    data = try DataSection(
      recipe.required(
        "data", recipe.section("data", keys: DataSection.keys),
        expected: "a section with the data to train on"))
    if let section = try recipe.section("warm_up", keys: WarmUpSection.keys) {
      warmUp = try WarmUpSection(section)
    }
    loss = try LossSection(recipe, catalogue: losses)
    optimizer = try OptimizerSection(recipe.section("optimizer", keys: OptimizerSection.keys))
    training = try TrainingSection(recipe.section("training", keys: TrainingSection.keys))
    if let section = try recipe.section("fusion", keys: FusionSection.keys) {
      fusion = try FusionSection(section)
    }
    evaluation = try EvaluationSection(
      recipe.section("evaluation", keys: EvaluationSection.keys), check: measure)
    output = try recipe.required(
      "output", recipe.text("output", expected: "a path"), expected: "the folder the run writes")
    try requireDev(recipe)
    try requireKnownBatches(recipe)
  }

  /// How long training lasts is known before it begins, which batches of tokens make impossible where
  /// nobody knows yet what will be in them.
  private func requireKnownBatches(_ recipe: RecipeSection) throws(Failure) {
    guard data.remine != nil, case .tokens = training.batch else { return }
    let section = try recipe.section("data", keys: DataSection.keys)
    throw Failure(
      .badRecipe, "candidates that are chosen anew do not go with batches of tokens",
      at: section?.place(of: "remine") ?? recipe.place(of: "data"),
      expected: "a batch of lists, as in 'training.batch: { lists: 8 }'")
  }

  /// What is chosen on `data.dev` cannot be without it.
  private func requireDev(_ recipe: RecipeSection) throws(Failure) {
    guard data.dev == nil else { return }
    func missing(_ what: String, _ key: String, at place: Place) -> Failure {
      Failure(
        .badRecipe, "\(what) data.dev, which is not there", at: place,
        expected: "a section data.dev", remedy: "add 'dev' to 'data', or remove '\(key)'")
    }
    if training.patience != nil,
      let section = try recipe.section("training", keys: TrainingSection.keys)
    {
      throw missing(
        "early stopping looks at", "early_stopping", at: section.place(of: "early_stopping"))
    }
    if fusion?.weight == .dev {
      throw missing(
        "the weight of the fusion is chosen on", "fusion", at: recipe.place(of: "fusion"))
    }
  }

  /// The recipe as YAML with every default written out, in a fixed order, without comments. It
  /// reads back as the same recipe.
  public var resolved: String { text(ResolvedText()) }

  /// The recipe as a checkpoint remembers it, to be compared with those of other versions of the
  /// program: `resolved` without the keys that earlier versions did not have, where they change
  /// nothing.
  public var identity: String { text(ResolvedText(isIdentity: true)) }

  private func text(_ start: ResolvedText) -> String {
    var text = start
    text.section("model") { model.write(to: &$0) }
    text.section("data") { data.write(to: &$0) }
    text.section("warm_up", warmUp) { $0.write(to: &$1) }
    loss.write(to: &text)
    text.section("optimizer") { optimizer.write(to: &$0) }
    text.section("training") { training.write(to: &$0) }
    text.section("fusion", fusion) { $0.write(to: &$1) }
    text.section("evaluation") { evaluation.write(to: &$0) }
    text.add("output", output)
    return text.text
  }

  /// The dotted path of every key a recipe can have, in the order of `resolved`; a loss's own
  /// options are not among them.
  public static let keyPaths: [String] = {
    func under(_ path: String, _ keys: [String]) -> [String] {
      [path] + keys.map { "\(path).\($0)" }
    }
    var data = ["data"] + under("data.train", TrainSection.keys)
    data += under("data.train.weights", WeightsSection.keys).dropFirst()
    for split in ["dev", "test"] { data += under("data.\(split)", DataSource.keys) }
    data += under("data.list", ListSection.keys) + under("data.remine", RemineSection.keys)
    return under("model", ModelSection.keys)
      + data
      + under("warm_up", WarmUpSection.keys) + under("warm_up.batch", BatchSection.keys).dropFirst()
      + ["loss"]
      + under("optimizer", OptimizerSection.keys)
      + under("training", TrainingSection.keys)
      + under("training.batch", BatchSection.keys).dropFirst()
      + under("training.checkpoint", TrainingSection.checkpointKeys).dropFirst()
      + under("training.early_stopping", TrainingSection.stoppingKeys).dropFirst()
      + under("fusion", FusionSection.keys)
      + under("evaluation", EvaluationSection.keys)
      + ["output"]
  }()
}
