import CArchive
public import Diagnostics
import Glibc

/// Writes a `.tar.gz` atomically. The same names and contents give the same bytes: times are 0,
/// owners root, permissions default, and the order is the given one. Memory does not grow with the
/// contents.
///
/// - Parameters:
///   - path: the path of the archive.
///   - files: names, with `/` between folders, and contents.
/// - Throws: `cannotCreate` if the file cannot be created, `io` if writing fails or the disk is
///   full.
public func writeTarGzip(
  to path: String, files: [(name: String, contents: Bytes)]
) throws(Failure) {
  try writeAtomically(to: path) { (file: inout FileWriter) throws(Failure) in
    try withUTF8Names { () throws(Failure) in
      let tar = try TarWriter.opening(file.number, path: path)
      for (name, contents) in files { try tar.append(name, contents) }
      try tar.finish()
    }
  }
}

/// libarchive, writing to an open file.
@safe private struct TarWriter: ~Copyable {
  private let handle: OpaquePointer
  private let path: String

  private init(handle: OpaquePointer, path: String) {
    unsafe self.handle = unsafe handle
    self.path = path
  }

  /// A writer that writes to an open file.
  static func opening(_ number: Int32, path: String) throws(Failure) -> TarWriter {
    guard let handle = unsafe archive_write_new() else {
      throw Failure(.software, "the archive library cannot be initialised")
    }
    let writer = unsafe TarWriter(handle: handle, path: path)
    try writer.open(number)
    return writer
  }

  private func open(_ number: Int32) throws(Failure) {
    try check(unsafe archive_write_set_format_pax_restricted(handle))
    try check(unsafe archive_write_add_filter_gzip(handle))
    // Without this the header would contain the current time.
    try check(unsafe archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
    try check(unsafe archive_write_set_filter_option(handle, "gzip", "compression-level", "6"))
    try check(unsafe archive_write_open_fd(handle, number))
  }

  deinit { unsafe archive_write_free(handle) }

  func append(_ name: String, _ contents: Bytes) throws(Failure) {
    guard let entry = unsafe archive_entry_new() else {
      throw Failure(.software, "the archive library cannot be initialised")
    }
    defer { unsafe archive_entry_free(entry) }
    unsafe archive_entry_set_pathname(entry, name)
    unsafe archive_entry_set_filetype(entry, UInt32(S_IFREG))
    unsafe archive_entry_set_perm(entry, 0o644)
    unsafe archive_entry_set_size(entry, Int64(contents.count))
    unsafe archive_entry_set_mtime(entry, 0, 0)
    unsafe archive_entry_set_uid(entry, 0)
    unsafe archive_entry_set_gid(entry, 0)
    unsafe archive_entry_set_uname(entry, "root")
    unsafe archive_entry_set_gname(entry, "root")
    try check(unsafe archive_write_header(handle, entry))
    var start = 0
    while start < contents.count {
      let end = min(start + 1 << 20, contents.count)
      let written = contents[start..<end].withSpan { span in
        unsafe span.withUnsafeBytes { bytes in
          unsafe archive_write_data(handle, bytes.baseAddress, bytes.count)
        }
      }
      guard written == end - start else { throw failure() }
      contents.release(start..<end)
      start = end
    }
    try check(unsafe archive_write_finish_entry(handle))
  }

  func finish() throws(Failure) { try check(unsafe archive_write_close(handle)) }

  private func check(_ result: Int32) throws(Failure) {
    if result < ARCHIVE_WARN { throw failure() }
  }

  private func failure() -> Failure {
    let code = unsafe archive_errno(handle)
    if code > 0 { return failureWriting(path, code: code) }
    let message = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
    return Failure(
      .io, "the archive cannot be written: \(message ?? "unknown reason")", at: Place(path))
  }
}
