public import Diagnostics
import Glibc

/// Immutable bytes: a mapped file, a part of one, or memory.
///
/// A slice shares its storage with the original and its indices start at 0. Copying is O(1).
/// Nothing guards against another program that truncates a file while it is mapped.
public struct Bytes: Sendable {
  private let region: Region
  private let range: Range<Int>

  private init(region: Region, range: Range<Int>) {
    self.region = region
    self.range = range
  }

  init(region: Region) { self.init(region: region, range: 0..<region.count) }

  /// The bytes of a file as stored: mapped for a regular file, so that memory does not grow with
  /// it, and read to the end for a pipe, a device, or a file whose reported size of 0 may be wrong,
  /// as in `/proc`.
  ///
  /// - Throws: `missingInput` if it does not exist or may not be read, `io` if reading fails.
  public init(mapping path: String) throws(Failure) {
    let file = try Descriptor.reading(path)
    let status = try file.status(of: path)
    switch status.st_mode & S_IFMT {
    case S_IFREG where status.st_size > 0:
      self.init(region: try .mapping(file, count: Int(status.st_size), path: path))
    case S_IFDIR:
      throw failureReading(path, code: EISDIR)
    default:
      self.init(region: Region(try file.readToEnd(path)))
    }
  }

  /// The bytes of an array, copied once.
  public init(_ array: [UInt8]) {
    self.init(region: array.isEmpty ? .empty : Region(array))
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// Whether the count is 0.
  public var isEmpty: Bool { range.isEmpty }

  /// One byte. O(1), but use `withSpan` in loops.
  public subscript(index: Int) -> UInt8 {
    withSpan { $0[index] }
  }

  /// A part, sharing storage. O(1).
  public subscript(part: Range<Int>) -> Bytes {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "slice outside the bytes")
    let start = range.lowerBound
    return Bytes(region: region, range: start + part.lowerBound..<start + part.upperBound)
  }

  /// Calls `body` with the bytes, which are valid only during the call.
  public func withSpan<R, E: Error>(
    _ body: (Span<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    try region.withSpan(range, body)
  }

  /// The first index of `byte` at or after `start`, or nil. Vectorised.
  public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    precondition(start >= 0 && start <= count, "search starts outside the bytes")
    return region.firstIndex(of: byte, in: range.lowerBound + start..<range.upperBound)
      .map { $0 - range.lowerBound }
  }

  /// Whether the bytes begin with `prefix`.
  public func starts(with prefix: [UInt8]) -> Bool {
    count >= prefix.count && prefix.indices.allSatisfy { self[$0] == prefix[$0] }
  }

  /// The bytes, copied.
  public var array: [UInt8] { region.array(range) }

  /// The bytes as text; bytes that are not UTF-8 become U+FFFD.
  public var text: String { region.text(range) }

  /// The bytes as text; nil if they are not UTF-8.
  public var validText: String? { region.validText(range) }

  /// Whether the bytes are UTF-8. Allocates nothing.
  public var isUTF8: Bool { region.isUTF8(range) }

  /// Marks `part` as no longer needed, so that a large mapped file does not fill the memory while
  /// it is read from beginning to end. The bytes stay readable; for bytes in memory this does
  /// nothing.
  public func release(_ part: Range<Int>) {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "part outside the bytes")
    region.release(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// The ranges of the lines; see `Lines`.
  public var lines: Lines { Lines(of: self) }
}

/// The bytes of a file: mapped, or decompressed if the first bytes (not the name) are those of
/// gzip, zstd, xz or bzip2. A path may continue inside an archive: `beir.zip/qrels/test.tsv`.
///
/// - Throws: `missingInput`, `io`, or `badData` if the compressed stream is corrupt.
public func readFile(_ path: String) throws(Failure) -> Bytes {
  if let (archive, inner) = splitAtArchive(path) {
    return try Folder(opening: archive).readDecompressed(inner)
  }
  return try Bytes(mapping: path).decompressed(from: path)
}
