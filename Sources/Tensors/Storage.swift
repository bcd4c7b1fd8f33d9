#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for `Float`s that lives as long as this object: weights, gradients, optimizer moments,
/// the chunks of an arena.
///
/// It comes straight from the system as zeroed pages, so pages that are never touched cost nothing.
public final class Storage: Sendable {
  /// The values, aligned to a page. They do not keep the storage alive.
  public let floats: Floats
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
      // Matrix products walk many rows at once; large pages spare the address cache.
      if bytes >= 8 << 20 { _ = unsafe madvise(pages, bytes, MADV_HUGEPAGE) }
    #endif
    unsafe floats = Floats(pages.bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// The values as an array of their own. Unlike `floats.array`, this keeps the memory alive while
  /// it copies, so it may be asked of a storage that nothing else holds.
  public var array: [Float] { withExtendedLifetime(self) { floats.array } }

  deinit { unsafe _ = munmap(floats.start, bytes) }
}
