import Autodiff
public import Diagnostics
import Files
import Persistence
import Tensors

/// Where a model is loaded from: a Hugging Face directory, an archive holding one, the directory of
/// a run, or a checkpoint.
public struct ModelSource: Sendable {
  /// The path, as the user gave it.
  public let path: String
  /// Configuration and tokenizer.
  public var sidecar: ModelSidecar
  /// A dropout rate that replaces those of the configuration.
  public var dropout: Float?
  private let layout: Result<SentenceLayout?, Failure>
  private let weights: Weights

  private enum Weights: Sendable {
    case safetensors(Bytes, name: String)
    case checkpoint(path: String)
  }

  /// Finds the parts of a model; the weights are read when a model is made from them.
  ///
  /// - Throws: `Failure` where the path or a part of a model is missing.
  public init(_ path: String, dropout: Float? = nil) throws(Failure) {
    self.path = path
    self.dropout = dropout
    if CheckpointReader.recognises(path) {
      let reader = try CheckpointReader(path)
      var files: [String: [UInt8]] = [:]
      for name in ["config.json"] + ModelSidecar.tokenizerNames {
        let key = Self.checkpointFolder + name
        if reader.entry(key) != nil { files[name] = Array(try reader.text(key).utf8) }
      }
      sidecar = ModelSidecar(place: path, files: files)
      weights = .checkpoint(path: path)
      layout = .success(nil)
      return
    }
    guard let (top, folder) = Self.folders(of: try Folder(opening: path)) else {
      throw Failure(
        .missingInput, "there is no model here: no config.json", at: Place(path),
        expected: "a Hugging Face directory, an archive holding one, a run or a checkpoint")
    }
    guard folder.contains("model.safetensors") else {
      throw Failure(
        .missingInput, "there is no model.safetensors", at: Place(folder.path),
        remedy: folder.contains("pytorch_model.bin")
          ? "convert pytorch_model.bin to safetensors with save_pretrained" : nil)
    }
    sidecar = try ModelSidecar(folder)
    do throws(Failure) {
      layout = .success(try SentenceLayout(of: top, encoder: folder))
    } catch {
      // Who reads pairs has no use for embeddings, and need not hear of it.
      layout = .failure(error)
    }
    weights = .safetensors(
      try folder.read("model.safetensors"), name: folder.path(of: "model.safetensors"))
  }

  /// Where a model is below a folder: its top, and the folder of the encoder, which is the same one
  /// but for some that sentence-transformers has written.
  private static func folders(of opened: Folder) -> (top: Folder, encoder: Folder)? {
    for top in [opened, opened.subfolder("model")] {
      if top.contains("config.json") { return (top, top) }
      if let encoder = SentenceLayout.encoder(below: top) { return (top, encoder) }
    }
    guard let encoder = opened.locate(file: "config.json") else { return nil }
    if let top = opened.locate(file: SentenceLayout.modulesFile),
      encoder.path.hasPrefix(top.path + "/"), let encoder = SentenceLayout.encoder(below: top)
    {
      return (top, encoder)
    }
    return (encoder, encoder)
  }

  /// How the model makes one embedding of a text; nil where its files do not say that it does.
  ///
  /// - Throws: `badData` where they say it in a way that is not known here, or are malformed.
  public func sentenceLayout() throws(Failure) -> SentenceLayout? { try layout.get() }

  /// How the model pools tokens, where its files say so and it is known here.
  public var pooling: Pooling? { (try? layout.get())?.pooling }

  /// Where a checkpoint keeps the files of the sidecar.
  public static let checkpointFolder = "/sidecar/"
  /// Where a checkpoint keeps the parameters.
  public static let checkpointWeights = "/model/"

  /// The parameters of a table with their values. Parameters whose names start with one
  /// of `fresh` may be missing: their weights are then drawn from a normal distribution, their
  /// biases zero.
  func load(
    _ table: ParameterTable, fresh: [String], deviation: Float, seed: UInt64
  ) throws(Failure) -> LoadedWeights {
    switch weights {
    case .checkpoint(let path):
      let reader = try CheckpointReader(path)
      for entry in table.entries {
        let key = Self.checkpointWeights + entry.name
        let shape = entry.parameter.shape
        guard let found = reader.entry(key)?.shape, found == shape.array else {
          throw Failure(
            .badData, "the parameter '\(entry.name)' is missing or has another shape",
            at: Place(path, key: key), expected: "shape \(shape)")
        }
      }
      let parameters = Parameters(table)
      for entry in table.entries {
        try parameters[entry.parameter].withMutableSpan { (span) throws(Failure) in
          try reader.read(Self.checkpointWeights + entry.name, into: &span)
        }
      }
      return LoadedWeights(parameters: parameters)
    case .safetensors(let bytes, let name):
      let file = try SafeTensors(bytes: bytes, name: name)
      let loader = WeightLoader(file: file, name: name, table: table, fresh: fresh)
      try loader.check()
      return try loader.load(into: Parameters(table), deviation: deviation, seed: seed)
    }
  }
}
