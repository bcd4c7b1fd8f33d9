import Diagnostics
import Export
import Files
import SwiftProtobuf

/// A parsed ONNX file: nodes, inputs and outputs, and the weights as views of its bytes.
struct ONNXDocument {
  /// A tensor of the file.
  struct Stored {
    let type: ONNXType
    let dims: [Int]
    let bytes: Bytes
  }

  /// The version of the file format.
  let formatVersion: Int
  /// The version of the operators.
  let operatorSet: Int
  /// Nodes, inputs and outputs.
  let graph: Onnx_GraphProto
  /// The tensors of the file by name.
  let weights: [String: Stored]
  let name: String

  private enum Field {
    static let graph = 7
    static let initializer = 5
  }

  /// Parses a file; its weights are not copied. Those in other files are read from the same folder.
  ///
  /// - Throws: `badData` if it is not an ONNX file, or if a file of its weights is too short;
  ///   `missingInput` if one is missing.
  init(_ bytes: Bytes, name: String) throws(Failure) {
    var externalData = ONNXExternalData(besides: name)
    var head: [UInt8] = []
    var body: [UInt8] = []
    var weights: [String: Stored] = [:]
    var fields = WireFields(bytes, in: 0..<bytes.count, name: name)
    while let field = try fields.next() {
      guard field.number == Field.graph, let graph = field.contents else {
        head += bytes[field.all].array
        continue
      }
      var inner = WireFields(bytes, in: graph, name: name)
      while let part = try inner.next() {
        guard part.number == Field.initializer, let tensor = part.contents else {
          body += bytes[part.all].array
          continue
        }
        let (key, stored) = try Self.tensor(bytes, tensor, name: name, &externalData)
        weights[key] = stored
      }
    }
    let model: Onnx_ModelProto = try Self.message(head, name)
    graph = try Self.message(body, name)
    formatVersion = Int(model.irVersion)
    operatorSet = Int(model.opsetImport.first { $0.domain.isEmpty }?.version ?? 0)
    self.weights = weights
    self.name = name
  }

  private static func message<M: SwiftProtobuf.Message>(
    _ bytes: [UInt8], _ name: String
  ) throws(Failure) -> M {
    do {
      return try M(serializedBytes: bytes)
    } catch {
      throw Failure(.badData, "this is not an ONNX file", at: Place(name))
    }
  }

  private static func tensor(
    _ bytes: Bytes, _ range: Range<Int>, name: String, _ externalData: inout ONNXExternalData
  ) throws(Failure) -> (String, Stored) {
    var head: [UInt8] = []
    var raw: Bytes?
    var fields = WireFields(bytes, in: range, name: name)
    while let field = try fields.next() {
      if field.number == 9, let contents = field.contents {
        raw = bytes[contents]
      } else {
        head += bytes[field.all].array
      }
    }
    let tensor: Onnx_TensorProto = try message(head, name)
    if tensor.dataLocation == .external { raw = try externalData.bytes(of: tensor) }
    guard let type = ONNXType(rawValue: Int(tensor.dataType)), type.size > 0, let raw,
      tensor.dims.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }),
      tensor.dims.reduce(type.size, { $0 &* Int($1) }) == raw.count
    else {
      throw Failure(
        .badData,
        "the tensor '\(tensor.name)' does not have the number of bytes that its shape requires",
        at: Place(name, key: tensor.name))
    }
    return (tensor.name, Stored(type: type, dims: tensor.dims.map(Int.init), bytes: raw))
  }
}
