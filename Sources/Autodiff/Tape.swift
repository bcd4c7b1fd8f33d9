public import Tensors

/// A handle to a value on a tape; valid until the tape is reset.
public struct Value: Sendable, Equatable {
  let index: Int32
}

/// The key of dropout's random numbers: the same seed, step, site and row give the same numbers,
/// whichever worker computes them.
public struct DropoutKey: Sendable, Equatable {
  /// The seed of the run.
  public var seed: UInt64
  /// The number of the step.
  public var step: UInt32

  /// A key for one step of a run.
  public init(seed: UInt64, step: UInt32) {
    self.seed = seed
    self.step = step
  }
}

/// A record of a computation: forward operations are appended, `backward` visits them in reverse.
///
/// Values live in an arena that `reset` empties without freeing memory, so a loop over steps of
/// similar size allocates nothing after its first rounds. A tape belongs to one thread.
///
/// - Gradients of parameters are added to the gradient buffer given to the initializer.
/// - Gradients of values exist only while `backward` needs them, unless a value is a `variable`.
public struct Tape: ~Copyable {
  /// One value: the operation that made it, and the memory of its values and its gradient.
  struct Node {
    var operation: Operation
    var shape: Shape
    var values: Floats
    var gradient: Floats?
    var needsGradient: Bool
    /// Whether the memory belongs to the tape and may be reused once `backward` has passed the
    /// node.
    var ownsValues: Bool
  }

  var nodes: [Node] = []
  /// The operands of operations with any number of them.
  var operands: [Value] = []
  var blocks = BlockPool()
  let weights: Floats
  let gradients: Floats?
  /// The ranges of the gradients that may differ from zero; nil if all may.
  private(set) var gradientsInUse: [Range<Int>]?
  /// The owners of the memory of `weights` and `gradients`; they live as long as the tape.
  private let owners: (parameters: Parameters, gradients: Storage?)
  /// The ranges of the weights that need no gradient.
  let frozen: [Range<Int>]
  /// The low-rank additions to weights, in the order of these weights.
  let adapters: [Adapter]
  /// The memory of gradients that an operation computes with others, although they are fixed.
  var unneeded: UnneededGradients?
  /// The ranges of the lookup tables, which only `embedding` reads.
  let lookups: [Range<Int>]
  /// The rounded copy of the weights that products in less than 32 bits read, and the engine that
  /// computes them.
  let reduced: ReducedWeights?
  let engine: ProductEngine?
  var dropoutSites: UInt32 = 0

  /// The number of layers of which only the input is stored, and which `backward` computes once
  /// more; nil to store what all layers need. It is a setting for the models that use the tape, and
  /// `reset` keeps it.
  public var layersPerSegment: Int?

  /// The key of dropout's random numbers; nil disables dropout.
  public var dropoutKey: DropoutKey?

  /// The floating-point operations spent in matrix products since the tape was made: a
  /// multiplication and an addition count as two.
  public internal(set) var productOperations: Double = 0

  /// The seconds spent in products and in attention since the tape was made; callers measure the
  /// other times.
  package internal(set) var times = WorkTimes()

