public import Diagnostics

/// The tensors of a model in one or more files. The files stay mapped: a tensor is read
/// when it is copied.
public struct TensorFiles: Sendable {
  /// All tensors, file after file, in each file's order.
  public let tensors: [TensorFile.Tensor]
  private let files: [TensorFile]
  /// For each file, what its tensors' names begin with here and not in the file.
  private let prefixes: [String]
  /// For each tensor name, the index in `files` of the file that holds it.
  private let places: [String: Int]

  /// Combines files. Throws `.badData` with both files if two of them hold a tensor of the same
  /// name.
  public init(_ files: [TensorFile]) throws(Failure) {
    try self.init(files, prefixes: files.map { _ in "" })
  }

  private init(_ files: [TensorFile], prefixes: [String]) throws(Failure) {
    precondition(!files.isEmpty, "a model without files")
    var places: [String: Int] = [:]
    var tensors: [TensorFile.Tensor] = []
    for (number, file) in files.enumerated() {
      for tensor in file.tensors {
        let name = prefixes[number] + tensor.name
        tensors.append(tensor.named(name))
        guard let first = places.updateValue(number, forKey: name) else { continue }
        throw Failure(
          .badData, "duplicate tensor '\(name)', also in \(files[first].name)",
          at: Place(file.name, key: tensor.name), expected: "each tensor in only one file",
          remedy: "download all files of the model again")
      }
    }
    self.files = files
    self.prefixes = prefixes
    self.places = places
    self.tensors = tensors
  }

  /// These tensors and those of another part of the model, whose names begin with `prefix` here and
  /// not in their files. Throws `.badData` if a name occurs twice.
  public func joined(_ part: TensorFiles, below prefix: String) throws(Failure) -> TensorFiles {
    try TensorFiles(
      files + part.files, prefixes: prefixes + part.prefixes.map { prefix + $0 })
  }

  /// Whether a name is one of a part that was joined.
  public func isOfPart(_ name: String) -> Bool {
    prefixes.contains { !$0.isEmpty && name.hasPrefix($0) }
  }

  /// The tensor called `name`, or nil if there is none.
  public subscript(_ name: String) -> TensorFile.Tensor? {
    places[name].flatMap { files[$0][String(name.dropFirst(prefixes[$0].count))]?.named(name) }
  }

  /// The file that holds a tensor; for messages, a file of its part if there is none.
  public func file(of tensor: String) -> String { files[place(of: tensor)].name }

  private func place(of tensor: String) -> Int {
    places[tensor]
      ?? prefixes.firstIndex { !$0.isEmpty && tensor.hasPrefix($0) } ?? 0
  }

  /// Copies the values of a tensor; see `TensorFile.copy`.
  public func copy(
    _ tensor: String, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    let place = place(of: tensor)
    try files[place].copy(
      String(tensor.dropFirst(prefixes[place].count)), into: &values, finite: finite)
  }

  /// Copies one row of a matrix; see `TensorFile.copy`.
  public func copy(
    _ tensor: String, row: Int, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    let place = place(of: tensor)
    try files[place].copy(
      String(tensor.dropFirst(prefixes[place].count)), row: row, into: &values, finite: finite)
  }
}

extension TensorFile.Tensor {
  /// The same values under another name.
  fileprivate func named(_ name: String) -> TensorFile.Tensor {
    TensorFile.Tensor(name: name, type: type, shape: shape, range: range, strides: strides)
  }
}
