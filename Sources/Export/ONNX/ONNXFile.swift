import Diagnostics
import Files
import SwiftProtobuf

/// Writes an ONNX file: the generated code of protobuf encodes everything but the weights, whose
/// bytes are written as they are computed. The fields of a protobuf message may come in any order,
/// so a graph can be written in two pieces.
struct ONNXFile {
  /// The operator set, the first with LayerNormalization. ONNX Runtime reads it from 1.12 on.
  static let operatorSet = 17
  /// The version of the file format for this operator set.
  static let formatVersion = 8

  let graph: ONNXGraph
  /// The metadata of the model: keys and values.
  let properties: [(key: String, value: String)]

  private enum Field {
    static let graph = 7
    static let initializer = 5
    static let rawData = 9
  }

  /// Writes the file.
  ///
  /// - Throws: `io`, or `badData` if the file would exceed the size limit of protobuf.
  func write(to file: inout FileWriter, at place: Place) throws(Failure) {
    let head = try bytes(of: modelMessage())
    let body = try bytes(of: graph.message(name: "cross-encoder"))
    var tensors: [[UInt8]] = []
    var size = body.count
    for weight in graph.weights {
      var message = Onnx_TensorProto()
      message.name = weight.name
      message.dataType = Int32(weight.type.rawValue)
      message.dims = weight.dims.map(Int64.init)
      let header = try bytes(of: message) + prefix(Field.rawData, weight.byteCount)
      let length = header.count + weight.byteCount
      let start = prefix(Field.initializer, length)
      size += start.count + length
      tensors.append(start + header)
    }
    let total = head.count + 16 + size
    guard total <= Int(Int32.max) else {
      throw Failure(
        .badData, "the ONNX file would have \(total) bytes", at: place,
        expected: "at most \(Int32.max), the limit of its format",
        remedy: "choose the precision f16 or int8")
    }
    try file.append(head)
    try file.append(prefix(Field.graph, size))
    try file.append(body)
    for (weight, header) in zip(graph.weights, tensors) {
      try file.append(header)
      let start = file.count
      try weight.write { (span) throws(Failure) in try file.append(span) }
      precondition(file.count - start == weight.byteCount, "'\(weight.name)' has another size")
    }
  }

  private func modelMessage() -> Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = Int64(Self.formatVersion)
    model.producerName = Program.name
    model.producerVersion = Program.version
    var operators = Onnx_OperatorSetIdProto()
    operators.version = Int64(Self.operatorSet)
    model.opsetImport = [operators]
    model.metadataProps = properties.map { property in
      var entry = Onnx_StringStringEntryProto()
      entry.key = property.key
      entry.value = property.value
      return entry
    }
    return model
  }

  private func bytes(of message: some SwiftProtobuf.Message) throws(Failure) -> [UInt8] {
    do {
      return try message.serializedBytes()
    } catch {
      throw Failure(.software, "a part of an ONNX file cannot be written: \(error)")
    }
  }

  /// The tag and the length of a field of `count` bytes.
  private func prefix(_ field: Int, _ count: Int) -> [UInt8] {
    var bytes = [UInt8(field << 3 | 2)]
    var rest = count
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    return bytes
  }
}
