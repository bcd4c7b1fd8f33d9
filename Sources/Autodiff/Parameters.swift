public import Tensors

/// A parameter's place in the buffer of all parameters.
public struct Parameter: Sendable, Equatable {
  /// Where its values start.
  public let offset: Int
  /// Its shape; a linear layer's weight is `[out, in]`.
  public let shape: Shape

  /// The range of its values in a buffer of all parameters.
  public var range: Range<Int> { offset..<offset + shape.count }
}

/// The names, shapes and places of all parameters of a model, which lie in one buffer.
///
/// The optimizer is one pass over that buffer, a checkpoint is this table with the buffer, and a
/// reduction between workers is a range of it.
public struct ParameterTable: Sendable {
  /// One parameter and its name.
  public struct Entry: Sendable {
    /// The name, as in the model's weight file.
    public let name: String
    /// The place and shape.
    public let parameter: Parameter
    /// Whether weight decay applies to it: not to biases and normalization parameters.
    public let decays: Bool
  }

  /// The parameters in the order in which they lie in the buffer.
  public private(set) var entries: [Entry] = []
  /// How many values the buffer holds.
  public private(set) var count = 0

  /// An empty table.
  public init() {}

  /// Adds a parameter behind the last one. Parameters added one after the other lie next to each
  /// other without gaps, so that `[query; key; value]` can be multiplied as one matrix.
  public mutating func add(_ name: String, _ shape: Shape, decays: Bool) -> Parameter {
    precondition(self[name] == nil, "parameter \(name) is in the table already")
    let parameter = Parameter(offset: count, shape: shape)
    entries.append(Entry(name: name, parameter: parameter, decays: decays))
    count += shape.count
    return parameter
  }

  /// The parameter called `name`.
  public subscript(name: String) -> Parameter? {
    entries.first { $0.name == name }?.parameter
  }
}

/// A table of parameters and their values.
public final class Parameters: Sendable {
  /// What is in the buffer, and where.
  public let table: ParameterTable
  /// The buffer.
  public let values: Storage

  /// Zeros for every parameter of a table.
  public init(_ table: ParameterTable) {
    self.table = table
    values = Storage(count: table.count)
  }

  /// The values of one parameter, sharing memory.
  public subscript(parameter: Parameter) -> Floats { values.floats[parameter.range] }
}
