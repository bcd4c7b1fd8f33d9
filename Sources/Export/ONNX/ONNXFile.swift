import Diagnostics
import Files
import SwiftProtobuf

/// Writes an ONNX file: the generated code of protobuf encodes everything but the weights, whose
/// bytes are written as they are computed. The fields of a protobuf message may come in any order,
/// so a graph can be written in two pieces.
///
/// Where the file would exceed protobuf's limit, its large weights are in a second file beside it,
/// and the tensors say where.
struct ONNXFile {
  /// The operator set, the first with LayerNormalization. ONNX Runtime reads it from 1.12 on.
  static let operatorSet = 17
  /// The version of the file format for this operator set.
  static let formatVersion = 8
  /// The size limit of protobuf.
  static let mostBytes = Int(Int32.max)
  /// The size from which a weight is in a file of its own, if there is one: constants of nodes, which
  /// readers look at before they run the graph, are smaller.
  private static let leastOutside = 1024
  /// The alignment of weights in that file: a page, so that readers can map them.
  private static let page = 4096

  let graph: ONNXGraph
  /// The metadata of the model: keys and values.
  let properties: [(key: String, value: String)]

  private enum Field {
    static let graph = 7
    static let initializer = 5
    static let rawData = 9
  }

  /// The parts of a file before the bytes of the weights.
  private struct Parts {
    let head: [UInt8]
    let body: [UInt8]
    /// What precedes each weight's bytes.
    let tensors: [[UInt8]]
    /// Where the bytes of a weight begin in the file of weights; nil for those in the file itself.
    let places: [Int?]
    let graphSize: Int

    /// An upper bound on the size of the file.
    var total: Int { head.count + 16 + graphSize }
  }

  /// Writes the file `name`, and one of weights if it would have more than `most` bytes.
  ///
  /// - Parameter mayDivide: whether readers of the format take weights from a second file.
  /// - Throws: `io`, or `badData` if a single file would exceed the limit.
  func write(
    to name: String, in folder: FolderWriter, most: Int, mayDivide: Bool
  ) throws(Failure) {
    var parts = try parts(weightsIn: nil)
    if parts.total > most {
      guard mayDivide else {
        throw Failure(
          .badData, "the ONNX file would have \(parts.total) bytes",
          at: Place("\(folder.path)/\(name)"),
          expected: "at most \(most), the limit of its format",
          remedy: "choose the precision f16 or int8, or the format onnx, which divides the file")
      }
      let outside = name + Self.ending
      parts = try self.parts(weightsIn: outside.split(separator: "/").last.map(String.init))
      try folder.write(outside) { (file) throws(Failure) in
        for (weight, place) in zip(graph.weights, parts.places) {
          guard let place else { continue }
          try file.append([UInt8](repeating: 0, count: place - file.count))
          try weight.writeBytes(to: &file)
        }
      }
    }
    try folder.write(name) { (file) throws(Failure) in
      try file.append(parts.head)
      try file.append(prefix(Field.graph, parts.graphSize))
      try file.append(parts.body)
      for (number, weight) in graph.weights.enumerated() {
        try file.append(parts.tensors[number])
        if parts.places[number] == nil { try weight.writeBytes(to: &file) }
      }
    }
  }

  /// An upper bound on the size of a single file.
  var size: Int { get throws(Failure) { try parts(weightsIn: nil).total } }

  /// What the name of the file of weights adds to that of the graph, as other exporters name it.
  private static let ending = "_data"

  /// The parts of the file, with large weights in another file if it has a name.
  private func parts(weightsIn outside: String?) throws(Failure) -> Parts {
    let body = try bytes(of: graph.message(name: "cross-encoder"))
    var tensors: [[UInt8]] = []
    var places: [Int?] = []
    var size = body.count
    var end = 0
    for weight in graph.weights {
      var message = Onnx_TensorProto()
      message.name = weight.name
      message.dataType = Int32(weight.type.rawValue)
      message.dims = weight.dims.map(Int64.init)
      if let outside, weight.byteCount >= Self.leastOutside {
        let place = (end + Self.page - 1) / Self.page * Self.page
        message.dataLocation = .external
        message.externalData = [
          Self.entry("location", outside), Self.entry("offset", "\(place)"),
          Self.entry("length", "\(weight.byteCount)"),
        ]
        let bytes = try bytes(of: message)
        tensors.append(prefix(Field.initializer, bytes.count) + bytes)
        places.append(place)
        size += tensors[tensors.count - 1].count
        end = place + weight.byteCount
      } else {
        let header = try bytes(of: message) + prefix(Field.rawData, weight.byteCount)
        let length = header.count + weight.byteCount
        let start = prefix(Field.initializer, length)
        tensors.append(start + header)
        places.append(nil)
        size += start.count + length
      }
    }
    return Parts(
      head: try bytes(of: modelMessage()), body: body, tensors: tensors, places: places,
      graphSize: size)
  }

  private static func entry(_ key: String, _ value: String) -> Onnx_StringStringEntryProto {
    var entry = Onnx_StringStringEntryProto()
    (entry.key, entry.value) = (key, value)
    return entry
  }

  private func modelMessage() -> Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = Int64(Self.formatVersion)
    model.producerName = Program.name
    model.producerVersion = Program.version
    var operators = Onnx_OperatorSetIdProto()
    operators.version = Int64(Self.operatorSet)
    model.opsetImport = [operators]
    model.metadataProps = properties.map { Self.entry($0.key, $0.value) }
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

extension ONNXWeight {
  /// Writes the bytes.
  fileprivate func writeBytes(to file: inout FileWriter) throws(Failure) {
    let start = file.count
    try write { (span) throws(Failure) in try file.append(span) }
    precondition(file.count - start == byteCount, "'\(name)' has another size")
  }
}
