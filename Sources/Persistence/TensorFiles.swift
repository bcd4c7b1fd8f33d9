public import Diagnostics

/// The tensors of a model in one or more files. The files stay mapped: a tensor is read
/// when it is copied.
public struct TensorFiles: Sendable {
  /// All tensors, file after file, each file's in the order of their values.
  public let tensors: [TensorFile.Tensor]
  private let files: [TensorFile]
  /// For each tensor name, the index in `files` of the file that holds it.
  private let places: [String: Int]

  /// Combines files. Throws `.badData` with both files if two of them hold a tensor of the same
  /// name.
  public init(_ files: [TensorFile]) throws(Failure) {
    precondition(!files.isEmpty, "a model without files")
    var places: [String: Int] = [:]
    for (number, file) in files.enumerated() {
      for tensor in file.tensors {
        guard let first = places.updateValue(number, forKey: tensor.name) else { continue }
        throw Failure(
          .badData, "duplicate tensor '\(tensor.name)', also in \(files[first].name)",
          at: Place(file.name, key: tensor.name), expected: "each tensor in only one file",
          remedy: "download all files of the model again")
      }
    }
    self.files = files
    self.places = places
    tensors = files.flatMap(\.tensors)
  }

  /// The tensor called `name`, or nil if there is none.
  public subscript(_ name: String) -> TensorFile.Tensor? {
    places[name].flatMap { files[$0][name] }
  }

  /// The file that holds a tensor; for messages, the first file if there is none.
  public func file(of tensor: String) -> String { files[places[tensor] ?? 0].name }

  /// Copies the values of a tensor; see `TensorFile.copy`.
  public func copy(
    _ tensor: String, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    try files[places[tensor] ?? 0].copy(tensor, into: &values, finite: finite)
  }
}
