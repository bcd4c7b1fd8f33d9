import CHDF5
public import Diagnostics
import Files

/// Reads one checkpoint, written by `CheckpointWriter` or by any HDF5 program.
///
/// The checksum of the file is verified when it is opened, and that of every entry when the entry is
/// read, where they exist.
public struct CheckpointReader: ~Copyable, Sendable {
  /// One entry of a checkpoint.
  public struct Entry: Sendable, Equatable {
    /// Its path from the root: `/model/classifier.weight`.
    public let path: String
    /// Its type; nil for a type that no checkpoint of this program has.
    public let kind: CheckpointKind?
    /// Its shape; `[]` for a scalar or a text.
    public let shape: [Int]
  }

  /// The file's path as given.
  public let path: String
  /// Every entry, in order of path.
  public let entries: [Entry]

  private let file: Int64
  private let places: [String: Int]

  /// Whether the file at `path` begins as a checkpoint or any HDF5 file does.
  public static func recognises(_ path: String) -> Bool {
    guard fileKind(at: path) == .file, let bytes = try? Bytes(mapping: path) else { return false }
    return Seal.begins(bytes)
      || bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  /// Opens the checkpoint at `path`.
  ///
  /// Throws `.missingInput` if the file does not exist, `.badData` if it is not an HDF5 file, is
  /// truncated or is damaged.
  public init(_ path: String) throws(Failure) {
    // Names a problem with the path itself more precisely than the library would.
    try Seal.verify(try Bytes(mapping: path), at: path)
    let opened = HDF5.alone { () -> Result<Int64, Failure> in
      let file = unsafe ltr_h5_open(path)
      return file >= 0 ? .success(file) : .failure(notACheckpoint(path, HDF5.message()))
    }
    let file = try opened.get()
    do throws(Failure) {
      let entries = try listEntries(of: file, path: path)
      places = Dictionary(
        zip(entries.map(\.path), entries.indices), uniquingKeysWith: { first, _ in first })
      self.entries = entries
    } catch {
      HDF5.alone { _ = H5Fclose(file) }
      throw error
    }
    self.path = path
    self.file = file
  }

  deinit {
    let file = file
    HDF5.alone { _ = H5Fclose(file) }
  }

  /// The entry at `path`, or nil if there is none.
  public func entry(_ path: String) -> Entry? {
    places[path].map { entries[$0] }
  }

  /// Reads the numbers at `path` into `values`, the last axis fastest.
  ///
  /// Throws `.badData` if there is no such entry, or if it has a different type, a different number
  /// of values than `values`, or is damaged.
  public func read<Number: CheckpointNumber>(
    _ path: String, into values: inout MutableSpan<Number>
  ) throws(Failure) {
    let entry = try require(path, Number.checkpointKind)
    let count = product(of: entry.shape)
    guard count == values.count else {
      throw Failure(
        .badData, "the entry has the shape \(entry.shape)", at: place(path),
        expected: "\(values.count) values")
    }
    let type = Number.checkpointKind.numberType
    try unsafe values.withUnsafeMutableBytes {
      (raw: UnsafeMutableRawBufferPointer) throws(Failure) in
      try unsafe read(path, type: type, into: raw)
    }
  }

  /// The numbers at `path`, the last axis fastest. Throws as `read(_:into:)` does.
  public func numbers<Number: CheckpointNumber>(
    _ path: String, as: Number.Type = Number.self
  ) throws(Failure) -> [Number] {
    let entry = try require(path, Number.checkpointKind)
    var values = [Number](repeating: .zero, count: product(of: entry.shape) ?? 0)
    var span = values.mutableSpan
    try read(path, into: &span)
    return values
  }

  /// The single number at `path`. Throws as `read(_:into:)` does.
  public func number<Number: CheckpointNumber>(
    _ path: String, as: Number.Type = Number.self
  ) throws(Failure) -> Number {
    var value = [Number.zero]
    var span = value.mutableSpan
    try read(path, into: &span)
    return value[0]
  }

  /// The text at `path`. Throws `.badData` if there is none, if it is not UTF-8 or if it is
  /// damaged.
  public func text(_ path: String) throws(Failure) -> String {
    _ = try require(path, .text)
    let file = file
    let described = HDF5.alone { () -> (size: Int, message: String)? in
      let dataset = unsafe ltr_h5_open_dataset(file, path)
      guard dataset >= 0 else { return (-1, HDF5.message()) }
      defer { H5Dclose(dataset) }
      return describe(dataset).map { ($0.size, "") } ?? (-1, HDF5.message())
    }
    guard let described, described.size > 0 else {
      throw damaged(path, described?.message ?? "")
    }
    var bytes = [UInt8](repeating: 0, count: described.size)
    let type = HDF5.alone { ltr_h5_text(described.size) }
    defer { HDF5.alone { _ = H5Tclose(type) } }
    var span = bytes.mutableSpan
    try unsafe span.withUnsafeMutableBytes {
      (raw: UnsafeMutableRawBufferPointer) throws(Failure) in
      try unsafe read(path, type: type, into: raw)
    }
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
      throw Failure(.badData, "the text is not UTF-8", at: place(path))
    }
    return text
  }

