import Diagnostics
import Export
import Files
import Tensors

/// Runs an ONNX file as the specification defines it, without optimisation, so that an export can
/// be checked on any machine. It supports the operators of the graphs that this program writes, and
/// shares no code with the writer.
struct ONNXInterpreter {
  private let document: ONNXDocument
  /// The number of nodes that read each value.
  private let uses: [String: Int]

  /// Reads a file.
  ///
  /// - Throws: `badData` if it is not an ONNX file, or uses a different operator set.
  init(_ bytes: Bytes, name: String) throws(Failure) {
    document = try ONNXDocument(bytes, name: name)
    guard document.operatorSet == 17 else {
      throw Failure(
        .badData, "unsupported operator set version \(document.operatorSet)",
        at: Place(name), expected: "17")
    }
    var uses: [String: Int] = [:]
    for node in document.graph.node { for name in node.input { uses[name, default: 0] += 1 } }
    self.uses = uses
  }

  /// The names of the inputs.
  var inputs: [String] { document.graph.input.map(\.name) }

  /// The value of the output `name` for these inputs.
  ///
  /// - Throws: `badData` for an unknown operator, a missing value, and incompatible shapes.
  func run(_ inputs: [String: ONNXTensor], output name: String) throws(Failure) -> ONNXTensor {
    var values = inputs
    var remaining = uses
    for node in document.graph.node {
      let results = try self.results(of: node, values)
      for name in node.input {
        remaining[name, default: 1] -= 1
        if remaining[name] == 0 { values[name] = nil }
      }
      for (name, result) in zip(node.output, results) { values[name] = result }
    }
    guard let result = values[name] else {
      throw Failure(.badData, "the output '\(name)' is missing", at: Place(document.name))
    }
    return result
  }

  private func results(
    of node: Onnx_NodeProto, _ values: [String: ONNXTensor]
  ) throws(Failure) -> [ONNXTensor] {
    guard let operation = ONNXOperations.all[node.opType], node.domain.isEmpty else {
      throw failure(node, "the operator is unknown")
    }
    let attributes = ONNXAttributes(node.attribute)
    if node.opType == "Gather", node.input.count == 2, let table = document.weights[node.input[0]],
      attributes.whole("axis") ?? 0 == 0
    {
      return [try rows(of: table, node, values)]
    }
    var operands: [ONNXTensor] = []
    for name in node.input { operands.append(try value(name, for: node, values)) }
    do throws(ONNXOperations.Mismatch) {
      return try operation(attributes, operands)
    } catch {
      throw failure(node, error.problem)
    }
  }

  private func value(
    _ name: String, for node: Onnx_NodeProto, _ values: [String: ONNXTensor]
  ) throws(Failure) -> ONNXTensor {
    if let value = values[name] { return value }
    if let stored = document.weights[name] { return ONNXTensor(stored) }
    throw failure(node, "the input '\(name)' is missing")
  }

  /// Reads only the requested rows of a table in the file.
  private func rows(
    of table: ONNXDocument.Stored, _ node: Onnx_NodeProto, _ values: [String: ONNXTensor]
  ) throws(Failure) -> ONNXTensor {
    let indices = try value(node.input[1], for: node, values)
    let rows = indices.wholes
    guard let extent = table.dims.first, rows.allSatisfy({ (0..<extent).contains($0) }) else {
      throw failure(node, "the table lacks a requested row")
    }
    return ONNXTensor(table, rows: rows).reshaped(indices.shape + table.dims.dropFirst())
  }

  private func failure(_ node: Onnx_NodeProto, _ problem: String) -> Failure {
    Failure(
      .badData, "the node of type \(node.opType) cannot be computed: \(problem)",
      at: Place(document.name, key: node.name))
  }
}

/// The attributes of a node.
struct ONNXAttributes {
  private let attributes: [Onnx_AttributeProto]

  init(_ attributes: [Onnx_AttributeProto]) { self.attributes = attributes }

  func whole(_ name: String) -> Int? {
    attributes.first { $0.name == name && $0.type == .int }.map { Int($0.i) }
  }

  func wholes(_ name: String) -> [Int]? {
    attributes.first { $0.name == name && $0.type == .ints }.map { $0.ints.map(Int.init) }
  }

  func number(_ name: String) -> Float? {
    attributes.first { $0.name == name && $0.type == .float }.map(\.f)
  }
}
