import CHDF5
public import Diagnostics

/// Writes one checkpoint: an HDF5 file of numbers and texts under paths such as
/// `/model/classifier.weight`.
///
/// The file is written beside `path` and renamed in `finish()`, after its contents have reached the
/// disk: a crash at any moment leaves the previous file intact. A writer that is dropped before
/// `finish()` removes its file. Equal contents give equal bytes.
public struct CheckpointWriter: ~Copyable {
  private let replacement: Replacement
  /// HDF5's handle of the open file; nil once it is closed.
  private var file: Int64?
  private var groups: Set<String> = []
  private var entries: Set<String> = []

  /// Begins a checkpoint for `path`.
  ///
  /// Throws `.cannotCreate` or `.io` if no file can be created beside `path`.
  public init(_ path: String) throws(Failure) {
    let replacement = try Replacement(of: path)
    let file = try HDF5.alone { () throws(Failure) -> Int64 in
      let file = unsafe ltr_h5_create(replacement.partial, hsize_t(Seal.byteCount))
      if file >= 0 { return file }
      let reason = HDF5.message()
      replacement.discard()
      throw Failure(.io, "the checkpoint cannot be created: \(reason)", at: Place(path))
    }
    self.replacement = replacement
    self.file = file
  }

  deinit {
    if let file { HDF5.alone { _ = H5Fclose(file) } }
    replacement.discard()
  }

  /// Adds numbers at `path`, of any shape; `[]` is a scalar. The values are written without a copy.
  ///
  /// - Parameters:
  ///   - path: the path from the root, its parts separated by `/`; groups are created as needed.
  ///   - values: as many as the product of `shape`, the last axis fastest.
  ///   - shape: at most 32 axes, none negative.
  ///
  /// Throws `.io` if writing fails, `.software` if `path` is in use or malformed or the shape does
  /// not match the values.
  public mutating func put<Number: CheckpointNumber>(
    _ path: String, _ values: Span<Number>, shape: [Int]
  ) throws(Failure) {
    guard shape.count <= HDF5.maximumRank, product(of: shape) == values.count else {
      throw Failure(
        .software, "\(values.count) values do not fill the shape \(shape)", at: place(path))
    }
    let type = Number.checkpointKind.numberType
    try unsafe put(path, bytes: values.bytes, type: type, shape: shape)
  }

  /// Adds one number at `path`. Throws as `put(_:_:shape:)` does.
  public mutating func put<Number: CheckpointNumber>(
    _ path: String, _ value: Number
  ) throws(Failure) {
    try put(path, [value].span, shape: [])
  }

  /// Adds a text at `path`, as UTF-8. It may be empty but must not end in a zero character, which
  /// HDF5 cannot distinguish from padding. Throws as `put(_:_:shape:)` does.
  public mutating func put(_ path: String, _ text: String) throws(Failure) {
    var bytes = Array(text.utf8)
    guard bytes.last != 0 else {
      throw Failure(.software, "a text that ends in a zero cannot be stored", at: place(path))
    }
    // HDF5 has no strings of zero bytes; one byte of padding reads back as the empty text.
    if bytes.isEmpty { bytes.append(0) }
    let size = bytes.count
    let type = HDF5.alone { ltr_h5_text(size) }
    defer { HDF5.alone { _ = H5Tclose(type) } }
    try unsafe put(path, bytes: bytes.span.bytes, type: type, shape: [])
  }

  /// Replaces the old checkpoint with the finished one.
  ///
  /// Throws `.io` if writing fails; the old file is then unchanged.
  public consuming func finish() throws(Failure) {
    guard let file else { return }
    self.file = nil
    let failed = HDF5.alone { () -> String? in
      let flushed = H5Fflush(file, H5F_SCOPE_GLOBAL)
      let reason = flushed < 0 ? HDF5.message() : nil
      return H5Fclose(file) < 0 ? reason ?? HDF5.message() : reason
    }
    if let failed { throw cannotWrite(failed, at: Place(replacement.path)) }
    try Seal.put(on: replacement.partial)
    try replacement.commit()
  }

  private mutating func put(
    _ path: String, bytes: RawSpan, type: hid_t, shape: [Int]
  ) throws(Failure) {
    guard let file else { return }
    let parts = try parts(of: path)
    let checksum = Fletcher4(bytes).words
    let place = place(path)
    let missing = parts.dropLast().indices.map { parts[...$0].joined(separator: "/") }
      .filter { !groups.contains($0) }
    try unsafe bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws(Failure) in
      let values = raw.baseAddress
      let failed = HDF5.alone { () -> String? in
        for group in missing {
          let made = unsafe ltr_h5_create_group(file, group)
          if made < 0 { return HDF5.message() }
          H5Gclose(made)
        }
        let extents = shape.map { hsize_t($0) }
        let name = parts.joined(separator: "/")
        let rank = Int32(shape.count)
        let dataset = unsafe ltr_h5_create_dataset(file, name, type, rank, extents)
        if dataset < 0 { return HDF5.message() }
        defer { H5Dclose(dataset) }
        if let values = unsafe values, unsafe ltr_h5_write(dataset, type, values) < 0 {
          return HDF5.message()
        }
        let words = hsize_t(checksum.count)
        let put = unsafe ltr_h5_put_words(dataset, HDF5.checksum, checksum, words)
        return put < 0 ? HDF5.message() : nil
      }
      if let failed { throw cannotWrite(failed, at: place) }
    }
    groups.formUnion(missing)
    entries.insert(parts.joined(separator: "/"))
  }

  /// The components of a path that is well formed and unused.
  private func parts(of path: String) throws(Failure) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1, parts[0].isEmpty,
      parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) && !$0.utf8.contains(0) })
    else {
      throw Failure(
        .software, "'\(path)' is not a path in a checkpoint", at: place(path),
        expected: "a path such as /model/classifier.weight")
    }
    let names = parts.indices.dropFirst().map { parts[1...$0].joined(separator: "/") }
    guard names.allSatisfy({ !entries.contains($0) }), !groups.contains(names[names.count - 1])
    else {
      throw Failure(.software, "the checkpoint already has an entry '\(path)'", at: place(path))
    }
    return Array(parts.dropFirst())
  }

  private func place(_ path: String) -> Place { Place(replacement.path, key: path) }
}

/// The failure of writing to the disk.
private func cannotWrite(_ reason: String, at place: Place) -> Failure {
  Failure(
    .io, "the checkpoint cannot be written: \(reason)", at: place,
    remedy: "free disk space; the previous checkpoint is unchanged")
}

/// The number of values of a shape, or nil if an axis is negative or the product overflows.
func product(of shape: [Int]) -> Int? {
  var product = 1
  for extent in shape {
    let (next, overflow) = product.multipliedReportingOverflow(by: extent)
    if extent < 0 || overflow { return nil }
    product = next
  }
  return product
}