  /// Reads every entry and verifies its checksum.
  ///
  /// - Throws: `badData` if one is damaged.
  public func verify() throws(Failure) {
    for entry in entries {
      switch entry.kind {
      case .float32: _ = try numbers(entry.path, as: Float.self)
      case .float64: _ = try numbers(entry.path, as: Double.self)
      case .int64: _ = try numbers(entry.path, as: Int64.self)
      case .uint64: _ = try numbers(entry.path, as: UInt64.self)
      case .text: _ = try text(entry.path)
      case nil: throw damaged(entry.path, "the type of its values is not supported")
      }
    }
  }

  private func read(
    _ path: String, type: hid_t, into raw: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let file = file
    let failed = HDF5.alone { () -> String? in
      let dataset = unsafe ltr_h5_open_dataset(file, path)
      guard dataset >= 0 else { return HDF5.message() }
      defer { H5Dclose(dataset) }
      if let base = raw.baseAddress, unsafe ltr_h5_read(dataset, type, base) < 0 {
        return HDF5.message()
      }
      var stored = [UInt64](repeating: 0, count: 4)
      switch unsafe ltr_h5_get_words(dataset, HDF5.checksum, &stored, 4) {
      case 0: return nil
      case 1:
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(raw))
        return Fletcher4(words: stored) == Fletcher4(bytes)
          ? nil : "checksum mismatch"
      default: return "the checksum cannot be read"
      }
    }
    if let failed { throw damaged(path, failed) }
  }

  private func require(_ path: String, _ kind: CheckpointKind) throws(Failure) -> Entry {
    guard let entry = entry(path) else {
      let near = nearest(to: path, in: entries.map(\.path))
      throw Failure(
        .badData, "the checkpoint has no entry '\(path)'", at: place(path),
        expected: near.map { "an entry '\(path)'; the nearest is '\($0)'" })
    }
    guard entry.kind == kind else {
      throw Failure(
        .badData, "the entry holds \(entry.kind?.rawValue ?? "data of an unsupported type")",
        at: place(path), expected: kind.rawValue)
    }
    return entry
  }

  private func damaged(_ path: String, _ reason: String) -> Failure {
    damagedCheckpoint(reason, at: place(path))
  }

  private func place(_ key: String) -> Place { Place(path, key: key) }
}

/// The failure of a checkpoint whose contents are not what was written.
func damagedCheckpoint(_ reason: String, at place: Place) -> Failure {
  Failure(
    .badData, "the checkpoint is damaged: \(reason)", at: place,
    remedy: "use another checkpoint; 'ltr train --resume' finds the newest intact one")
}

private func notACheckpoint(_ path: String, _ reason: String) -> Failure {
  Failure(
    .badData, "the file cannot be opened as a checkpoint: \(reason)", at: Place(path),
    expected: "a complete HDF5 file",
    remedy: "use another checkpoint; 'ltr train --resume' finds the newest intact one")
}

/// The type of a dataset, the size of an element in bytes, and the shape; nil if HDF5 cannot
/// determine them. Only inside `HDF5.alone`.
private func describe(_ dataset: hid_t) -> (kind: CheckpointKind?, size: Int, shape: [Int])? {
  var kind: Int32 = 0
  var size = 0
  var extents = [hsize_t](repeating: 0, count: HDF5.maximumRank)
  let limit = Int32(extents.count)
  let rank = unsafe ltr_h5_describe(dataset, &kind, &size, &extents, limit)
  guard rank >= 0 else { return nil }
  let shape = extents.prefix(Int(rank)).map { Int(clamping: $0) }
  return (CheckpointKind(dataset: kind), size, shape)
}

/// Every dataset of an open file, in order of path.
private func listEntries(
  of file: Int64, path: String
) throws(Failure) -> [CheckpointReader.Entry] {
  let listed = HDF5.alone { () -> Result<[CheckpointReader.Entry], Failure> in
    var names: [String] = []
    let visited = unsafe withUnsafeMutablePointer(to: &names) { names in
      unsafe ltr_h5_visit_all(
        file,
        { name, isDataset, context in
          guard let name = unsafe name, let context = unsafe context else { return -1 }
          if isDataset {
            let names = unsafe context.assumingMemoryBound(to: [String].self)
            unsafe names.pointee.append(String(cString: name))
          }
          return 0
        }, names)
    }
    guard visited >= 0 else { return .failure(notACheckpoint(path, HDF5.message())) }
    var entries: [CheckpointReader.Entry] = []
    for name in names {
      let dataset = unsafe ltr_h5_open_dataset(file, name)
      guard dataset >= 0, let found = describe(dataset) else {
        return .failure(notACheckpoint(path, HDF5.message()))
      }
      H5Dclose(dataset)
      entries.append(.init(path: "/" + name, kind: found.kind, shape: found.shape))
    }
    return .success(entries.sorted { $0.path < $1.path })
  }
  return try listed.get()
}
