import Diagnostics

/// Where a pickle comes from, for its failures.
struct PickleSource {
  /// The file's name in failures.
  let file: String
  /// The pickle's name in the archive.
  let key: String
  /// The offset of the pickle in the file.
  let base: Int
  /// How to convert a file that only PyTorch reads.
  let conversion: String

  /// A failure at a byte of the pickle.
  func failure(
    _ problem: String, at byte: Int, expected: String? = nil, remedy: String? = nil
  ) -> Failure {
    Failure(
      .badData, problem, at: Place(file, byte: base + byte, key: key), expected: expected,
      remedy: remedy ?? "download the file again")
  }
}

/// What the names in a pickle of tensors stand for.
extension PickleReader {
  /// PyTorch's limit.
  private static let mostAxes = 64
  /// The most values of a tensor that repeats those of its storage, which the file's size does not
  /// bound: 64 MB as 32-bit floats.
  private static let mostRepeated = 1 << 24

  /// A name as a global.
  ///
  /// - Throws: `badData` with the name if tensors do not need it.
  func global(_ name: String) throws(Failure) -> PickleGlobal {
    if let global = PickleGlobal(name) { return global }
    // Tensors of rarer kinds, which PyTorch converts; a class of its layers, for one, it does not.
    let isTensor = ["torch ", "torch._utils ", "torch.storage "].contains { name.hasPrefix($0) }
    throw source.failure(
      "the pickle names the global '\(name.prefix(256))', which tensors do not need", at: place,
      expected: "a dictionary of tensors, as torch.save(model.state_dict(), …) writes it",
      remedy: isTensor
        ? source.conversion
        : "use the model's safetensors, or save its weights alone (model.state_dict()); programs that"
          + " execute pickles run the code that a file names")
  }

  /// The storage that a persistent identifier names.
  mutating func storage(_ identifier: PickleValue) throws(Failure) -> PickleValue {
    guard case .tuple(let parts, _) = identifier, parts.count == 5,
      case .text("storage") = parts[0], case .global(.storage(let type)) = parts[1],
      case .text(let key) = parts[2], case .text = parts[3], case .integer(let count) = parts[4],
      count >= 0
    else {
      throw source.failure(
        "the opcode BINPERSID names something other than a storage", at: place,
        expected: "('storage', type, name, device, number of values)", remedy: source.conversion)
    }
    storages.append(PickledStorage(type: type, key: key, count: count))
    return .storage(storages.count - 1)
  }

  /// The value of a call; nil for a new `OrderedDict`.
  mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(Failure) -> PickleValue? {
    guard case .global(let global) = function, case .tuple(let arguments, _) = arguments else {
      throw source.failure(
        "the opcode REDUCE calls \(function.noun) with \(arguments.noun)", at: place,
        expected: "a global and a tuple")
    }
    switch global {
    case .orderedDictionary where arguments.isEmpty: return nil
    case .rebuildTensor: return try tensor(arguments)
    case .rebuildParameter:
      guard arguments.count == 3, case .tensor = arguments[0], case .boolean = arguments[1],
        case .dictionary = arguments[2]
      else { throw wrongArguments(global, arguments, "(tensor, requires_grad, hooks)") }
      return arguments[0]
    case .orderedDictionary: throw wrongArguments(global, arguments, "no arguments")
    case .storage: throw wrongArguments(global, arguments, "no call")
    }
  }

  private func wrongArguments(
    _ global: PickleGlobal, _ arguments: [PickleValue], _ expected: String
  ) -> Failure {
    let found =
      arguments.prefix(8).map(\.noun).joined(separator: ", ") + (arguments.count > 8 ? ", …" : "")
    return source.failure(
      "the opcode REDUCE calls '\(global.name)' with (\(found))", at: place, expected: expected,
      remedy: source.conversion)
  }

