public import Tensors

/// A handle to a value on a tape; it is good until the tape is reset.
public struct Value: Sendable, Equatable {
  let index: Int32
}

/// What dropout draws from: the same seed, step, place and row give the same numbers, whichever
/// worker asks.
public struct DropoutKey: Sendable, Equatable {
  /// The seed of the run.
  public var seed: UInt64
  /// The number of the step.
  public var step: UInt32

  /// A key.
  public init(seed: UInt64, step: UInt32) {
    self.seed = seed
    self.step = step
  }
}

/// A record of a computation: forward appends operations, `backward` walks them back.
///
/// Values live in an arena that `reset` empties without giving memory back, so a loop over steps
/// of like size allocates nothing after its first rounds. A tape belongs to one thread.
///
/// - Gradients of parameters are added to the gradient buffer given at the start.
/// - Gradients of values exist only while `backward` needs them, unless a value is a `variable`.
public struct Tape: ~Copyable {
  /// One value: the operation that made it, and where its values and its gradient are.
  struct Node {
    var operation: Operation
    var shape: Shape
    var values: Floats
    var gradient: Floats?
    var needsGradient: Bool
    /// Whether the memory is the tape's own and may be used again when the walk has passed it.
    var ownsValues: Bool
  }

  var nodes: [Node] = []
  /// The operands of operations that take any number of them.
  var operands: [Value] = []
  var blocks = BlockPool()
  let weights: Floats
  let gradients: Floats?
  /// The owners of the memory of `weights` and `gradients`; they live as long as the tape.
  private let owners: (parameters: Parameters, gradients: Storage?)
  /// The ranges of the weights that need no gradient.
  let frozen: [Range<Int>]
  /// The ranges of the tables that only `embedding` reads.
  let lookups: [Range<Int>]
  /// The rounded copy of the weights that products in less than 32 bits read, and the engine that
  /// computes them.
  let reduced: ReducedWeights?
  let engine: ProductEngine?
  var dropoutSites: UInt32 = 0

  /// What dropout draws from; nil switches dropout off.
  public var dropoutKey: DropoutKey?

  /// The floating-point operations spent in matrix products since the tape was made: a
  /// multiplication and an addition count as two.
  public internal(set) var productOperations: Double = 0

  /// The seconds spent in products and in attention since the tape was made; callers measure the
  /// other times.
  package internal(set) var times = WorkTimes()

  /// A tape over `parameters`, whose gradients are added to `gradients`: a buffer laid out like
  /// the parameters' own. Without one nothing is kept for a backward pass. `reduced` is a copy of
  /// the same weights in the precision of the tape's products; nil for 32 bits. Where a linear
  /// layer's weight is `frozen`, the product that makes its gradient is left out.
  public init(
    _ parameters: Parameters, gradients: Storage? = nil, reduced: ReducedWeights? = nil,
    frozen: [Parameter] = []
  ) {
    precondition(
      gradients.map { $0.floats.count == parameters.table.count } ?? true,
      "the gradient buffer has another size than the parameters")
    weights = parameters.values.floats
    self.gradients = gradients?.floats
    owners = (parameters, gradients)
    precondition(
      gradients == nil || reduced?.precision != .int8, "there is no backward pass in 8 bits")
    self.reduced = reduced
    self.frozen = frozen.map(\.range)
    lookups = parameters.table.entries.filter { $0.use == .lookup }.map(\.parameter.range)
    engine = reduced == nil ? nil : ProductEngine()
    nodes.reserveCapacity(256)
    operands.reserveCapacity(64)
  }

  /// Whether operations are recorded for a backward pass.
  public var isRecording: Bool { gradients != nil && !isPaused }

  /// While this is set, a tape with gradients records nothing either: for what needs no backward
  /// pass. Dropout goes on.
  public var isPaused = false

  /// Forgets every value and keeps the memory.
  public mutating func reset() {
    nodes.removeAll(keepingCapacity: true)
    operands.removeAll(keepingCapacity: true)
    blocks.reset()
    dropoutSites = 0
    isPaused = false
  }

  /// How many values the tape has room for; it no longer grows once it has seen its largest step.
  package var memoryCapacity: Int { blocks.capacity }

  // MARK: Leaves

