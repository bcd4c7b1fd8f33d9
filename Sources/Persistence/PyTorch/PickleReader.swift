import Diagnostics

/// Reads the pickle of a state dict: a dictionary of tensors, each a view of a storage that is
/// another file.
///
/// A pickle is a program for a stack machine that can call any Python function. This reader runs no
/// code: it understands the opcodes and the few names that tensors need, keeps account of what they
/// describe, and rejects everything else. Memory is bounded by the pickle's size, and values cannot
/// nest deeply.
struct PickleReader {
  /// Far above the largest models' pickles, at about 200 bytes a tensor.
  static let maximumSize = 64 << 20
  /// Pickles set a dictionary's items a thousand at a time.
  private static let deepestStack = 1 << 16
  /// Tuples of sizes within tuples of arguments have a depth of 2.
  private static let deepestTuple = 16
  private static let mostMemos = 1 << 22

  let bytes: [UInt8]
  let source: PickleSource
  /// The offset of the current opcode.
  private(set) var place = 0
  private var next = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  var dictionaries: [PickledDictionary] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  private init(_ bytes: [UInt8], _ source: PickleSource) {
    (self.bytes, self.source) = (bytes, source)
  }

  /// The tensors of a state dict by name, in its order.
  ///
  /// - Throws: `badData` with the byte offset, and the opcode or global, for anything else.
  static func tensors(
    of bytes: [UInt8], _ source: PickleSource
  ) throws(Failure) -> [(name: String, tensor: PickledTensor)] {
    var reader = PickleReader(bytes, source)
    let result = try reader.run()
    return try reader.stateDictionary(result)
  }

  private mutating func run() throws(Failure) -> PickleValue {
    while true {
      place = next
      let code = try byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw source.failure(
          "the byte \(code) of the pickle is not an opcode", at: place)
      }
      if place == 0, opcode != .version {
        throw source.failure(
          "the pickle begins with the opcode \(opcode.name)", at: 0, expected: "PROTO")
      }
      if opcode == .stop { return try result() }
      try run(opcode)
      guard stack.count <= Self.deepestStack, marks.count <= Self.deepestStack else {
        throw source.failure("the pickle's stack exceeds \(Self.deepestStack) values", at: place)
      }
    }
  }

  private mutating func run(_ opcode: PickleOpcode) throws(Failure) {
    switch opcode {
    case .version: try version()
    // A frame only says how much to read at once.
    case .frame: try require(try unsigned(8))
    case .mark: marks.append(stack.count)
    case .none: stack.append(.none)
    case .newTrue: stack.append(.boolean(true))
    case .newFalse: stack.append(.boolean(false))
    case .binaryInteger: stack.append(.integer(try signed(4)))
    case .binaryInteger1: stack.append(.integer(try unsigned(1)))
    case .binaryInteger2: stack.append(.integer(try unsigned(2)))
    case .long1: stack.append(.integer(try signed(try unsigned(1))))
    case .binaryUnicode: stack.append(.text(try text(try unsigned(4))))
    case .shortBinaryUnicode: stack.append(.text(try text(try unsigned(1))))
    case .binaryUnicode8: stack.append(.text(try text(try unsigned(8))))
    case .emptyTuple: try appendTuple([])
    case .tuple1: try appendTuple(try pop(1))
    case .tuple2: try appendTuple(try pop(2))
    case .tuple3: try appendTuple(try pop(3))
    case .tuple: try appendTuple(try popToMark())
    case .emptyDictionary: try appendDictionary(isOrdered: false)
    case .setItem: try setItems(try pop(2))
    case .setItems: try setItems(try popToMark())
    case .binaryPut: try put(try unsigned(1))
    case .longBinaryPut: try put(try unsigned(4))
    case .memoize: try put(memo.count)
    case .binaryGet: try get(try unsigned(1))
    case .longBinaryGet: try get(try unsigned(4))
    case .global: stack.append(.global(try global("\(try line()) \(try line())")))
    case .stackGlobal: try stackGlobal()
    case .binaryPersistentID: stack.append(try storage(try pop()))
    case .reduce:
      let operands = try pop(2)
      if let value = try call(operands[0], operands[1]) {
        stack.append(value)
      } else {
        try appendDictionary(isOrdered: true)
      }
    case .build:
      let state = try pop()
      try build(try top(), state)
    default:
      throw source.failure(
        "the pickle contains the opcode \(opcode.name), which tensors do not need", at: place,
        expected: "a dictionary of tensors", remedy: source.conversion)
    }
  }

  private mutating func version() throws(Failure) {
    let version = try unsigned(1)
    guard place == 0, (2...5).contains(version) else {
      throw source.failure(
        "the opcode PROTO names the protocol \(version)", at: place,
        expected: "a protocol from 2 to 5, at the beginning", remedy: source.conversion)
    }
  }

  /// The value at the end, which has to be the only one.
  private mutating func result() throws(Failure) -> PickleValue {
    guard next == bytes.count else {
      throw source.failure("\(bytes.count - next) bytes follow the opcode STOP", at: next)
    }
    let value = try pop()
    guard stack.isEmpty, marks.isEmpty else {
      throw source.failure("values remain on the pickle's stack at its end", at: place)
    }
    return value
  }
}

