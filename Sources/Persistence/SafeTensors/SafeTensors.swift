public import Diagnostics
public import Files

/// A safetensors file: named tensors behind a JSON header
/// (https://github.com/huggingface/safetensors).
///
/// The header is checked completely before any tensor is read: the tensors are contiguous, fill the
/// file without gaps, and each has the size that its type and shape require.
public struct SafeTensors: Sendable {
  /// One tensor of the file.
  public typealias Tensor = TensorFile.Tensor

  /// The tensors, in the order of their values in the file.
  public let file: TensorFile
  /// The metadata strings of the header; `format` is usual.
  public let metadata: [String: String]

  /// Reads and checks the header.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; mapped bytes are read on access.
  ///   - name: the file's name in failures.
  ///
  /// Throws `.badData` with the byte offset and, if known, the tensor.
  public init(bytes: Bytes, name: String) throws(Failure) {
    let header = try SafeTensorsHeader(bytes, file: name)
    file = TensorFile(name: name, bytes: bytes, tensors: header.tensors)
    metadata = header.metadata
  }

  /// Maps the file at `path` and reads its header. Throws `.missingInput`, `.io`, `.badData`.
  public init(path: String) throws(Failure) {
    try self.init(bytes: try Bytes(mapping: path), name: path)
  }

  /// The file's name in failures.
  public var name: String { file.name }

  /// The tensors, in the order of their values in the file.
  public var tensors: [Tensor] { file.tensors }

  /// The tensor called `name`, or nil if there is none.
  public subscript(_ name: String) -> Tensor? { file[name] }

  /// Copies the values of a tensor as 32-bit floats; see `TensorFile.copy`.
  public func copy(
    _ tensor: String, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    try file.copy(tensor, into: &values, finite: finite)
  }
}
