public import Models

/// The content of a model card, the `README.md` beside a model: only facts that are known.
public struct ModelCard: Sendable {
  /// The name of the file.
  public static let fileName = "README.md"

  /// A name with its value.
  public struct Line: Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// A line.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The measures of one split.
  public struct Results: Sendable {
    /// The split and its number of queries.
    public var title: String
    /// The measures.
    public var measures: [String]
    /// The name of each order of the candidates, with its values of the measures.
    public var rows: [(name: String, values: [String])]

    /// The results of one split.
    public init(title: String, measures: [String], rows: [(name: String, values: [String])]) {
      self.title = title
      self.measures = measures
      self.rows = rows
    }
  }

  /// The model's name.
  public var name: String
  /// The base of the training.
  public var base: String?
  /// The licence of the model, such as `apache-2.0`; nil if it is unknown.
  public var license: String?
  /// The licence of the base; nil if it is unknown.
  public var baseLicense: String?
  /// The sizes of the model and its input format.
  public var model: [Line]
  /// The maximum number of tokens of a pair.
  public var maximumLength: Int
  /// Whether the model takes token types as an input.
  public var hasTokenTypes = true
  /// Whether the model can be exported for llama.cpp.
  public var loadsInLlama = true
  /// The servers that load the model's directory.
  public var servers = Set(ModelServer.allCases)
  /// What programs have to be told to load the model's directory.
  public var loading = ExportedFamily.Loading()
  /// The training data; empty if no run is known.
  public var data: [Line] = []
  /// The settings of the training; empty if no run is known.
  public var training: [Line] = []
  /// The quality on each split; empty if no run is known.
  public var results: [Results] = []
  /// A reason not to use the model as it is; nil for none.
  public var warning: String?
  /// How scores become probabilities; empty without a calibration.
  public var calibration: [Line] = []
  /// Whether an activation on top of the scores gives probabilities.
  public var isCalibrated = false

  /// A card without optional facts.
  public init(name: String, model: [Line], maximumLength: Int) {
    self.name = name
    self.model = model
    self.maximumLength = maximumLength
  }
}
