import CZlib
import Diagnostics

extension Bytes {
  /// The contents of a gzip file with one or more members. The checksum and the length of each are
  /// verified, which libarchive does not do.
  ///
  /// Zeros after the last member, with which tapes are padded, are ignored.
  ///
  /// - Parameter least: the number of bytes after which the rest need not be decompressed.
  /// - Throws: `badData` with the byte offset if the file is damaged, ends early, or has other data
  ///   after its members.
  func gunzipped(from path: String, first least: Int = .max) throws(Failure) -> Bytes {
    var spool = Spool()
    let reader = try GzipReader(self, path: path)
    var released = 0
    while spool.count < least, try reader.step() {
      try reader.append(to: &spool)
      // Input that has been decompressed need not stay in memory.
      if reader.position - released > 16 << 20 {
        release(released..<reader.position)
        released = reader.position
      }
    }
    return try spool.finish()
  }
}

/// zlib over the members of a gzip file in memory.
@safe private final class GzipReader {
  /// The next byte to be read.
  private(set) var position = 0
  private let bytes: Bytes
  private let path: String
  /// Allocated at a fixed address, since zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether a member has begun but not ended.
  private var isWithinMember = true
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var filled = 0

  init(_ bytes: Bytes, path: String) throws(Failure) {
    self.bytes = bytes
    self.path = path
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe ltr_gzip_begin(stream) == Z_OK else {
      throw Failure(.software, "zlib cannot be initialised")
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Decompresses the next piece; false at the end of the file.
  func step() throws(Failure) -> Bool {
    filled = 0
    if !isWithinMember {
      guard try nextMember() else { return false }
      unsafe inflateReset(stream)
      isWithinMember = true
    }
    let result = inflate()
    switch result {
    case Z_STREAM_END: isWithinMember = false
    case Z_OK, Z_BUF_ERROR:
      guard position < bytes.count || filled > 0 else {
        throw failure("the data are truncated", at: bytes.count)
      }
    case Z_MEM_ERROR: throw Failure(.unavailable, "out of memory", at: Place(path))
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "damaged data"
      throw failure(message, at: position)
    }
    return true
  }

  /// Appends the output of the last step.
  func append(to spool: inout Spool) throws(Failure) {
    let all = buffer
    try spool.append(all.span.extracting(first: filled))
  }

  private func inflate() -> Int32 {
    let (start, room) = (position, buffer.count)
    return bytes.withSpan { span in
      unsafe span.withUnsafeBytes { all in
        unsafe buffer.withUnsafeMutableBufferPointer { target in
          let count = min(all.count - start, 1 << 30)
          unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: all.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self))
          unsafe stream.pointee.avail_in = UInt32(count)
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = UInt32(room)
          let result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
          position = start + count - Int(unsafe stream.pointee.avail_in)
          filled = room - Int(unsafe stream.pointee.avail_out)
          return result
        }
      }
    }
  }

  /// Whether another member follows.
  private func nextMember() throws(Failure) -> Bool {
    if bytes[position..<bytes.count].starts(with: [0x1F, 0x8B]) { return true }
    for place in position..<bytes.count where bytes[place] != 0 {
      throw failure("unexpected bytes after the data", at: place)
    }
    return false
  }

  private func failure(_ problem: String, at byte: Int) -> Failure {
    Failure(
      .badData, "the gzip file is corrupt: \(problem)", at: Place(path, byte: byte),
      remedy: "download or create it again")
  }
}
