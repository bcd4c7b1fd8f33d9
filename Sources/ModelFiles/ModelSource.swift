public import Autodiff
public import Diagnostics
package import Files
public import Models
import Persistence
import Tensors

/// The place that a model is loaded from: a Hugging Face directory, an archive holding one, the
/// directory of a run, a checkpoint, or a name that stands for one of them (`NamedFolder`).
public struct ModelSource: Sendable {
  /// The path as the user gave it.
  public private(set) var path: String
  /// Configuration and tokenizer.
  public var sidecar: ModelSidecar
  /// A dropout rate that replaces the configuration's.
  public var dropout: Float?
  /// The known prompt that the model was recognised to have, as its notes name none; nil otherwise.
  public internal(set) var recognisedPrompt: String?
  /// The answer tokens of a language model that has no score head, as its notes or its prompt say;
  /// nil if they are unknown.
  public var answers: AnswerHead?
  /// The layers that are kept of the model in the files; nil for all.
  package internal(set) var cut: LayerCut?
  /// The adapter that changes the model; nil for a model of its own.
  private(set) var adapter: AdapterSource?
  private var base = ""
  private let layout: Result<SentenceLayout?, Failure>
  private let weights: Weights
  /// The weights of exits' own heads; nil without any, and for a checkpoint, which holds all weights.
  private let exitWeights: WeightFiles?

  private enum Weights: Sendable {
    /// The files of the model or bare encoder; those of a head's modules, with the beginnings of
    /// their parameters' names.
    case files(WeightFiles, modules: [(prefix: String, files: WeightFiles)])
    case checkpoint(path: String)
    /// None: all are newly initialised.
    case new
  }

  /// Finds the parts of a model; the weights are read when a model is made from them.
  ///
  /// - Parameter isNew: whether all weights are newly initialised, so that configuration and tokenizer
  ///   suffice.
  /// - Throws: `Failure` if the path or a part of the model is missing.
  public init(_ path: String, dropout: Float? = nil, isNew: Bool = false) throws(Failure) {
    try self.init(path, dropout: dropout, baseOf: nil, isNew: isNew)
  }

  /// The same for the base of an adapter, which is a whole model.
  private init(
    _ path: String, dropout: Float?, baseOf outer: AdapterSource?, isNew: Bool = false
  ) throws(Failure) {
    if CheckpointReader.recognises(path) {
      let reader = try CheckpointReader(path)
      if let adapter = try AdapterSource(reader) {
        self = try Self.base(of: adapter, at: path, dropout: dropout, baseOf: outer)
        // A checkpoint has the configuration and tokenizer of training.
        sidecar = try ModelCheckpoint.sidecar(of: reader)
        return
      }
      self.path = path
      self.dropout = dropout
      sidecar = try ModelCheckpoint.sidecar(of: reader)
      weights = isNew ? .new : .checkpoint(path: path)
      exitWeights = nil
      layout = .success(nil)
      return
    }
    let opened = try Self.opened(path)
    if let adapter = try AdapterSource(opened) {
      self = try Self.base(of: adapter, at: path, dropout: dropout, baseOf: outer)
      if let notes = try ModelNotes(in: opened) {
        (sidecar.hasNotes, sidecar.prompt) = (true, notes.prompt)
        recognisedPrompt = nil
      }
      return
    }
    self.path = path
    self.dropout = dropout
    guard let (top, folder) = try Self.folders(of: opened) else {
      throw Failure(
        .missingInput, "the path holds no model: 'config.json' is missing", at: Place(path),
        expected:
          "a Hugging Face directory, an archive holding one, a run, a checkpoint, or hf:org/name"
      )
    }
    sidecar = try ModelSidecar(folder)
    try sidecar.addExits(of: top)
    exitWeights = try? WeightFiles(top.subfolder(ExitPlan.folderName))
    answers = try ModelNotes(in: folder)?.answers
    let modules = try RerankerModules(of: top, encoder: folder)
    if let modules {
      // A family that is not supported is the greater mistake.
      _ = try sidecar.architecture()
      _ = try modules.head()
      sidecar.files[ModelSidecar.modulesName] = try modules.kept()
    }
    do throws(Failure) {
      // A reranker's pooling is a part of its head; its tokens make no embedding of a text.
      layout =
        modules != nil
        ? .success(nil)
        : .success(
          try SentenceLayout(
            of: top, encoder: folder, width: (try? sidecar.architecture())?.blueprint.hiddenSize))
    } catch {
      // This matters to a bi-encoder, and to a cross-encoder whose head may be in such a part.
      layout = .failure(error)
    }
    if isNew {
      weights = .new
    } else {
      weights = try Self.weights(in: folder, below: top, modules, sidecar)
    }
    if !sidecar.hasNotes,
      let known = sidecar.knownPrompt(of: path, chatTemplate: folder.chatTemplate)
    {
      sidecar.prompt = known.template
      recognisedPrompt = known.name
    }
  }

