import Diagnostics
import Export
import Files

/// The external data of an ONNX file: the files beside it in which tensors are stored, each mapped
/// once.
struct ONNXExternalData {
  private let name: String
  private let folder: String
  private var files: [String: Bytes] = [:]

  /// The files beside the ONNX file at a path.
  init(besides name: String) {
    self.name = name
    folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
  }

  /// The bytes of a tensor.
  ///
  /// - Throws: `badData` if the tensor does not say where they are, names a file outside the folder
  ///   or ends behind the end of the file; `missingInput` if there is no such file.
  mutating func bytes(of tensor: Onnx_TensorProto) throws(Failure) -> Bytes {
    func value(_ key: String) -> String? { tensor.externalData.first { $0.key == key }?.value }
    let place = Place(name, key: tensor.name)
    guard let location = value("location"), !location.isEmpty, !location.hasPrefix("/"),
      !location.split(separator: "/").contains("..")
    else {
      throw Failure(
        .badData, "the tensor '\(tensor.name)' is in no file of this folder", at: place,
        expected: "'location', the name of a file beside the ONNX file")
    }
    let path = folder + location
    let file = try self.file(path)
    let start = Int(value("offset") ?? "0")
    let count = value("length").map { Int($0) } ?? start.map { file.count - max($0, 0) }
    guard let start, let count, start >= 0, count >= 0 else {
      throw Failure(
        .badData, "the tensor '\(tensor.name)' has no place in '\(location)'", at: place,
        expected: "'offset' and 'length' in bytes")
    }
    guard start <= file.count, count <= file.count - start else {
      throw Failure(
        .badData,
        "the file ends before the tensor '\(tensor.name)': it has \(file.count) bytes, and the"
          + " tensor is at \(start), \(count) bytes long", at: Place(path),
        expected: "the file that was written with \(name)",
        remedy: "copy both files again, or export the model again")
    }
    return file[start..<start + count]
  }

  private mutating func file(_ path: String) throws(Failure) -> Bytes {
    if let known = files[path] { return known }
    guard fileKind(at: path) == .file else {
      throw Failure(
        .missingInput, "weights of the ONNX file are missing", at: Place(path),
        expected: "the file that was written with \(name)",
        remedy: "copy both files into the same folder")
    }
    let bytes = try Bytes(mapping: path)
    files[path] = bytes
    return bytes
  }
}
