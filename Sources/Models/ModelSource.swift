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
  public let sidecar: ModelSidecar
  /// A dropout rate that replaces those of the configuration.
  public var dropout: Float?
  /// How the model makes one embedding of a text, where its files say that it does.
  public let pooling: Pooling?
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
      pooling = nil
      return
    }
    let opened = try Folder(opening: path)
    let run = opened.subfolder("model")
    let candidates = [opened, run].filter { $0.contains("config.json") }
    guard let folder = candidates.first ?? opened.locate(file: "config.json") else {
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
    pooling = try Pooling(of: folder)
    weights = .safetensors(
      try folder.read("model.safetensors"), name: folder.path(of: "model.safetensors"))
  }

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