  /// The files of the weights.
  private static func weights(
    in folder: Folder, below top: Folder, _ modules: RerankerModules?, _ sidecar: ModelSidecar
  ) throws(Failure) -> Weights {
    do throws(Failure) {
      let encoder = try WeightFiles(folder)
      var parts: [(prefix: String, files: WeightFiles)] = []
      for module in modules?.weighted ?? [] {
        parts.append((module.name, try WeightFiles(top.subfolder(module.path))))
      }
      return .files(encoder, modules: parts)
    } catch {
      // A different kind of model is rejected as such first: its weights need not be downloaded or
      // converted.
      _ = try sidecar.architecture()
      throw error
    }
  }

  /// The path of the whole model that the source is or that its adapter changes.
  public var basePath: String { adapter == nil ? path : base }

  /// The rank of the adapter that changes the model; nil for a model of its own.
  public var adapterRank: Int? { adapter?.configuration.rank }

  /// Whether a folder is that of an adapter.
  package static func holdsAdapter(_ folder: Folder) -> Bool {
    folder.contains(AdapterConfiguration.fileName) && !folder.contains("config.json")
  }

  /// The same without its adapter: the base alone.
  public var withoutAdapter: ModelSource {
    var source = self
    (source.adapter, source.path) = (nil, basePath)
    return source
  }

  /// The base of the adapter at a path, with the adapter.
  ///
  /// - Throws: `badData` if the adapter is itself the base of one.
  private static func base(
    of adapter: AdapterSource, at path: String, dropout: Float?, baseOf outer: AdapterSource?
  ) throws(Failure) -> ModelSource {
    if let outer {
      throw Failure(
        .badData, "the base of the adapter is an adapter as well: '\(path)'",
        at: Place(outer.place, key: "base_model_name_or_path"),
        expected: "a whole model", remedy: "export the base as 'hf', which merges its adapter")
    }
    let base = try adapter.basePath()
    var source = try ModelSource(base, dropout: dropout, baseOf: adapter)
    if let layers = adapter.configuration.layers {
      source = try source.keeping(layers) { Place(adapter.place, key: "layer_replication") }
    }
    (source.path, source.base, source.adapter) = (path, base, adapter)
    return source
  }

  /// Opens the folder of a model.
  ///
  /// - Throws: the errors of opening it; for what looks like a name on the hub, with the form in which
  ///   it has to be written.
  private static func opened(_ path: String) throws(Failure) -> Folder {
    do throws(Failure) {
      return try Folder(opening: path)
    } catch  where error.kind == .missingInput && error.remedy == nil {
      var failure = HubName.missing(path) ?? error
      if failure.remedy == nil {
        failure.remedy =
          "name a folder or an archive that is there, or a model of the hub, such as "
          + "hf:sentence-transformers/all-MiniLM-L6-v2"
      }
      throw failure
    }
  }