  /// A tape over `parameters`. Gradients are added to `gradients`, a buffer with the layout of the
  /// parameters; without one nothing is retained for a backward pass. `reduced` is a copy of the
  /// same weights in the precision of the tape's products; nil for 32 bits. The gradients of
  /// `frozen` weights of linear layers and of fixed parameters are not computed.
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
    let fixed = parameters.table.fixedRanges
    self.frozen = frozen.map(\.range) + fixed
    adapters = parameters.table.adapters
    unneeded = gradients == nil ? nil : UnneededGradients(parameters.table, fixed: fixed)
    lookups = parameters.table.entries.filter { $0.use == .lookup }.map(\.parameter.range)
    engine = reduced == nil ? nil : ProductEngine()
    nodes.reserveCapacity(256)
    operands.reserveCapacity(64)
  }

  /// Whether operations are recorded for a backward pass.
  public var isRecording: Bool { gradients != nil && !isPaused }

  /// While this is set, a tape with gradients records nothing either, for computations that need no
  /// backward pass. Dropout stays active.
  public var isPaused = false

  /// Removes all values and keeps the memory.
  public mutating func reset() {
    nodes.removeAll(keepingCapacity: true)
    operands.removeAll(keepingCapacity: true)
    blocks.reset()
    dropoutSites = 0
    isPaused = false
  }

  /// Says that the whole gradient buffer is zero, so that the first product for the gradient of a
  /// weight need not read it. To be said after each time the buffer has been cleared; without it,
  /// every gradient is added to what is there.
  package mutating func gradientsAreZero() {
    if gradientsInUse == nil { gradientsInUse = [] }
    gradientsInUse?.removeAll(keepingCapacity: true)
  }

  /// Records that a range of the gradients is going to be written.
  mutating func useGradients(_ range: Range<Int>) { gradientsInUse?.append(range) }

  /// The capacity in values; it no longer grows after the largest step.
  package var memoryCapacity: Int { blocks.capacity }

  // MARK: Leaves

  /// An input value without a gradient.
  public mutating func constant(_ values: Span<Float>, _ shape: Shape) -> Value {
    let y = append(.leaf, shape, needsGradient: false)
    self.values(of: y).copy(from: values)
    return y
  }

  /// An input value without a gradient, whose values `fill` writes.
  package mutating func leaf(_ shape: Shape, filling fill: (Floats) -> Void) -> Value {
    let y = append(.leaf, shape, needsGradient: false)
    fill(values(of: y))
    return y
  }

  /// An input value whose gradient can be read after `backward`.
  public mutating func variable(_ values: Span<Float>, _ shape: Shape) -> Value {
    let y = append(.leaf, shape, needsGradient: true)
    self.values(of: y).copy(from: values)
    let gradient = take(shape)
    gradient.fill(0)
    nodes[Int(y.index)].gradient = gradient
    return y
  }

  /// A parameter as a value; its gradient is added to the gradient buffer. Not for lookup tables.
  public mutating func parameter(_ parameter: Parameter) -> Value {
    checkIsMultiplied(parameter)
    let isFrozen = isFrozen(parameter)
    if !isFrozen { useGradients(parameter.range) }
    nodes.append(
      Node(
        operation: .leaf, shape: parameter.shape, values: weights[parameter.range],
        gradient: isFrozen ? nil : gradients?[parameter.range],
        needsGradient: gradients != nil && !isFrozen, ownsValues: false))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Integers (token ids, offsets, row numbers), retained until the tape is reset.
  public mutating func indices(_ values: Span<Int32>) -> Indices { blocks.take(copying: values) }

  /// 0, 1, … `last`, retained until the tape is reset.
  public mutating func count(to last: Int) -> Indices { blocks.take(countingTo: last) }

  // MARK: Reading

  /// The shape of a value.
  public func shape(of value: Value) -> Shape { nodes[Int(value.index)].shape }

  /// The values of a value, row-major, in the tape's memory: valid until the tape is reset; results
  /// of operations only until `backward` or `finish` overwrites them.
  package func values(of value: Value) -> Floats { nodes[Int(value.index)].values }

  /// After `backward`, the gradient of a `variable` or parameter; valid until the tape is reset.
  package func gradient(of value: Value) -> Floats? { nodes[Int(value.index)].gradient }

  /// A copy of the values of a value, row-major. The results of operations are undefined after
  /// `backward` and `finish`.
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

  /// After `backward`, a copy of the gradient of a `variable` or parameter; nil for other values.
  public func gradientArray(of value: Value) -> [Float]? {
    withExtendedLifetime(self) { gradient(of: value)?.array }
  }

  // MARK: Backward

  /// Propagates `gradient`, the gradient of `value`, and adds to the gradients of all parameters
  /// and variables that `value` was computed from. The values of the tape are undefined afterwards.
  ///
  /// `recompute` does once more what a `segment` did; only a tape with segments needs it.
  public mutating func backward(
    from value: Value, gradient: Span<Float>,
    recompute: Recomputation = { _, _, _ in preconditionFailure("backward without recompute") }
  ) {
    precondition(isRecording, "backward on a tape without a gradient buffer")
    precondition(
      gradient.count == shape(of: value).count,
      "a gradient of \(gradient.count) values for a value of shape \(shape(of: value))")
    guard needsGradient(value) else { return }
    accumulate(into: value) { $0.copy(from: gradient) }
    visit(from: value, downTo: 0, recompute)
  }

  /// Goes back from a value to a node, the backward pass of each operation in turn.
  mutating func visit(from value: Value, downTo first: Int, _ recompute: Recomputation) {
    var index = Int(value.index)
    while index >= first {
      let node = nodes[index]
      if case .leaf = node.operation {
      } else if node.gradient != nil {
        if case .segment(let segment) = node.operation {
          backward(through: segment, Value(index: Int32(index)), recompute)
        } else {
          node.operation.backward(Value(index: Int32(index)), on: &self)
        }
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

  /// Frees the memory of a value that is not read again. Does nothing while operations are recorded
  /// for a backward pass.
  public mutating func finish(_ value: Value) {
    guard !isRecording else { return }
    release(Int(value.index))
  }

  /// Frees the memory of a value that the tape owns; the gradient stays.
  mutating func releaseValues(of value: Value) {
    let index = Int(value.index)
    guard nodes[index].ownsValues else { return }
    blocks.giveBack(nodes[index].values)
    nodes[index].ownsValues = false
  }

  private mutating func release(_ index: Int) {
    releaseValues(of: Value(index: Int32(index)))
    if let gradient = nodes[index].gradient {
      blocks.giveBack(gradient)
      nodes[index].gradient = nil
    }
  }
}
