import Diagnostics
import Foundation

/// An ONNX graph under construction: nodes in the order in which they are computed, and the tensors
/// stored in the file.
struct ONNXGraph {
  /// A value of the graph by name: an input, a weight, or the result of a node.
  struct Value: Hashable, Sendable {
    let name: String
    let type: ONNXType
  }

  private(set) var nodes: [Onnx_NodeProto] = []
  private(set) var weights: [ONNXWeight] = []
  private(set) var inputs: [Onnx_ValueInfoProto] = []
  private(set) var outputs: [Onnx_ValueInfoProto] = []
  private var constants: Set<String> = []
  /// The names of all values.
  private var names: Set<String> = []

  /// A fixed extent, or a named one that may differ from call to call.
  enum Extent {
    case fixed(Int)
    case named(String)
  }

  /// Adds an input.
  mutating func input(_ name: String, _ type: ONNXType, _ extents: [Extent]) -> Value {
    inputs.append(Self.info(name, type, extents))
    names.insert(name)
    return Value(name: name, type: type)
  }

  /// Makes a value an output, under its own name.
  mutating func output(_ value: Value, _ extents: [Extent]) {
    outputs.append(Self.info(value.name, value.type, extents))
  }

  /// Adds a stored tensor.
  mutating func weight(_ weight: ONNXWeight) -> Value {
    precondition(names.insert(weight.name).inserted, "two values are called '\(weight.name)'")
    weights.append(weight)
    return Value(name: weight.name, type: weight.type)
  }

  /// Adds a node with one result; both have the name `name`, with a number appended if the name is
  /// in use. The result has the type of the first input unless `type` is given.
  mutating func add(
    _ operation: String, _ inputs: [Value], as name: String, _ attributes: [Attribute] = [],
    type: ONNXType? = nil
  ) -> Value {
    let name = unused(name)
    var node = Onnx_NodeProto()
    node.opType = operation
    node.name = name
    node.input = inputs.map(\.name)
    node.output = [name]
    node.attribute = attributes.map(\.message)
    nodes.append(node)
    return Value(name: name, type: type ?? inputs.first?.type ?? .undefined)
  }

  /// The name, with a number appended if it is in use.
  private mutating func unused(_ name: String) -> String {
    if names.insert(name).inserted { return name }
    var number = 2
    while !names.insert("\(name).\(number)").inserted { number += 1 }
    return "\(name).\(number)"
  }

  /// Integers for operations that take them as an input: `[count]`.
  mutating func wholes(_ values: [Int]) -> Value {
    let name = "constant.wholes." + values.map(String.init).joined(separator: "_")
    let bytes = values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: Int64(value) >> (8 * Int64($0))) }
    }
    return constant(ONNXWeight(name, .int64, [values.count], bytes: bytes))
  }

  /// One integer, `[]`.
  mutating func whole(_ value: Int) -> Value {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: Int64(value) >> (8 * Int64($0))) }
    return constant(ONNXWeight("constant.whole.\(value)", .int64, [], bytes: bytes))
  }

  /// One number, `[]`.
  mutating func number(_ value: Float, _ type: ONNXType) -> Value {
    constant(
      ONNXWeight("constant.\(type == .float16 ? "f16" : "f32").\(value)", type, [], values: [value])
    )
  }

  /// An unsigned integer of 8 bits, `[]`.
  mutating func byte(_ value: UInt8) -> Value {
    constant(ONNXWeight("constant.u8.\(value)", .uint8, [], bytes: [value]))
  }

  private mutating func constant(_ weight: ONNXWeight) -> Value {
    if constants.insert(weight.name).inserted { weights.append(weight) }
    return Value(name: weight.name, type: weight.type)
  }

  /// The graph without its weights.
  func message(name: String) -> Onnx_GraphProto {
    var graph = Onnx_GraphProto()
    graph.name = name
    graph.node = nodes
    graph.input = inputs
    graph.output = outputs
    return graph
  }

  private static func info(
    _ name: String, _ type: ONNXType, _ extents: [Extent]
  ) -> Onnx_ValueInfoProto {
    var shape = Onnx_TensorShapeProto()
    shape.dim = extents.map { extent in
      var dimension = Onnx_TensorShapeProto.Dimension()
      switch extent {
      case .fixed(let count): dimension.dimValue = Int64(count)
      case .named(let name): dimension.dimParam = name
      }
      return dimension
    }
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = Int32(type.rawValue)
    tensor.shape = shape
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType = tensor
    return info
  }
}

extension ONNXGraph {
  /// An attribute of a node.
  enum Attribute {
    case whole(String, Int)
    case wholes(String, [Int])
    case number(String, Float)

    var message: Onnx_AttributeProto {
      var attribute = Onnx_AttributeProto()
      switch self {
      case .whole(let name, let value):
        attribute.name = name
        attribute.type = .int
        attribute.i = Int64(value)
      case .wholes(let name, let values):
        attribute.name = name
        attribute.type = .ints
        attribute.ints = values.map(Int64.init)
      case .number(let name, let value):
        attribute.name = name
        attribute.type = .float
        attribute.f = value
      }
      return attribute
    }
  }
}
