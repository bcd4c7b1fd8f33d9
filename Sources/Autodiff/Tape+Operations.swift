import Tensors

/// The part of the tape that operations use: they append their results and add to the gradients of
/// their operands.
extension Tape {
  /// Appends the node of an operation; its values are unspecified until the operation writes them.
  mutating func append(_ operation: Operation, _ shape: Shape, needsGradient: Bool) -> Value {
    nodes.append(
      Node(
        operation: operation, shape: shape, values: take(shape), gradient: nil,
        needsGradient: needsGradient && isRecording, ownsValues: true))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Appends the node of an operation whose values are part of an operand's memory.
  mutating func appendView(
    _ operation: Operation, _ shape: Shape, of values: Floats, needsGradient: Bool
  ) -> Value {
    nodes.append(
      Node(
        operation: operation, shape: shape, values: values, gradient: nil,
        needsGradient: needsGradient && isRecording, ownsValues: false))
    return Value(index: Int32(nodes.count - 1))
  }

  /// Appends the node of an operation that takes over the memory of an operand without any other
  /// use.
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

  /// Makes the gradient of an operation's result that of an operand without any other use.
  mutating func moveGradient(from value: Value, to operand: Value) {
    precondition(nodes[Int(operand.index)].gradient == nil, "an operand has another use")
    nodes[Int(operand.index)].gradient = nodes[Int(value.index)].gradient
    nodes[Int(value.index)].gradient = nil
  }

  /// Whether `backward` needs the gradient of a value.
  func needsGradient(_ value: Value) -> Bool { nodes[Int(value.index)].needsGradient }

  /// The gradient of an operation's result, inside the operation's `backward`.
  func incoming(_ value: Value) -> Floats {
    guard let gradient = nodes[Int(value.index)].gradient else {
      preconditionFailure("the gradient of a value was asked for before it was there")
    }
    return gradient
  }

  /// The memory for the gradient of an operand.
  struct Target {
    let floats: Floats
    /// Whether this is the first contribution, which overwrites the memory instead of adding to it.
    let isFresh: Bool
  }

  /// The memory into which an operation writes (`isFresh`) or adds the gradient of its operand; nil
  /// if the operand needs no gradient.
  mutating func target(_ value: Value) -> Target? {
    let index = Int(value.index)
    guard nodes[index].needsGradient else { return nil }
    if let floats = nodes[index].gradient { return Target(floats: floats, isFresh: false) }
    let floats = take(nodes[index].shape)
    nodes[index].gradient = floats
    return Target(floats: floats, isFresh: true)
  }

  /// The same for operations that can only add: the first contribution is added to zeros.
  mutating func accumulate(into value: Value, _ add: (Floats) -> Void) {
    guard let target = target(value) else { return }
    if target.isFresh { target.floats.fill(0) }
    add(target.floats)
  }

  /// The values of a parameter.
  func weights(_ parameter: Parameter) -> Floats { weights[parameter.range] }

  /// The gradient of a parameter, to which operations add.
  mutating func weightGradients(_ parameter: Parameter) -> Floats {
    guard let gradients else { preconditionFailure("backward on a tape without gradients") }
    if let memory = unneeded?.memory(of: parameter) { return memory }
    useGradients(parameter.range)
    return gradients[parameter.range]
  }

  /// Whether the gradient of a parameter is known to be zero.
  func hasZeroGradients(_ parameter: Parameter) -> Bool {
    guard let gradientsInUse else { return false }
    return !gradientsInUse.contains { $0.overlaps(parameter.range) }
  }

  /// Whether a weight is frozen, so that its gradient is not needed.
  func isFrozen(_ parameter: Parameter) -> Bool {
    frozen.contains { $0.contains(parameter.offset) }
  }

  /// Traps if a product, or an operation that does not work row by row, would read a lookup table:
  /// it has no rounded copy, and only some rows of its gradient are collected.
  func checkIsMultiplied(_ parameter: Parameter) {
    precondition(
      !lookups.contains { $0.overlaps(parameter.range) },
      "a table \(parameter.shape) that is declared as a lookup is read by another operation")
  }

  /// A unique number for each use of dropout on the tape.
  mutating func nextDropoutSite() -> UInt32 {
    dropoutSites += 1
    return dropoutSites
  }

  /// Memory for the values of a shape, with spare rows for the products that need them.
  mutating func take(_ shape: Shape) -> Floats {
    blocks.take(shape.count, spare: spareRows(shape.rows) * shape.columns)
  }
}
