import Diagnostics
import Glibc

/// The output of a decompressor: in memory while it is small, then in a mapped unnamed temporary
/// file, so that memory does not grow with a corpus.
struct Spool: ~Copyable {
  private let limit: Int
  private var memory: [UInt8] = []
  private var file: Descriptor?
  private var written = 0
  private var folder = ""

  /// Up to `limit` bytes are kept in memory; more go to a temporary file.
  init(limit: Int = 32 << 20) { self.limit = limit }

  mutating func append(_ span: Span<UInt8>) throws(Failure) {
    if let file {
      try write(span, to: file)
      return
    }
    unsafe span.withUnsafeBufferPointer { unsafe memory.append(contentsOf: $0) }
    if memory.count > limit {
      folder = temporaryFolder()
      let file = try Descriptor.nameless(in: folder)
      let kept = memory
      memory = []
      try write(kept.span, to: file)
      self.file = file
    }
  }

  mutating func append(_ bytes: Bytes) throws(Failure) {
    try bytes.withSpan { span throws(Failure) in try append(span) }
  }

  /// The number of bytes appended.
  var count: Int { memory.count + written }

  /// Appends the zeros of the holes of a sparse file, including one at its end.
  mutating func appendZeros(_ count: Int) throws(Failure) {
    var left = count
    while left > 0 {
      let some = [UInt8](repeating: 0, count: min(left, 1 << 18))
      try append(some.span)
      left -= some.count
    }
  }

  /// All bytes appended.
  consuming func finish() throws(Failure) -> Bytes {
    guard let file else { return Bytes(memory) }
    return Bytes(region: try .mapping(file, count: written, path: folder))
  }

  private mutating func write(_ span: Span<UInt8>, to file: Descriptor) throws(Failure) {
    do throws(Failure) {
      try file.write(span, path: folder)
    } catch {
      var failure = error
      failure.remedy = "free some space there or set TMPDIR to a folder on another disk"
      throw failure
    }
    written += span.count
  }
}

/// `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is rarely in memory.
private func temporaryFolder() -> String {
  if let named = unsafe getenv("TMPDIR") { return unsafe String(cString: named) }
  return fileKind(at: "/var/tmp") == .folder ? "/var/tmp" : "/tmp"
}