extension PickleReader {
  private func require(_ count: Int) throws(Failure) {
    guard count <= bytes.count - next else {
      throw source.failure(
        "the pickle ends within the opcode \(PickleOpcode(rawValue: bytes[place])?.name ?? "")",
        at: place)
    }
  }

  private mutating func byte() throws(Failure) -> UInt8 {
    guard next < bytes.count else {
      throw source.failure("the pickle ends without the opcode STOP", at: next)
    }
    defer { next += 1 }
    return bytes[next]
  }

  /// The next `count` bytes as a number.
  private mutating func unsigned(_ count: Int) throws(Failure) -> Int {
    let bits = try bits(count)
    guard let number = Int(exactly: bits) else {
      throw source.failure("the pickle contains the number \(bits)", at: place)
    }
    return number
  }

  /// The next `count` bytes as a number in two's complement.
  private mutating func signed(_ count: Int) throws(Failure) -> Int {
    guard count <= 8 else {
      throw source.failure("the pickle contains an integer of \(count) bytes", at: place)
    }
    guard count > 0 else { return 0 }
    let unused = 64 - 8 * count
    return Int(truncatingIfNeeded: Int64(bitPattern: try bits(count) << unused) >> unused)
  }

  private mutating func bits(_ count: Int) throws(Failure) -> UInt64 {
    try require(count)
    defer { next += count }
    return bytes[next..<next + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func text(_ count: Int) throws(Failure) -> String {
    try require(count)
    defer { next += count }
    guard let text = String(validating: bytes[next..<next + count], as: UTF8.self) else {
      throw source.failure("a string of the pickle is not UTF-8", at: place)
    }
    return text
  }

  /// The next text that ends with a line feed, without it.
  private mutating func line() throws(Failure) -> String {
    let most = 256
    guard let end = bytes[next...].prefix(most).firstIndex(of: 0x0A) else {
      try require(most)
      throw source.failure("a name in the pickle is longer than \(most) bytes", at: place)
    }
    let line = try text(end - next)
    next += 1
    return line
  }

  private func top() throws(Failure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw tooFewValues() }
    return value
  }

  private mutating func pop() throws(Failure) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// The last `count` values, in the order in which they were put on the stack.
  private mutating func pop(_ count: Int) throws(Failure) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw tooFewValues() }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(Failure) -> [PickleValue] {
    guard let mark = marks.popLast() else {
      throw source.failure("the opcode has no MARK before it", at: place)
    }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private func tooFewValues() -> Failure {
    source.failure("the pickle's stack has too few values for the opcode", at: place)
  }

  private mutating func appendTuple(_ items: [PickleValue]) throws(Failure) {
    let depth = items.reduce(0) { depth, item in
      if case .tuple(_, let inner) = item { max(depth, inner) } else { depth }
    }
    guard depth < Self.deepestTuple else {
      throw source.failure("tuples are nested more than \(depth) levels deep", at: place)
    }
    stack.append(.tuple(items, depth: depth + 1))
  }

  private mutating func appendDictionary(isOrdered: Bool) throws(Failure) {
    stack.append(.dictionary(dictionaries.count))
    dictionaries.append(PickledDictionary(isOrdered: isOrdered))
  }

  private mutating func setItems(_ items: [PickleValue]) throws(Failure) {
    guard case .dictionary(let number) = try top() else {
      throw source.failure(
        "items are set in \(try top().noun)", at: place, expected: "a dictionary")
    }
    guard items.count % 2 == 0 else {
      throw source.failure("a key of a dictionary has no value", at: place)
    }
    for index in stride(from: 0, to: items.count, by: 2) {
      guard case .text(let key) = items[index] else {
        throw source.failure(
          "a key of a dictionary is \(items[index].noun)", at: place, expected: "a string")
      }
      dictionaries[number].entries.append((key, items[index + 1]))
    }
  }

  private mutating func put(_ index: Int) throws(Failure) {
    guard memo.count < Self.mostMemos else {
      throw source.failure("the pickle's memo exceeds \(Self.mostMemos) values", at: place)
    }
    memo[index] = try top()
  }

  private mutating func get(_ index: Int) throws(Failure) {
    guard let value = memo[index] else {
      throw source.failure("the pickle's memo has no value \(index)", at: place)
    }
    stack.append(value)
  }

  private mutating func stackGlobal() throws(Failure) {
    let operands = try pop(2)
    guard case .text(let module) = operands[0], case .text(let name) = operands[1] else {
      throw source.failure(
        "the name of a global is \(operands[0].noun) and \(operands[1].noun)", at: place,
        expected: "two texts")
    }
    stack.append(.global(try global("\(module) \(name)")))
  }
}
