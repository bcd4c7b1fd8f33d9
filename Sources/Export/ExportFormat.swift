public import Diagnostics
public import Files
public import ModelFiles
public import Models

/// What is to be exported.
public struct ExportRequest: Sendable {
  /// The model with the weights as they are now.
  public let model: CrossEncoder
  /// What else is known about it.
  public let notes: ModelNotes
  /// What the weights are stored as.
  public let precision: ExportPrecision
  /// What the model is called where a server knows it by a name.
  public let name: String
  /// What is known of the model, for `README.md`; nil for none.
  public let card: ModelCard?

  /// A request.
  ///
  /// - Throws: `usage` for a name that is not fit to be a file's.
  public init(
    model: CrossEncoder, notes: ModelNotes, precision: ExportPrecision = .f32,
    name: String = "reranker", card: ModelCard? = nil
  ) throws(Failure) {
    guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil else {
      throw Failure(
        .usage, "'\(name)' is no name for a model",
        expected: "letters, digits, '.', '_' and '-', the first of them a letter or digit")
    }
    guard ![ModelCard.fileName, ExportReport.fileName].contains(name) else {
      throw Failure(
        .usage, "'\(name)' is no name for a model: a file of an export is called that")
    }
    self.model = model
    self.notes = notes
    self.precision = precision
    self.name = name
    self.card = card
  }

  /// The most tokens of a query and a document together, for files that have to say so.
  public var maximumLength: Int {
    notes.maximumLength(for: model.sidecar, positions: model.maximumLength)
  }
}

extension ExportRequest {
  /// What is said of a model whose score head was never trained.
  public static let untrainedLimit =
    "its score head was never trained, so that its scores mean nothing"

  /// What every format has to say of the model.
  var untrainedLimits: [String] { model.fresh.isEmpty ? [] : [Self.untrainedLimit] }

  /// Where scores are not the model's because weights are rounded.
  var roundingLimits: [String] {
    untrainedLimits
      + (precision == .f32 ? [] : ["scores are rounded: weights are \(precision.rawValue)"])
  }
}

/// A way to write a model for those who serve it. A new one is one file that makes one of these,
/// and one more entry in `all`.
public struct ExportFormat: Sendable {
  /// What the command line calls it.
  public let name: String
  /// What it is and who reads it, in one sentence.
  public let meaning: String
  /// What its weights can be stored as.
  public let precisions: [ExportPrecision]
  /// What its weights are written as.
  public let contents: Contents
  /// Where its readers do not give the model's scores, and why; nothing where they all do.
  public let limits: @Sendable (ExportRequest) -> [String]
  /// How far scores of small magnitude may be from the model's at least, where the format rounds more
  /// than the precision says.
  package let leastTolerance: Float
  /// Fills a folder.
  public let write: @Sendable (ExportRequest, FolderWriter) throws(Failure) -> Void
  /// What weights are stored as, where that is the format's own choice.
  private let encoding: String?

  /// The kinds of files that hold weights; each is read back in its own way.
  public enum Contents: Sendable {
    /// A Hugging Face directory.
    case huggingFace
    /// An ONNX file, in an archive perhaps.
    case onnx
    /// A GGUF file.
    case gguf
  }

  /// Whether there is an ONNX file in it, which other programs can check.
  public var holdsONNX: Bool { contents == .onnx }

  /// What weights are stored as where `precision` is asked for.
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

  /// All formats, in the order they are listed.
  public static let all: [ExportFormat] = [
    .huggingFace, .onnx, .gguf, .ggufQ8, .triton, .flashRank, .vespa, .openSearch,
  ]

  /// The format called `name`.
  ///
  /// - Throws: `usage` with the nearest name where there is none.
  public static func named(_ name: String) throws(Failure) -> ExportFormat {
    if let format = all.first(where: { $0.name == name }) { return format }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no export format '\(name)'",
      expected: "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" })
  }

  /// - Throws: `usage` where the format cannot store weights as `precision`.
  func check(_ precision: ExportPrecision) throws(Failure) {
    if precisions.contains(precision) { return }
    let names = precisions.map(\.rawValue).joined(separator: ", ")
    throw Failure(
      .usage, "the format \(name) does not store weights as \(precision.rawValue)",
      expected: "one of \(names)",
      remedy: "choose one of them, or export that format by itself")
  }
}