  /// The folders of a model at or below a folder: its top, and the folder of the encoder, which is
  /// the same one except in some layouts of sentence-transformers.
  ///
  /// - Throws: `badData` if there are several models below the folder and none in it.
  private static func folders(
    of opened: Folder
  ) throws(Failure) -> (top: Folder, encoder: Folder)? {
    for top in [opened, opened.subfolder("model")] {
      if top.contains("config.json") { return (top, top) }
      if let encoder = SentenceLayout.encoder(below: top) { return (top, encoder) }
    }
    // A folder with both files is found once; anything below it is part of the model.
    let found = opened.outermost(holding: "config.json", SentenceLayout.modulesFile)
      .compactMap { top -> (top: Folder, encoder: Folder)? in
        if top.contains("config.json") { return (top, top) }
        return SentenceLayout.encoder(below: top).map { (top, $0) }
      }
    // Folders with a configuration but no weights, such as that of an ONNX graph, do not make the
    // choice ambiguous.
    let withWeights = found.filter { $0.encoder.names().contains(where: WeightFiles.areWeights) }
    let models = withWeights.isEmpty ? found : withWeights
    let only = try opened.only(models.map(\.top), "model")
    return models.first { $0.top.path == only?.path }
  }

  /// The stored weights of exits' own heads; nil without any.
  func storedExits() throws(Failure) -> StoredExits? {
    if case .checkpoint(let path) = weights { return .checkpoint(path: path) }
    return try exitWeights.map { (files) throws(Failure) in .files(try files.open()) }
  }

  /// The computation of a text's embedding; nil if the model's files describe none.
  ///
  /// - Throws: `badData` for an unsupported layout or malformed files.
  public func sentenceLayout() throws(Failure) -> SentenceLayout? { try layout.get() }

  /// The pooling of tokens, if the model's files name a supported one.
  public var pooling: SequencePooling? { (try? layout.get())?.pooling }

  /// Loads the parameters of a table. Those of the score head may be missing: their weights are
  /// then drawn from a normal distribution, and their biases are zero. `head` is nil for a table of
  /// an encoder alone.
  ///
  /// - Parameter adapted: the same table with adapters behind it, of which the parameters then are.
  ///   Without it, the adapter of a source is merged into the weights.
  package func load(
    _ table: ParameterTable, of blueprint: Blueprint, head: HeadUse?, seed: UInt64,
    adapted: ParameterTable? = nil
  ) throws(Failure) -> LoadedWeights {
    // A head that comes with the adapter takes the place of the base's, whatever that is.
    let hasHead = adapter?.hasHead(of: blueprint) ?? false
    var loaded = try loadBase(
      table, of: blueprint, head: head == nil ? nil : hasHead ? .base : head, seed: seed,
      in: adapted ?? table)
    if adapted != nil { AdapterPlan.initialise(loaded.parameters, seed: seed) }
    guard let adapter else { return loaded }
    let copied =
      adapted != nil
      ? try adapter.copy(into: loaded.parameters, of: table, blueprint)
      : try adapter.merge(
        into: loaded.parameters, of: table, blueprint, hasHead: head != nil)
    loaded.replaced(copied)
    return loaded
  }

  private func loadBase(
    _ table: ParameterTable, of blueprint: Blueprint, head: HeadUse?, seed: UInt64,
    in whole: ParameterTable
  ) throws(Failure) -> LoadedWeights {
    switch weights {
    case .new: return LoadedWeights(new: table, in: whole, of: blueprint, seed: seed)
    case .checkpoint(let path):
      if case .scoring(let label?)? = head {
        throw Failure(
          .usage, "the model of a checkpoint has one output and no labels, so not '\(label)'",
          at: Place(path), remedy: "omit the label")
      }
      return LoadedWeights(
        parameters: try ModelCheckpoint.parameters(
          table, in: whole, of: try CheckpointReader(path), cut))
    case .files(let weights, let modules):
      var files = try weights.open()
      if head != nil {
        for module in modules {
          files = try files.joined(module.files.open(), below: module.prefix)
        }
      }
      let loader = try WeightLoader(
        files, into: table, of: blueprint, head: head, try sidecar.configurationKeys(),
        answers: blueprint.languageHead == nil || head == nil ? nil : try answerHead(), cut)
      var loaded = try loader.load(
        into: Parameters(whole), deviation: blueprint.initializerRange, seed: seed)
      loaded.notices.insert(contentsOf: weights.notices(files), at: 0)
      // The head may be in a part that the classifiers of transformers do not have.
      if !loaded.fresh.isEmpty, case .failure(let failure) = layout {
        loaded.notices.append("some parts of the model are not used: \(failure.problem)")
      }
      return loaded
    }
  }
}
