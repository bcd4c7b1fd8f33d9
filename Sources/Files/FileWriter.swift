public import Diagnostics
import Glibc

/// A temporary file being written beside its final name. Small pieces are buffered, so appending is
/// cheap; see `writeAtomically(to:_:)`.
public struct FileWriter: ~Copyable {
  private let file: Descriptor
  private let path: String
  private var pending: [UInt8] = []

  /// The number of bytes appended.
  public private(set) var count = 0

  init(_ file: Descriptor, path: String) {
    self.file = file
    self.path = path
    pending.reserveCapacity(FileWriter.capacity)
  }

  /// The open file, for a library that writes to it directly while nothing is pending.
  var number: Int32 { file.number }

  private static let capacity = 1 << 18

  /// Appends bytes.
  ///
  /// - Throws: `io` if the disk is full or writing fails.
  public mutating func append(_ span: Span<UInt8>) throws(Failure) {
    count += span.count
    if pending.count + span.count > FileWriter.capacity { try drain() }
    if span.count >= FileWriter.capacity {
      try file.write(span, path: path)
    } else {
      unsafe span.withUnsafeBufferPointer { unsafe pending.append(contentsOf: $0) }
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `io` if the disk is full or writing fails.
  public mutating func append(_ array: [UInt8]) throws(Failure) {
    try append(array.span)
  }

  /// Appends text as UTF-8.
  ///
  /// - Throws: `io` if the disk is full or writing fails.
  public mutating func append(_ text: String) throws(Failure) {
    count += text.utf8.count
    pending.append(contentsOf: text.utf8)
    if pending.count > FileWriter.capacity { try drain() }
  }

  private mutating func drain() throws(Failure) {
    if pending.isEmpty { return }
    try file.write(pending.span, path: path)
    pending.removeAll(keepingCapacity: true)
  }

  /// Writes pending bytes and waits until all are on disk.
  mutating func finish() throws(Failure) {
    try drain()
    try file.flush(path: path)
  }
}
