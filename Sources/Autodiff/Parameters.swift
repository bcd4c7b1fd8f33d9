public import Tensors

/// A parameter's place in the buffer of all parameters.
public struct Parameter: Sendable, Equatable {
  /// The index of its first value in the buffer.
  public let offset: Int
  /// Its shape; a linear layer's weight is `[out, in]`.
  public let shape: Shape

  /// Consecutive parameters of the buffer joined into one with more rows.
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

  /// A range of rows of a matrix, as a separate parameter.
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

/// The names, shapes and offsets of all parameters of a model, which share one buffer.
///
/// The optimizer is one pass over that buffer, a checkpoint is this table with the buffer, and a
/// reduction between workers is a range of it.
public struct ParameterTable: Sendable {
  /// The operations that read a parameter.
  public enum Use: Sendable {
    /// Products or any other operation. Its gradient is dense.
    case any
    /// `Tape.embedding` alone, row by row: a table of token, position or token type embeddings.
    /// Only the rows in a batch get a gradient, and no rounded copy of the table is made. A table
    /// that is also the weight of an output layer (tied embeddings) is not a lookup.
    case lookup
    /// `Tape.linear` and `Tape.feedForward` alone, as a weight: with a copy in less than 32 bits
    /// only a layer that is exact reads the values themselves.
    case product
  }

  /// One parameter and its name.
  public struct Entry: Sendable {
    /// The name, as in the model's weight file.
    public let name: String
    /// The offset and shape.
    public let parameter: Parameter
    /// Whether weight decay applies to it: not to biases and normalization parameters.
    public let decays: Bool
    /// The operations that read it.
    public let use: Use
    /// Whether its values stay those of the base model, whatever else is trained: it has no
    /// gradient, and checkpoints leave it out.
    public internal(set) var isFixed = false
  }

  /// The parameters in buffer order.
  public private(set) var entries: [Entry] = []
  /// The number of values in the buffer.
  public private(set) var count = 0
  /// The low-rank additions to weights, in the order of these weights.
  public private(set) var adapters: [Adapter] = []
  private var places: [String: Int] = [:]

  /// An empty table.
  public init() {}

  /// Appends a parameter. Consecutive parameters are adjacent in the buffer, without gaps, so that
  /// `[query; key; value]` can be multiplied as one matrix.
  ///
  /// `use` is `.lookup` if only `Tape.embedding` reads the parameter; other operations then refuse
  /// it.
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

  /// Appends the factors of a low-rank addition to the weight called `name`: `lora_A.weight` and
  /// `lora_B.weight` in place of its `weight`. A weight has one addition at most.
  public mutating func adapt(_ name: String, rank: Int, scale: Float, dropout: Float) {
    guard let weight = self[name], weight.shape.rank == 2, name.hasSuffix("weight") else {
      preconditionFailure("\(name) is no weight of a linear layer")
    }
    let stem = name.dropLast("weight".count)
    let adapter = Adapter(
      weight: weight,
      down: add(stem + Adapter.downName, Shape(rank, weight.shape[1]), decays: true, use: .product),
      up: add(stem + Adapter.upName, Shape(weight.shape[0], rank), decays: true, use: .product),
      scale: scale, dropout: dropout)
    let place = adapters.firstIndex { $0.weight.offset > weight.offset } ?? adapters.count
    adapters.insert(adapter, at: place)
  }

  /// Fixes the values of the parameters whose names satisfy a condition.
  public mutating func fix(where isFixed: (_ name: String) -> Bool) {
    for index in entries.indices { entries[index].isFixed = isFixed(entries[index].name) }
  }

  /// Whether the parameter is a lookup table, so that only the rows in a batch have gradients.
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
  /// The parameters and their offsets in the buffer.
  public let table: ParameterTable
  /// The values of all parameters, in the order of the table.
  public let values: Storage

  /// Zero values for every parameter of a table.
  public init(_ table: ParameterTable) {
    self.table = table
    values = Storage(count: table.count)
  }

  /// The values of one parameter; valid only as long as `values` lives.
  package subscript(parameter: Parameter) -> Floats { values.floats[parameter.range] }

  /// A copy of all values, in the table's order.
  public var array: [Float] { withExtendedLifetime(self) { values.floats.array } }

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
