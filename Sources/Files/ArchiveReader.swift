import CArchive
import Diagnostics
import Glibc

/// libarchive over bytes in memory, in one pass from beginning to end.
@safe struct ArchiveReader: ~Copyable {
  /// The contents expected inside the compression.
  enum Contents {
    /// Files in a `.zip` or `.tar`.
    case files
    /// One stream of bytes.
    case stream
  }

  /// The header of one file, folder or link of an archive.
  struct Entry {
    /// The name as stored in the archive.
    var name: String
    /// Whether it is a file with its own contents.
    var isFile: Bool
    /// The entry whose contents it shares.
    var linkTarget: LinkTarget?
  }

  enum LinkTarget {
    /// A name relative to the top of the archive.
    case hard(String)
    /// A name relative to the folder of the link.
    case symbolic(String)
  }

  private let handle: OpaquePointer
  private let bytes: Bytes
  private let kind: Contents
  /// The start of `bytes`; valid during the call of `reading`'s body.
  private let start: UnsafeRawPointer?
  private let path: String

  private init(
    handle: OpaquePointer, bytes: Bytes, kind: Contents, start: UnsafeRawPointer?, path: String
  ) {
    unsafe self.handle = unsafe handle
    self.kind = kind
    self.bytes = bytes
    unsafe self.start = unsafe start
    self.path = path
  }

  deinit { unsafe archive_read_free(handle) }

  /// Calls `body` with a reader positioned before the first entry of `bytes`, which came from
  /// `path`.
  static func reading<R>(
    _ bytes: Bytes, of path: String, as contents: Contents,
    _ body: (borrowing ArchiveReader) throws(Failure) -> R
  ) throws(Failure) -> R {
    try withUTF8Names { () throws(Failure) -> R in
      try bytes.withSpan { span throws(Failure) -> R in
        let buffer = unsafe span.withUnsafeBytes { unsafe $0 }
        guard let handle = unsafe archive_read_new() else {
          throw Failure(.software, "the archive library cannot be initialised")
        }
        let reader = unsafe ArchiveReader(
          handle: handle, bytes: bytes, kind: contents, start: buffer.baseAddress, path: path)
        // Enabled one by one: "all" would run external programs for formats that the library lacks.
        // libarchive ignores the checksums of gzip, so streams are read by `GzipReader`; of an
        // archive, only the first header is read before it is decompressed.
        if contents == .files { unsafe archive_read_support_filter_gzip(handle) }
        unsafe archive_read_support_filter_zstd(handle)
        unsafe archive_read_support_filter_xz(handle)
        unsafe archive_read_support_filter_bzip2(handle)
        switch contents {
        case .files:
          unsafe archive_read_support_format_zip(handle)
          unsafe archive_read_support_format_tar(handle)
        case .stream:
          unsafe archive_read_support_format_raw(handle)
          unsafe archive_read_support_format_empty(handle)
        }
        try reader.check(unsafe archive_read_open_memory(handle, buffer.baseAddress, buffer.count))
        return try body(reader)
      }
    }
  }

  /// Advances to the next entry; nil at the end.
  func nextEntry() throws(Failure) -> Entry? {
    var pointer: OpaquePointer?
    let result = unsafe archive_read_next_header(handle, &pointer)
    if result == ARCHIVE_EOF { return nil }
    try check(result)
    guard let entry = unsafe pointer else { return nil }
    func string(_ name: UnsafePointer<CChar>?) -> String? {
      unsafe name.map { unsafe String(cString: $0) }
    }
    let name = unsafe string(archive_entry_pathname(entry)) ?? ""
    if unsafe archive_entry_is_encrypted(entry) != 0 {
      throw Failure(
        .badData, "the archive is encrypted", at: Place(path, key: name),
        remedy: "unpack it, and name the folder instead")
    }
    let target: LinkTarget? =
      if let name = unsafe string(archive_entry_hardlink(entry)) {
        .hard(name)
      } else if let name = unsafe string(archive_entry_symlink(entry)) {
        .symbolic(name)
      } else { nil }
    let isFile = unsafe archive_entry_filetype(entry) & S_IFMT == S_IFREG
    return Entry(name: name, isFile: isFile && target == nil, linkTarget: target)
  }

