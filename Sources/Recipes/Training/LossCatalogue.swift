/// The losses a recipe may name, handed in by whoever has them.
public struct LossCatalogue: Sendable {
  /// What an option may be, and what it is where nothing is said.
  public enum Kind: Sendable, Equatable {
    /// A number in a range.
    case number(default: Double, range: ClosedRange<Double>)
    /// A whole number in a range.
    case whole(default: Int, range: ClosedRange<Int>)
    /// One of some words.
    case choice(default: String, among: [String])
    /// true or false.
    case flag(default: Bool)
  }

  /// An option of a loss.
  public struct Option: Sendable, Equatable {
    /// Its name; not `name` or `weight`, which every loss has.
    public var name: String
    /// What it may be.
    public var kind: Kind

    /// An option.
    public init(_ name: String, _ kind: Kind) {
      (self.name, self.kind) = (name, kind)
    }
  }

  /// A loss a recipe may name.
  public struct Loss: Sendable, Equatable {
    /// The name a resolved recipe has.
    public var name: String
    /// Other names that are understood.
    public var aliases: [String]
    /// Its options, in the order a resolved recipe has them.
    public var options: [Option]

    /// A loss.
    public init(_ name: String, aliases: [String] = [], options: [Option] = []) {
      (self.name, self.aliases, self.options) = (name, aliases, options)
    }
  }

  /// The losses, in the order messages list them.
  public var losses: [Loss]

  /// A catalogue.
  public init(_ losses: [Loss]) { self.losses = losses }

  /// The loss of a name or another name, or nil where there is none.
  public func loss(named name: String) -> Loss? {
    losses.first { $0.name == name || $0.aliases.contains(name) }
  }
}

/// The value of an option of a loss.
public enum OptionSetting: Sendable, Equatable {
  /// A number, whole or not.
  case number(Double)
  /// A word.
  case text(String)
  /// true or false.
  case flag(Bool)

  /// The value as YAML.
  var text: String {
    switch self {
    case .number(let value): ResolvedText.number(value)
    case .text(let value): ResolvedText.word(value)
    case .flag(let value): value ? "true" : "false"
    }
  }
}

extension LossCatalogue.Kind {
  /// The value where nothing is said.
  var defaultSetting: OptionSetting {
    switch self {
    case .number(let value, _): .number(value)
    case .whole(let value, _): .number(Double(value))
    case .choice(let value, _): .text(value)
    case .flag(let value): .flag(value)
    }
  }
}
