import Diagnostics
import Glibc

/// The memory behind `Bytes`: a mapped file or a private buffer, never written after it was made,
/// and freed with the last slice.
///
/// This type and `Descriptor` hold all of this module's raw memory; `ArchiveReader` holds the
/// archive library's.
@safe final class Region: @unchecked Sendable {
  private enum Release { case unmap, deallocate, nothing }

  private let start: UnsafeRawPointer?
  let count: Int
  private let release: Release

  static let empty = unsafe Region(start: nil, count: 0, release: .nothing)

  private init(start: UnsafeRawPointer?, count: Int, release: Release) {
    unsafe self.start = unsafe start
    self.count = count
    self.release = release
  }

  /// The bytes of an array, copied.
  convenience init(_ array: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(array.count, 1), alignment: 64)
    unsafe copy.copyBytes(from: array)
    unsafe self.init(
      start: UnsafeRawPointer(copy.baseAddress), count: array.count, release: .deallocate)
  }

  /// An entire regular file, mapped; the descriptor may be closed afterwards.
  static func mapping(
    _ descriptor: Descriptor, count: Int, path: String
  ) throws(Failure) -> Region {
    if count == 0 { return .empty }
    let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor.number, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw failureReading(path, code: errno)
    }
    return unsafe Region(start: UnsafeRawPointer(address), count: count, release: .unmap)
  }

  deinit {
    guard let start = unsafe start else { return }
    switch release {
    case .unmap: unsafe munmap(UnsafeMutableRawPointer(mutating: start), count)
    case .deallocate: unsafe start.deallocate()
    case .nothing: break
    }
  }

  /// Lets the system reclaim the memory of the pages that lie entirely in `range` of a mapped file;
  /// they are read again on the next access.
  func release(_ range: Range<Int>) {
    guard release == .unmap, let start = unsafe start else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let from = (range.lowerBound + page - 1) / page * page
    let to = range.upperBound == count ? count : range.upperBound / page * page
    if from >= to { return }
    unsafe madvise(UnsafeMutableRawPointer(mutating: start + from), to - from, MADV_DONTNEED)
  }

  /// Whether the bytes of `range` are UTF-8.
  func isUTF8(_ range: Range<Int>) -> Bool {
    withSpan(range) { span in (try? UTF8Span(validating: span)) != nil }
  }

  /// Calls `body` with the bytes of `range`, which the caller has checked.
  func withSpan<R, E: Error>(
    _ range: Range<Int>, _ body: (Span<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    let buffer = unsafe UnsafeRawBufferPointer(
      start: start.map { unsafe $0 + range.lowerBound }, count: range.count)
    return try unsafe body(buffer.bindMemory(to: UInt8.self).span)
  }

  /// The first index of `byte` in `range`, by the C library's vectorised search.
  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    guard let start = unsafe start, !range.isEmpty else { return nil }
    guard let found = unsafe memchr(start + range.lowerBound, Int32(byte), range.count) else {
      return nil
    }
    return unsafe UnsafeRawPointer(found) - start
  }

  /// The bytes of `range` as text; bytes that are not UTF-8 become U+FFFD.
  func text(_ range: Range<Int>) -> String {
    withSpan(range) { span in
      unsafe span.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The bytes of `range` as text; nil if they are not UTF-8.
  func validText(_ range: Range<Int>) -> String? {
    withSpan(range) { span in
      unsafe span.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
    }
  }

  /// The bytes of `range`, copied.
  func array(_ range: Range<Int>) -> [UInt8] {
    withSpan(range) { span in
      unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }
  }
}
