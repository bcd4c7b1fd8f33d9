public import Tensors

/// A parameter's place in the buffer of all parameters.
public struct Parameter: Sendable, Equatable {
  /// Where its values start.
  public let offset: Int
  /// Its shape; a linear layer's weight is `[out, in]`.
  public let shape: Shape

  /// Parameters that lie one after the other, as one with more rows.
  public init(joining parts: [Parameter]) {
    precondition(!parts.isEmpty, "joining no parameters")
    var end = parts[0].offset
    for part in parts {
      precondition(part.offset == end, "the parameters do not lie one after the other")
      end += part.shape.count
    }
    self.init(
      offset: parts[0].offset,
      shape: parts[0].shape.replacing(axis: 0, with: parts.reduce(0) { $0 + $1.shape[0] }))
  }

  init(offset: Int, shape: Shape) {
    self.offset = offset
    self.shape = shape
  }

  /// Some rows of a matrix, as a parameter of their own.
  public func rows(_ rows: Range<Int>) -> Parameter {
    precondition(
      shape.rank > 0 && rows.lowerBound >= 0 && rows.upperBound <= shape[0],
      "rows \(rows) of a parameter of shape \(shape)")
    return Parameter(
      offset: offset + rows.lowerBound * (shape.count / max(shape[0], 1)),
      shape: shape.replacing(axis: 0, with: rows.count))
  }

  /// The range of its values in a buffer of all parameters.
  public var range: Range<Int> { offset..<offset + shape.count }
}

/// The names, shapes and places of all parameters of a model, which lie in one buffer.
///
/// The optimizer is one pass over that buffer, a checkpoint is this table with the buffer, and a
/// reduction between workers is a range of it.
public struct ParameterTable: Sendable {
  /// What reads a parameter.
  public enum Use: Sendable {
    /// Products or any other operation. Its gradient is dense.
    case any
    /// `Tape.embedding` alone, row by row: a table of token, position or token type embeddings. Only
    /// the rows of a batch get a gradient, and no rounded copy is kept of it. A table that is also
    /// the weight of an output layer (tied embeddings) is not one.
    case lookup
  }

  /// One parameter and its name.
  public struct Entry: Sendable {
    /// The name, as in the model's weight file.
    public let name: String
    /// The place and shape.
    public let parameter: Parameter
    /// Whether weight decay applies to it: not to biases and normalization parameters.
    public let decays: Bool
    /// What reads it.
    public let use: Use
  }

  /// The parameters in the order in which they lie in the buffer.
  public private(set) var entries: [Entry] = []
  /// How many values the buffer holds.
  public private(set) var count = 0
  private var places: [String: Int] = [:]

  /// An empty table.
  public init() {}

  /// Adds a parameter behind the last one. Parameters added one after the other lie next to each
  /// other without gaps, so that `[query; key; value]` can be multiplied as one matrix.
  ///
  /// Where only `Tape.embedding` reads it, `use` is `.lookup`; other operations refuse it then.
  public mutating func add(
    _ name: String, _ shape: Shape, decays: Bool, use: Use = .any
  ) -> Parameter {
    precondition(places[name] == nil, "parameter \(name) is in the table already")
    places[name] = entries.count
    let parameter = Parameter(offset: count, shape: shape)
    entries.append(Entry(name: name, parameter: parameter, decays: decays, use: use))
    count += shape.count
    return parameter
  }

  /// Whether only rows of a parameter are looked up, so that only the rows of a batch have a
  /// gradient.
  public func isLookup(_ parameter: Parameter) -> Bool {
    entries.contains { $0.use == .lookup && $0.parameter.range.overlaps(parameter.range) }
  }

  /// The parameter called `name`.
  public subscript(name: String) -> Parameter? {
    places[name].map { entries[$0].parameter }
  }
}

/// A table of parameters and their values.
public final class Parameters: Sendable {
  /// The parameters and their places in the buffer.
  public let table: ParameterTable
  /// The values of all parameters, in the order of the table.
  public let values: Storage

  /// Zeros for every parameter of a table.
  public init(_ table: ParameterTable) {
    self.table = table
    values = Storage(count: table.count)
  }

  /// The values of one parameter, sharing memory that they do not keep.
  package subscript(parameter: Parameter) -> Floats { values.floats[parameter.range] }

  /// A copy of the values of one parameter.
  public func array(of parameter: Parameter) -> [Float] {
    withExtendedLifetime(self) { self[parameter].array }
  }

  /// Lends the values of one parameter for reading.
  public func withValues<Result, E: Error>(
    of parameter: Parameter, _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try values.withValues(parameter.range, body)
  }

  /// Lends the values of one parameter for writing.
  public func withMutableValues<Result, E: Error>(
    of parameter: Parameter, _ body: (inout MutableSpan<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try values.withMutableValues(parameter.range, body)
  }
}
