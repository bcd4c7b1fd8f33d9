public import Diagnostics
public import Options

/// What `ltr train` does, as one YAML file says it. The keys of every section are declared in a file
/// beside this one.
public struct TrainingRecipe: Sendable, Equatable {
  /// What is trained.
  public var model = ModelOptions()
  /// What it learns from and is measured on.
  public var data = DataSection()
  /// Weak supervision before training; nil for none.
  public var warmUp: WarmUpOptions?
  /// What training minimises.
  public var loss = LossSection()
  /// How parameters follow their gradients.
  public var optimizer = OptimizerOptions()
  /// How long, in what pieces and with what the model is trained.
  public var training = TrainingOptions()
  /// Adding the first stage's score; nil for not at all.
  public var fusion: FusionOptions?
  /// How the model is measured while it is trained.
  public var evaluation = EvaluationOptions()
  /// The folder the run writes.
  public var output = ""

  private init() {}

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: what the file is called in failures.
  ///   - overrides: `key.path=value` each, as `--set` takes them; later ones win.
  ///   - note: gets a note on each key that has the name of an earlier version.
  ///
  /// Throws `.badRecipe` with file, line, column and key for whatever is not right, and `.usage`
  /// for an override that is none.
  public init(
    text: String, file: String, overrides: [String] = [], note: (String) -> Void = { _ in }
  ) throws(Failure) {
    let recipe = try RecipeSection(
      text: text, file: file, overrides: overrides, keys: Self.keys,
      renamed: RenamedKey.all(in: Self.descriptions()), note: note)
    try self.init(recipe)
  }

  /// The recipe as YAML with every default written out, in a fixed order, without comments. It
  /// reads back as the same recipe.
  public var resolved: String { YAMLText.lines(entries(.resolved)) }

  /// The recipe as a checkpoint remembers it, to be compared with those of other versions of the
  /// program: `resolved` without the keys that earlier versions did not have, where they change
  /// nothing.
  public var identity: String { YAMLText.lines(entries(.identity)) }

  /// The dotted path of every key a recipe can have, in the order of `resolved`; a loss's own
  /// options are not among them.
  package static let keyPaths = descriptions().flatMap { $0.paths() }
}

extension TrainingRecipe: Section {
  static let defaults = TrainingRecipe()

  static let options: [Option<TrainingRecipe>] = [
    .section(
      "model", \.model, required: "a section with the base of the model", "what is trained"),
    .section(
      "data", \.data, required: "a section with the data to train on",
      "what the model learns from and is measured on"),
    .optionalSection(
      "warm_up", \.warmUp,
      "optional: the model learns to match from the documents alone before training; 'warm_up: {}' "
        + "takes all defaults"
    ).shown(),
    .custom(
      .loss,
      read: { (section, root) throws(Failure) in root.loss = try LossSection(section) },
      write: { root, _ in root.loss.written }),
    .section("optimizer", \.optimizer, "how parameters follow their gradients"),
    .section("training", \.training, "how long, in what pieces and with what the model is trained"),
    .optionalSection("fusion", \.fusion, "optional: adds the first stage's score to the model's")
      .shown(),
    .section("evaluation", \.evaluation, "how the model is measured while it is trained"),
    .required(
      "output", \.output, .text("a path"), expected: "the folder the run writes",
      example: "Checkpoints/every-key", "the folder the run writes"),
  ]

  func check(_ recipe: RecipeSection) throws(Failure) {
    try requireDev(recipe)
    try requireKnownBatches(recipe)
  }

  /// The number of steps has to be known before training begins; with batches of tokens it depends on
  /// the lists, which re-mining changes.
  private func requireKnownBatches(_ recipe: RecipeSection) throws(Failure) {
    guard data.remine != nil, case .tokens = training.batch else { return }
    let section = try recipe.section("data", keys: DataSection.keys)
    throw Failure(
      .badRecipe, "'data.remine' cannot be combined with 'training.batch.tokens'",
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
      let section = try recipe.section("training", keys: TrainingOptions.keys)
    {
      throw missing(
        "early stopping looks at", "early_stopping", at: section.place(of: "early_stopping"))
    }
    if fusion?.weight == .dev {
      throw missing(
        "the weight of the fusion is chosen on", "fusion", at: recipe.place(of: "fusion"))
    }
  }
}
