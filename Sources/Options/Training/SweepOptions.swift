/// `sweep`: runs of one recipe that differ in the values of some keys and in their seeds.
public struct SweepOptions: Sendable, Equatable {
  /// How settings are chosen from the values of the keys.
  public enum Method: String, Sendable, CaseIterable {
    /// Every combination.
    case grid
    /// A number of random combinations (Bergstra and Bengio, 2012).
    case random
  }

  /// The values of a key.
  public enum Values: Sendable, Equatable {
    /// Different values, as YAML.
    case choices([String])
    /// Numbers between two, drawn uniformly.
    case uniform(Double, Double)
    /// Positive numbers between two, whose logarithms are drawn uniformly.
    case logUniform(Double, Double)
    /// Integers from one to another, both among them, drawn uniformly.
    case integers(Int, Int)
  }

  /// A key of the recipe with the values that it takes.
  public struct Key: Sendable, Equatable {
    /// The dotted path of the key.
    public var path: String
    /// Its values.
    public var values: Values
    /// The number of evenly spaced values in a grid; nil for all integers of a range, and for lists.
    public var points: Int?

    /// A key with its values.
    public init(path: String, values: Values, points: Int? = nil) {
      (self.path, self.values, self.points) = (path, values, points)
    }
  }

  /// How settings are chosen.
  public var method = Method.grid
  /// The number of random settings.
  public var count = 20
  /// The seed of random settings.
  public var seed: UInt64 = 1
  /// The seeds of training with which every setting is run; empty for the recipe's own.
  public var seeds: [UInt64] = []
  /// Whether the recipe as it is written is one of the settings.
  public var includesBase = true
  /// The keys, in the order of the recipe.
  public var keys: [Key] = []

  /// No keys.
  public init() {}
}

extension SweepOptions.Key {
  /// The number of different values; nil for numbers of a range that are drawn.
  public var valueCount: Int? {
    switch values {
    case .choices(let values): values.count
    case .integers(let low, let high): min(points ?? .max, high - low + 1)
    case .uniform, .logUniform: points
    }
  }
}
