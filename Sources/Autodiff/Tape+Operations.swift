import Tensors

/// What operations do with a tape: they append their results and add to the gradients of their
/// operands.
extension Tape {
  /// Appends the node of an operation; its values are unspecified until the operation writes them.
  mutating func append(_ operation: Operation, _ shape: Shape, needsGradient: Bool) -> Value {
    nodes.append(
      Node(
        operation: operation, shape: shape, values: take(shape), gradient: nil,
        needsGradient: needsGradient && isRecording, ownsValues: true))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Appends the node of an operation whose values lie in memory of an operand.
  mutating func appendView(
    _ operation: Operation, _ shape: Shape, of values: Floats, needsGradient: Bool
  ) -> Value {
    nodes.append(
      Node(
        operation: operation, shape: shape, values: values, gradient: nil,
        needsGradient: needsGradient && isRecording, ownsValues: false))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Appends the node of an operation whose values lie in the memory of an operand that has no
  /// other use: the memory is the result's from now on.
  mutating func appendOwner(
    _ operation: Operation, ofValuesOf operand: Value, needsGradient: Bool
  ) -> Value {
    let from = nodes[Int(operand.index)]
    precondition(from.ownsValues, "the memory of an operand was taken over or given back before")
    nodes[Int(operand.index)].ownsValues = false
    nodes.append(
      Node(
        operation: operation, shape: from.shape, values: from.values, gradient: nil,
        needsGradient: needsGradient && isRecording, ownsValues: true))
    return Value(index: Int32(nodes.count - 1))
  }

  /// The gradient of an operation's result becomes that of an operand without any other use.
  mutating func moveGradient(from value: Value, to operand: Value) {
    precondition(nodes[Int(operand.index)].gradient == nil, "an operand has another use")
    nodes[Int(operand.index)].gradient = nodes[Int(value.index)].gradient
    nodes[Int(value.index)].gradient = nil
  }

  /// Whether `backward` wants the gradient of a value.
  func needsGradient(_ value: Value) -> Bool { nodes[Int(value.index)].needsGradient }

  /// The gradient of an operation's own result, inside its `backward`.
  func incoming(_ value: Value) -> Floats {
    guard let gradient = nodes[Int(value.index)].gradient else {
      preconditionFailure("the gradient of a value was asked for before it was there")
    }
    return gradient
  }

  /// Where the gradient of an operand goes.
  struct Target {
    let floats: Floats
    /// Whether this is the first contribution, so that it must be written and not added.
    let isFresh: Bool
  }

  /// Where an operation writes (fresh) or adds the gradient of its operand; nil where the operand
  /// needs none.
  mutating func target(_ value: Value) -> Target? {
    let index = Int(value.index)
    guard nodes[index].needsGradient else { return nil }
    if let floats = nodes[index].gradient { return Target(floats: floats, isFresh: false) }
    let floats = take(nodes[index].shape)
    nodes[index].gradient = floats
    return Target(floats: floats, isFresh: true)
  }

  /// The same for operations that only know how to add: a first contribution adds to zeros.
  mutating func accumulate(into value: Value, _ add: (Floats) -> Void) {
    guard let target = target(value) else { return }
    if target.isFresh { target.floats.fill(0) }
    add(target.floats)
  }

  /// The values of a parameter.
  func weights(_ parameter: Parameter) -> Floats { weights[parameter.range] }

  /// The gradient of a parameter, to be added to.
  func weightGradients(_ parameter: Parameter) -> Floats {
    guard let gradients else { preconditionFailure("backward on a tape without gradients") }
    return gradients[parameter.range]
  }

  /// Whether a weight is frozen, so that its gradient is not needed.
  func isFrozen(_ parameter: Parameter) -> Bool {
    frozen.contains { $0.contains(parameter.offset) }
  }

  /// Stops where a product, or an operation that does not know rows, would read a table that is
  /// declared to be looked up only: it has no rounded copy, and only some rows of its gradient are
  /// collected.
  func checkIsMultiplied(_ parameter: Parameter) {
    precondition(
      !lookups.contains { $0.overlaps(parameter.range) },
      "a table \(parameter.shape) that is declared as a lookup is read by another operation")
  }

  /// A number of its own for each place of a computation at which dropout draws.
  mutating func nextDropoutSite() -> UInt32 {
    dropoutSites += 1
    return dropoutSites
  }

  /// Memory for values of a shape, with spare rows for products that use them.
  mutating func take(_ shape: Shape) -> Floats {
    blocks.take(shape.count, spare: spareRows(shape.rows) * shape.columns)
  }
}
