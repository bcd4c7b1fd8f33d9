public import Diagnostics
public import Files
public import ModelFiles
public import Models

/// The input of an export: the model and its settings.
public struct ExportRequest: Sendable {
  /// The model with its current weights.
  public let model: CrossEncoder
  /// Notes about the model, such as its maximum length.
  public let notes: ModelNotes
  /// The type in which weights are stored.
  public let precision: ExportPrecision
  /// The name under which a server knows the model.
  public let name: String
  /// The contents of `README.md`; nil for no such file.
  public let card: ModelCard?
  /// The most bytes of a single ONNX file; tests lower it.
  package var mostONNXBytes = ONNXFile.mostBytes

  /// A request.
  ///
  /// - Throws: `usage` for a name that cannot be a file name.
  public init(
    model: CrossEncoder, notes: ModelNotes, precision: ExportPrecision = .f32,
    name: String = "reranker", card: ModelCard? = nil
  ) throws(Failure) {
    guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil else {
      throw Failure(
        .usage, "'\(name)' cannot be the name of a model",
        expected: "letters, digits, '.', '_' and '-', the first of them a letter or digit")
    }
    guard ![ModelCard.fileName, ExportReport.fileName].contains(name) else {
      throw Failure(
        .usage, "'\(name)' cannot be the name of a model: a file of every export has that name")
    }
    self.model = model
    self.notes = notes
    self.precision = precision
    self.name = name
    self.card = card
  }

  /// The maximum number of tokens of a pair, special tokens included, for files that state it.
  public var maximumLength: Int {
    notes.maximumLength(for: model.sidecar, positions: model.maximumLength)
  }
}

extension ExportRequest {
  /// The limit of a model whose score head was never trained.
  public static let untrainedLimit =
    "its score head was never trained, so its scores are meaningless"

  /// The limits that every format has for this model.
  var commonLimits: [String] {
    (model.fresh.isEmpty ? [] : [Self.untrainedLimit])
      + (model.sidecar.prompt == nil ? [] : [Self.promptLimit])
  }

  /// The limit of a model that reads pairs in a prompt.
  public static let promptLimit =
    "other programs have to put a query and a document into the model's prompt, which is in ltr.json"

  /// The limits due to rounded weights, and those of every format.
  var roundingLimits: [String] {
    commonLimits
      + (precision == .f32 ? [] : ["scores are rounded: weights are \(precision.rawValue)"])
  }
}

/// A format in which a model is written for other inference programs. To add a format, write a file
/// that makes an `ExportFormat`, and add an entry to `all`.
public struct ExportFormat: Sendable {
  /// Its name on the command line.
  public let name: String
  /// A description in one phrase, with the programs that read the format.
  public let meaning: String
  /// The types in which its weights can be stored.
  public let precisions: [ExportPrecision]
  /// The kind of file that holds the weights.
  public let contents: Contents
  /// The reasons why scores of its readers differ from the model's, one sentence each.
  public let limits: @Sendable (ExportRequest) -> [String]
  /// The smallest tolerance for scores of magnitude 1, for formats that round more than `precision`
  /// implies.
  package let leastTolerance: Float
  /// Writes the files of the export to a folder.
  public let write: @Sendable (ExportRequest, FolderWriter) throws(Failure) -> Void
  /// The type of the stored weights, if the format itself determines it.
  private let encoding: String?

  /// The kinds of files that hold weights; `Verification` has a reader for each.
  public enum Contents: Sendable {
    /// A Hugging Face directory, perhaps with modules of sentence-transformers.
    case huggingFace
    /// An ONNX file, possibly in an archive.
    case onnx
    /// A GGUF file.
    case gguf
  }

  /// Whether the export has an ONNX file, which other programs can check.
  public var holdsONNX: Bool { contents == .onnx }

  /// The type of the stored weights if `precision` is requested.
  public func stored(_ precision: ExportPrecision) -> String { encoding ?? precision.rawValue }

  init(
    name: String, meaning: String, precisions: [ExportPrecision] = [.f32, .f16, .bf16],
    encoding: String? = nil, contents: Contents,
    limits: @escaping @Sendable (ExportRequest) -> [String] = { _ in [] },
    leastTolerance: Float = 0,
    write: @escaping @Sendable (ExportRequest, FolderWriter) throws(Failure) -> Void
  ) {
    self.name = name
    self.meaning = meaning
    self.precisions = precisions
    self.contents = contents
    self.limits = limits
    self.leastTolerance = leastTolerance
    self.encoding = encoding
    self.write = write
  }

  /// All formats, in the order in which they are listed.
  public static let all: [ExportFormat] = [
    .huggingFace, .sentenceTransformers, .onnx, .gguf, .ggufQ8, .triton, .flashRank, .vespa,
    .openSearch,
  ]

  /// The format in which the folder of a run holds a model: its parameters as they are.
  public static func own(of model: CrossEncoder) -> ExportFormat {
    model.modularHead == nil ? .huggingFace : .sentenceTransformers
  }

  /// The format called `name`.
  ///
  /// - Throws: `usage` with the nearest name if there is none.
  public static func named(_ name: String) throws(Failure) -> ExportFormat {
    if let format = all.first(where: { $0.name == name }) { return format }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no export format '\(name)'",
      expected: "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" })
  }

  /// - Throws: `usage` if the format cannot store weights as `precision`.
  func check(_ precision: ExportPrecision) throws(Failure) {
    if precisions.contains(precision) { return }
    let names = precisions.map(\.rawValue).joined(separator: ", ")
    throw Failure(
      .usage, "the format \(name) does not store weights as \(precision.rawValue)",
      expected: "one of \(names)",
      remedy: "choose one of them, or export that format separately")
  }
}
