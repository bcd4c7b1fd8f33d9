/// The early exits of a cross-encoder: the layers after which it has a score as well, and what was
/// found out about these scores.
public struct ExitPlan: Sendable, Equatable {
  /// The name of the file that describes them among a model's files.
  package static let fileName = "exits.json"
  /// The name of the folder beside a model's files that holds it with the weights of own heads, so that
  /// programs which know no exits find only the model.
  package static let folderName = "exits"

  /// The most exits of a model: shares are chosen jointly, in time exponential in their number.
  public static let mostExits = 4

  /// The head of an exit.
  public enum Head: String, Sendable, CaseIterable {
    /// A head of its own, with the steps of the model's.
    case own
    /// The model's head.
    case shared
  }

  /// One exit.
  public struct Exit: Sendable, Equatable {
    /// The number of layers before it.
    public var layer: Int
    /// The weight of its loss in training, beside 1 for that of the last layer.
    public var weight: Double
    /// The share of a query's candidates that go on to the layers above; nil if none was chosen.
    public var share: Double?
    /// The line that maps its scores onto those of the last layer, fitted on dev.
    public var slope = 1.0
    /// The constant of that line.
    public var intercept = 0.0

    /// An exit after so many layers.
    public init(after layer: Int, weight: Double, share: Double? = nil) {
      (self.layer, self.weight, self.share) = (layer, weight, share)
    }
  }

  /// How the shares were chosen.
  public struct Choice: Sendable, Equatable {
    /// The measure that might fall, by its name.
    public var measure: String
    /// How much it might fall.
    public var loss: Double
    /// Its value where all candidates go through all layers.
    public var full: Double
    /// Its value with the chosen shares.
    public var cascade: Double
    /// The share of the layers' work that the cascade does.
    public var work: Double
    /// The number of queries of dev that it was measured on.
    public var queries: Int

    /// A choice.
    public init(
      measure: String, loss: Double, full: Double, cascade: Double, work: Double, queries: Int
    ) {
      (self.measure, self.loss, self.full) = (measure, loss, full)
      (self.cascade, self.work, self.queries) = (cascade, work, queries)
    }
  }

  /// Which head the exits have.
  public var head: Head
  /// The exits, from the bottom up.
  public var exits: [Exit]
  /// How the shares were chosen; nil if they were not.
  public var choice: Choice?

  /// Exits with different numbers of layers, which are sorted.
  public init(head: Head, exits: [Exit], choice: Choice? = nil) {
    self.head = head
    self.exits = exits.sorted { $0.layer < $1.layer }
    self.choice = choice
  }

  /// The numbers of layers before the exits.
  public var layers: [Int] { exits.map(\.layer) }

  /// What the names of the parameters of exits' own heads begin with.
  static let prefix = "exits."

  /// Whether a parameter belongs to an exit's own head. No other program knows these parameters.
  package static func owns(_ parameter: String) -> Bool { parameter.hasPrefix(prefix) }

  /// The name of the parameter of an exit's own head that corresponds to one of the model's head.
  package static func name(of parameter: String, after layer: Int) -> String {
    "\(prefix)\(layer).\(parameter)"
  }

  /// The name of the parameter of the model's head that corresponds to one of an exit's own head;
  /// nil for other parameters.
  package static func headName(of parameter: String) -> String? {
    guard owns(parameter) else { return nil }
    let rest = parameter.dropFirst(prefix.count)
    return rest.firstIndex(of: ".").map { String(rest[rest.index(after: $0)...]) }
  }
}