  /// A value that is given and has no gradient.
  public mutating func constant(_ values: Span<Float>, _ shape: Shape) -> Value {
    let y = append(.leaf, shape, needsGradient: false)
    self.values(of: y).copy(from: values)
    return y
  }

  /// A value that is given and whose gradient can be read after `backward`.
  public mutating func variable(_ values: Span<Float>, _ shape: Shape) -> Value {
    let y = append(.leaf, shape, needsGradient: true)
    self.values(of: y).copy(from: values)
    let gradient = take(shape)
    gradient.fill(0)
    nodes[Int(y.index)].gradient = gradient
    return y
  }

  /// A parameter as a value; its gradient is added to the gradient buffer. Not for tables that are
  /// declared as lookups.
  public mutating func parameter(_ parameter: Parameter) -> Value {
    checkIsMultiplied(parameter)
    nodes.append(
      Node(
        operation: .leaf, shape: parameter.shape, values: weights[parameter.range],
        gradient: gradients?[parameter.range], needsGradient: gradients != nil, ownsValues: false))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Integers (token ids, offsets, row numbers) kept until the tape is reset.
  public mutating func indices(_ values: Span<Int32>) -> Indices { blocks.take(copying: values) }

  /// 0, 1, … `last`, kept until the tape is reset.
  public mutating func count(to last: Int) -> Indices { blocks.take(countingTo: last) }

  // MARK: Reading

  /// The shape of a value.
  public func shape(of value: Value) -> Shape { nodes[Int(value.index)].shape }

  /// The values of a value, row-major, in memory of the tape: good until it is reset or, for what
  /// an operation made, until `backward` or `finish` has used it up.
  package func values(of value: Value) -> Floats { nodes[Int(value.index)].values }

  /// After `backward`, the gradient of a `variable` or parameter; good until the tape is reset.
  package func gradient(of value: Value) -> Floats? { nodes[Int(value.index)].gradient }

  /// A copy of the values of a value, row-major. `backward` and `finish` use up what operations
  /// made: its values are undefined after them.
  public func array(of value: Value) -> [Float] {
    withExtendedLifetime(self) { values(of: value).array }
  }

  /// Lends the values of a value for reading, row-major.
  public func withValues<Result, E: Error>(
    of value: Value, _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try values(of: value).withSpan(body)
  }

  /// After `backward`, a copy of the gradient of a `variable` or parameter; nil of other values.
  public func gradientArray(of value: Value) -> [Float]? {
    withExtendedLifetime(self) { gradient(of: value)?.array }
  }

  // MARK: Backward

  /// Walks back from `value`, whose gradient is given, and adds to the gradients of all parameters
  /// and variables it was made from. The values of the tape are used up by it.
  public mutating func backward(from value: Value, gradient: Span<Float>) {
    precondition(isRecording, "backward on a tape without a gradient buffer")
    precondition(
      gradient.count == shape(of: value).count,
      "a gradient of \(gradient.count) values for a value of shape \(shape(of: value))")
    guard needsGradient(value) else { return }
    accumulate(into: value) { $0.copy(from: gradient) }
    var index = Int(value.index)
    while index >= 0 {
      let node = nodes[index]
      if case .leaf = node.operation {
      } else if node.gradient != nil {
        node.operation.backward(Value(index: Int32(index)), on: &self)
        release(index)
      } else if node.ownsValues {
        release(index)
      }
      index -= 1
    }
  }

  /// `backward` from a scalar, with gradient 1.
  public mutating func backward(from value: Value) {
    var one: Float = 1
    precondition(shape(of: value).count == 1, "\(shape(of: value)) is not a scalar")
    backward(from: value, gradient: unsafe Span(_unsafeStart: &one, count: 1))
  }

  /// Gives back the memory of a value that is not read again. Does nothing while operations are
  /// recorded for a backward pass.
  public mutating func finish(_ value: Value) {
    guard !isRecording else { return }
    release(Int(value.index))
  }

  private mutating func release(_ index: Int) {
    if nodes[index].ownsValues {
      blocks.giveBack(nodes[index].values)
      nodes[index].ownsValues = false
    }
    if let gradient = nodes[index].gradient {
      blocks.giveBack(gradient)
      nodes[index].gradient = nil
    }
  }
}
