#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for `Float`s with the lifetime of this object: weights, gradients, optimizer moments, the
/// chunks of an arena.
///
/// It is allocated from the system as zeroed pages, so that untouched pages cost nothing.
public final class Storage: Sendable {
  /// The values, aligned to a page. They do not retain the storage.
  package let floats: Floats
  private let bytes: Int

  /// `count` zeros.
  public init(count: Int) {
    precondition(count >= 0, "a storage of \(count) values")
    bytes = (max(count, 1) * MemoryLayout<Float>.stride + 4095) / 4096 * 4096
    let pages = unsafe mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
      preconditionFailure("the system has no \(bytes) bytes of memory left")
    }
    #if os(Linux)
      // Matrix products access many rows at once; large pages reduce misses of the address cache.
      if bytes >= 8 << 20 { _ = unsafe madvise(pages, bytes, MADV_HUGEPAGE) }
    #endif
    unsafe floats = Floats(pages.bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// The number of values.
  public var count: Int { floats.count }

  /// The value at `index`.
  public subscript(index: Int) -> Float {
    get { withExtendedLifetime(self) { floats[index] } }
    set { withExtendedLifetime(self) { floats[index] = newValue } }
  }

  /// A copy of the values.
  public var array: [Float] { withExtendedLifetime(self) { floats.array } }

  /// Sets every value.
  public func fill(_ value: Float) { withExtendedLifetime(self) { floats.fill(value) } }

  /// Passes the values to `body` for reading.
  public func withValues<Result, E: Error>(
    _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try withValues(0..<count, body)
  }

  /// Passes the values to `body` for writing.
  public func withMutableValues<Result, E: Error>(
    _ body: (inout MutableSpan<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    try withMutableValues(0..<count, body)
  }

  /// Passes the values of a range to `body` for reading.
  public func withValues<Result, E: Error>(
    _ range: Range<Int>, _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try floats[range].withSpan(body)
  }

  /// Passes the values of a range to `body` for writing.
  public func withMutableValues<Result, E: Error>(
    _ range: Range<Int>, _ body: (inout MutableSpan<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try floats[range].withMutableSpan(body)
  }

  /// Gives the memory of a range back to the system, as far as it is whole pages: these values are
  /// zero afterwards, or unchanged where the system cannot do it.
  package func discard(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    #if os(Linux)
      let size = 4096 / MemoryLayout<Float>.stride
      let (from, to) = ((range.lowerBound + size - 1) / size * size, range.upperBound / size * size)
      guard to > from else { return }
      unsafe _ = madvise(
        floats.start + from, (to - from) * MemoryLayout<Float>.stride, MADV_DONTNEED)
    #endif
  }

  deinit { unsafe _ = munmap(floats.start, bytes) }
}
