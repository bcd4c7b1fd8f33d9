public import Models

/// What a model card, the `README.md` beside a model, says: what is known of the model, and nothing
/// that is not.
public struct ModelCard: Sendable {
  /// The name of the file.
  public static let fileName = "README.md"

  /// A name and what stands behind it.
  public struct Line: Sendable {
    /// The name.
    public var name: String
    /// What stands behind it.
    public var value: String

    /// A line.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The measures of one split.
  public struct Results: Sendable {
    /// The split and how many queries there are.
    public var title: String
    /// The measures.
    public var measures: [String]
    /// By what candidates are ordered, and the values.
    public var rows: [(name: String, values: [String])]

    /// A table.
    public init(title: String, measures: [String], rows: [(name: String, values: [String])]) {
      self.title = title
      self.measures = measures
      self.rows = rows
    }
  }

  /// What the model is called.
  public var name: String
  /// What training started from.
  public var base: String?
  /// The licence of the model, such as `apache-2.0`; nil where it is unknown.
  public var license: String?
  /// The licence of what training started from.
  public var baseLicense: String?
  /// The sizes of the model and how it reads pairs.
  public var model: [Line]
  /// The most tokens of a pair.
  public var maximumLength: Int
  /// Whether the model takes token types as an input.
  public var hasTokenTypes = true
  /// Whether the model can be exported for llama.cpp.
  public var loadsInLlama = true
  /// The servers that load the model's directory.
  public var servers = Set(ModelServer.allCases)
  /// What the model has learned from; none where no run is known.
  public var data: [Line] = []
  /// How it was trained; none where no run is known.
  public var training: [Line] = []
  /// How it measures; none where no run is known.
  public var results: [Results] = []
  /// Set where the model should not be served as it is.
  public var warning: String?
  /// How scores read as probabilities; none without a calibration.
  public var calibration: [Line] = []
  /// Whether the scores are probabilities once an activation is put on top.
  public var isCalibrated = false

  /// A card of a model of which nothing else is known.
  public init(name: String, model: [Line], maximumLength: Int) {
    self.name = name
    self.model = model
    self.maximumLength = maximumLength
  }
}