  /// The contents of the current entry, decompressed: a slice of the archive if they are stored
  /// there uncompressed, otherwise a copy; nil if they exceed `most` bytes.
  func contents(most: Int) throws(Failure) -> Bytes? {
    var spool = Spool()
    var slice: Range<Int>?
    var released = 0
    while true {
      var pointer: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let result = unsafe archive_read_data_block(handle, &pointer, &count, &offset)
      if result == ARCHIVE_EOF {
        let end = Int(offset)
        if end > most { return nil }
        if let slice, slice.count >= end { return bytes[slice] }
        // The file ends in a hole.
        if let slice { try spool.append(bytes[slice]) }
        try spool.appendZeros(end - spool.count)
        return try spool.finish()
      }
      // A warning here is a checksum mismatch.
      if result != ARCHIVE_OK { throw failure() }
      guard let block = unsafe pointer, count > 0 else { continue }
      if Int(offset) > most - min(count, most) || count > most { return nil }
      let size = slice?.count ?? spool.count
      if let place = unsafe placeInArchive(block, count), Int(offset) == size,
        spool.count == 0, slice.map({ $0.upperBound == place.lowerBound }) ?? true
      {
        slice = (slice ?? place).lowerBound..<place.upperBound
        continue
      }
      if let former = slice {
        try spool.append(bytes[former])
        slice = nil
      }
      try spool.appendZeros(Int(offset) - spool.count)
      try unsafe spool.append(
        UnsafeRawBufferPointer(start: block, count: count).bindMemory(to: UInt8.self).span)
      // Input that has been decompressed need not stay in memory.
      let consumed = consumed
      if consumed - released > 16 << 20 {
        bytes.release(released..<consumed)
        released = consumed
      }
    }
  }

  /// The first bytes of the current entry, decompressed: at least `least`, or all.
  func beginning(_ least: Int) throws(Failure) -> Bytes {
    var spool = Spool()
    while spool.count < least {
      var pointer: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let result = unsafe archive_read_data_block(handle, &pointer, &count, &offset)
      if result == ARCHIVE_EOF { break }
      if result != ARCHIVE_OK { throw failure() }
      guard let block = unsafe pointer, count > 0 else { continue }
      try unsafe spool.append(
        UnsafeRawBufferPointer(start: block, count: count).bindMemory(to: UInt8.self).span)
    }
    return try spool.finish()
  }

  /// Compares the end of a compressed stream, which has been read, with the end of the file: the
  /// library ignores data after a stream of bzip2, and treats a file that ends within the first
  /// header as uncompressed.
  func requireEnd() throws(Failure) {
    if unsafe archive_filter_count(handle) < 2 {
      throw damaged("the data are truncated", at: bytes.count)
    }
    if consumed < bytes.count { throw damaged("unexpected bytes after the data", at: consumed) }
  }

  /// The number of bytes read.
  private var consumed: Int { min(Int(unsafe archive_filter_bytes(handle, -1)), bytes.count) }

  /// The range of `block` in the archive's bytes; nil if the library has made a copy.
  private func placeInArchive(_ block: UnsafeRawPointer, _ count: Int) -> Range<Int>? {
    guard let start = unsafe start else { return nil }
    let offset = unsafe block - start
    return offset >= 0 && offset + count <= bytes.count ? offset..<offset + count : nil
  }

  private func check(_ result: Int32) throws(Failure) {
    // After a warning the entry is usable; after anything worse it is not.
    if result < ARCHIVE_WARN { throw failure() }
  }

  private func failure() -> Failure {
    let message = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
    return damaged(message ?? "unknown damage", at: kind == .stream ? consumed : nil)
  }

  private func damaged(_ problem: String, at byte: Int?) -> Failure {
    Failure(
      .badData, "the archive or compressed file is corrupt: \(problem)",
      at: Place(path, byte: byte), remedy: "download or create it again")
  }
}

/// Runs `body` with names read as UTF-8 on this thread: in the C locale, libarchive would drop
/// every name that is not ASCII.
func withUTF8Names<R>(_ body: () throws(Failure) -> R) throws(Failure) -> R {
  guard let locale = unsafe newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return try body() }
  let former = unsafe uselocale(locale)
  defer {
    unsafe uselocale(former)
    unsafe freelocale(locale)
  }
  return try body()
}