  private mutating func tensor(_ arguments: [PickleValue]) throws(Failure) -> PickleValue {
    // The seventh argument marks tensors whose values are conjugated or negated.
    guard arguments.count == 6 || arguments.count == 7, case .storage(let number) = arguments[0],
      case .integer(let offset) = arguments[1], case .tuple(let extents, _) = arguments[2],
      case .tuple(let distances, _) = arguments[3], case .boolean = arguments[4],
      case .dictionary = arguments[5]
    else {
      throw wrongArguments(
        .rebuildTensor, arguments, "(storage, offset, shape, strides, requires_grad, hooks)")
    }
    if arguments.count == 7 {
      guard case .none = arguments[6] else {
        throw wrongArguments(.rebuildTensor, arguments, "None as the seventh argument")
      }
    }
    let storage = storages[number]
    let (shape, strides) = (try integers(extents, "shape"), try integers(distances, "strides"))
    guard shape.count == strides.count, shape.count <= Self.mostAxes else {
      throw source.failure(
        "a tensor has \(shape.count) axes and \(strides.count) strides", at: place,
        expected: "a stride for each of at most \(Self.mostAxes) axes")
    }
    guard let count = product(of: shape),
      !count.multipliedReportingOverflow(by: storage.type.size).overflow
    else {
      throw source.failure(
        "the number of values of the shape \(shape) overflows", at: place)
    }
    // An empty tensor may begin anywhere: a slice of an empty one has the offset of the slice.
    guard let span = span(shape, strides), span <= storage.count, offset >= 0,
      span == 0 || offset <= storage.count - span
    else {
      throw source.failure(
        "a tensor of the shape \(shape) and the strides \(strides) from value \(offset) on is not"
          + " within its storage '\(storage.key)'",
        at: place, expected: "a view of the storage's \(storage.count) values")
    }
    guard count <= max(storage.count, Self.mostRepeated) else {
      throw source.failure(
        "a tensor repeats the \(storage.count) values of its storage to \(count)", at: place,
        expected: "at most \(Self.mostRepeated) values", remedy: source.conversion)
    }
    let steps = zip(shape, strides).map { $0 == 1 ? 0 : $1 }
    tensors.append(
      PickledTensor(
        storage: storage, offset: span == 0 ? 0 : offset, shape: shape,
        strides: isContiguous(shape, steps) ? nil : steps, span: span))
    return .tensor(tensors.count - 1)
  }

  private func integers(
    _ values: [PickleValue], _ what: String
  ) throws(Failure) -> [Int] {
    var integers: [Int] = []
    for value in values {
      guard case .integer(let integer) = value, integer >= 0 else {
        throw source.failure(
          "the \(what) of a tensor has \(value.noun)", at: place, expected: "integers from 0")
      }
      integers.append(integer)
    }
    return integers
  }

  /// The number of values from the first of a view to its last; 0 if it has none, nil if the number
  /// overflows.
  private func span(_ shape: [Int], _ strides: [Int]) -> Int? {
    if shape.contains(0) { return 0 }
    var span = 1
    for (extent, stride) in zip(shape, strides) {
      let (length, over) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, overSum) = span.addingReportingOverflow(length)
      if over || overSum { return nil }
      span = sum
    }
    return span
  }

  private func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    if shape.contains(0) { return true }
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent > 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// Sets the attributes of a dictionary: the modules' versions, which do not affect tensors.
  func build(_ object: PickleValue, _ state: PickleValue) throws(Failure) {
    guard case .dictionary(let number) = object, dictionaries[number].isOrdered,
      case .dictionary(let attributes) = state
    else {
      throw source.failure(
        "the opcode BUILD sets \(state.noun) as attributes of \(object.noun)", at: place,
        expected: "a dictionary for an OrderedDict", remedy: source.conversion)
    }
    let entries = dictionaries[attributes].entries
    guard entries.count <= 1 else {
      throw source.failure(
        "the opcode BUILD sets \(entries.count) attributes", at: place,
        expected: "the attribute '_metadata' alone", remedy: source.conversion)
    }
    for (name, value) in entries {
      guard name == "_metadata", case .dictionary = value else {
        throw source.failure(
          "the opcode BUILD sets the attribute '\(name)' to \(value.noun)", at: place,
          expected: "the attribute '_metadata', a dictionary", remedy: source.conversion)
      }
    }
  }

  /// The tensors of the pickle's result.
  func stateDictionary(
    _ result: PickleValue
  ) throws(Failure) -> [(name: String, tensor: PickledTensor)] {
    let remedy = "save the weights alone: torch.save(model.state_dict(), …)"
    guard case .dictionary(let number) = result, !dictionaries[number].entries.isEmpty else {
      let found = if case .dictionary = result { "an empty dictionary" } else { result.noun }
      throw source.failure(
        "the file holds \(found)", at: place, expected: "a dictionary of tensors", remedy: remedy)
    }
    var found: [(name: String, tensor: PickledTensor)] = []
    var names: Set<String> = []
    for (name, value) in dictionaries[number].entries {
      guard case .tensor(let number) = value else {
        throw source.failure(
          "the entry '\(name)' is \(value.noun)", at: place, expected: "a dictionary of tensors",
          remedy: remedy)
      }
      guard names.insert(name).inserted else {
        throw source.failure(
          "the name '\(name)' occurs twice", at: place, expected: "each name once")
      }
      found.append((name, tensors[number]))
    }
    return found
  }
}
