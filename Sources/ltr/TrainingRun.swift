import Cluster
import Collectives
import Diagnostics
import Export
import Files
import ModelFiles
import Models
import Provenance
import Recipes
import Training
import Verification

/// One run of training, from its recipe to the files in its folder.
struct TrainingRun {
  /// The recipe; those of first stages have to be searched for their candidates before training.
  private(set) var recipe: TrainingRecipe
  let directory: RunDirectory
  let display: TrainingDisplay
  /// The processes that train together. The first one writes the folder.
  private let ranks: any Collective
  private let resumption: Resumption?
  private var told: [TrainingEvent] = []
  private var record: DataRecord?
  private var checksums: DataChecksums?
  private var changes: [DataChecksums.Change] = []

  /// A run, or the rest of one.
  ///
  /// - Parameter resumption: where the run resumes; nil for a new one.
  /// - Throws: `badRecipe` if the run to resume has another recipe.
  init(
    _ recipe: TrainingRecipe, resumption: Resumption? = nil, _ display: TrainingDisplay,
    _ ranks: any Collective = LocalCollective()
  ) throws(Failure) {
    directory = RunDirectory(recipe.output)
    (self.resumption, self.display, self.ranks) = (resumption, display, ranks)
    guard let resumption else {
      self.recipe = recipe
      return
    }
    self.recipe = try recipe.resumed(from: resumption)
  }

  /// Replaces the recipe's first stages by what they find. The first rank searches and keeps what it
  /// found; then the others read that.
  mutating func search(
    by search: (TrainingRecipe) throws(Failure) -> TrainingRecipe
  ) throws(Failure) {
    if !ranks.isFirst { ranks.barrier() }
    recipe = try search(recipe)
    if ranks.isFirst { ranks.barrier() }
  }

  /// Compares the checksums of the data with those of the other ranks.
  ///
  /// - Throws: `badData` on all ranks if they differ.
  func requireSameData() throws(Failure) {
    var digest = Digest()
    for (key, value) in (checksums?.json ?? [:]).sorted(by: { $0.key < $1.key }) {
      digest.add(key)
      digest.add(try value.json())
    }
    try ranks.requireSame(Array(digest.hexadecimal.utf8), "the model or the data")
  }

  /// Notes the checksums of the data, and compares them with those that the run began with.
  ///
  /// - Throws: `badData` if they differ and that is not accepted.
  mutating func checkData(acceptsChanges: Bool) throws(Failure) {
    let checksums = DataChecksums(recipe.inputs)
    self.checksums = checksums
    guard let resumption else {
      record = DataRecord(checksums)
      return
    }
    var known = try DataRecord(of: directory)
    let found = try known.resume(
      directory, afterStep: resumption.step, with: checksums,
      acceptsChanges: acceptsChanges)
    if let event = found.event {
      display.show(event)
      told.append(event)
    }
    (record, changes) = (known, found.changes)
  }

  /// Reads model and data.
  ///
  /// - Parameter memory: has the embeddings of the runs before.
  mutating func setup(
    isDryRun: Bool = false, memory: EmbeddingMemory? = nil
  ) throws(Failure) -> TrainingSetup {
    var told: [TrainingEvent] = []
    defer { self.told += told }
    let display = display
    return try TrainingSetup(
      recipe, isDryRun: isDryRun, memory: memory, progress: display.progress
    ) { event in
      display.show(event)
      told.append(event)
    }
  }

  /// Trains, and writes what belongs into the folder.
  ///
  /// - Parameter text: the recipe with every value, as the folder gets it.
  /// - Returns: the end of training; the model is written if it is finished.
  func train(
    _ setup: TrainingSetup, overwrite: Bool, text: String
  ) throws -> TrainingEnd {
    if resumption == nil, ranks.isFirst {
      try directory.create(overwrite: overwrite)
      try writeAtomically(text, to: directory.recipe)
      try record?.write(to: directory)
    }
    let written =
      ranks.isFirst
      ? try RunWriter(directory, recipe: text, resumedAt: resumption?.step, told: told) : nil
    // The others have the folder from now on.
    ranks.barrier()
    let display = display
    let trainer = try Trainer(
      setup.model, setup.plan, setup.data, directory: directory, recipe: recipe.runIdentity,
      collective: ranks, progress: display.progress
    ) { event in
      display.show(event)
      written?.append(event)
    }
    if let resumption {
      try trainer.resume(
        from: resumption, withOtherCandidates: changes.contains { $0.role.hasPrefix("train") },
        withOtherDev: changes.contains { $0.role.hasPrefix("dev") })
      if ranks.isFirst { try record?.write(to: directory) }
    }
    Interruption.watch()
    let end = try trainer.run { Interruption.isRequested || written?.failure != nil }
    if let failure = written?.failure { throw failure }
    display.finish()
    switch end {
    case .interrupted: try written?.end(.interrupted)
    case .finished(let outcome):
      let scores = RunScores(
        outcome, setup.plan, latencies: trainer.latencies(), workers: trainer.workers)
      guard let written else { break }
      let exits = try setup.chosenExits(progress: display.progress) { event in
        display.show(event)
        written.append(event)
      }
      try write(outcome, setup, exits: exits)
      written.finish(scores, directory)
    }
    return end
  }

  /// Writes metrics, calibration and model.
  private func write(
    _ outcome: TrainingOutcome, _ setup: TrainingSetup, exits: ExitPlan?
  ) throws {
    var notes = ModelNotes()
    notes.maximumLength = setup.plan.maximumLength
    notes.fusionWeight = outcome.fusionWeight
    notes.base = setup.baseName
    notes.prompt = setup.model.sidecar.prompt
    var model = try setup.finished()
    if let exits { try model.describe(exits) }
    model.unifyTokenTypes()
    let metrics = try TrainingMetrics(outcome, selectedBy: setup.plan.select.description).json()
    try writeAtomically(metrics, to: directory.metrics)
    var facts = ModelFacts(run: try TrainedRun(in: directory.path))
    notes.changedData = facts.run.changedData
    notes.average = outcome.average?.json
    facts.calibration = outcome.calibration.map {
      CalibrationFile($0, of: model, source: setup.recipe.calibrationSource)
    }
    if let file = facts.calibration {
      try writeAtomically(
        try file.json.json(isPretty: true) + "\n",
        to: directory.path + "/" + CalibrationFile.fileName)
    }
    let card = facts.card(of: model, notes: notes)
    try export(
      model, notes: notes, as: .own(of: model), to: directory.model, card: card,
      overwrite: true)
    if let adapters = setup.adapters {
      try exportAdapter(
        setup.model, adapters, notes: notes, to: directory.adapter, overwrite: true)
    }
    let warningFile = directory.model + "/WARNING.txt"
    if let warning = outcome.warning {
      try writeAtomically(warning + "\n", to: warningFile)
    }
  }
}

extension TrainingRecipe {
  /// Rejects a recipe with a sweep, which is more than one run.
  func requireSingleRun(_ file: String) throws(Failure) {
    guard sweep != nil else { return }
    throw Failure(
      .badRecipe, "the recipe has a sweep, which is more than one run",
      at: Place(file, key: "sweep"), expected: "a recipe without a sweep",
      remedy: "train its runs with 'ltr sweep \(file)', or the recipe alone with '--set sweep='")
  }
}
