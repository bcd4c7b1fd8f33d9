import Crypto

/// The program's one digest: SHA-256, of bytes, numbers and texts in the order in which they are
/// added.
package struct Digest {
  private var hash = SHA256()

  /// The digest of nothing.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// Adds numbers as they lie in memory.
  package mutating func add(_ values: Span<Float>) {
    unsafe values.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// Adds a text after the number of its bytes, 8 bytes with the lowest first.
  package mutating func add(_ text: String) {
    let bytes = text.utf8Span.span
    unsafe withUnsafeBytes(of: UInt64(bytes.count).littleEndian) {
      unsafe hash.update(bufferPointer: $0)
    }
    add(bytes)
  }

  /// The digest so far, in 64 hexadecimal digits.
  package var hexadecimal: String {
    hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// SHA-256 of bytes, in 64 hexadecimal digits. A mapped file is read from front to back without
/// filling the memory.
package func sha256(_ bytes: Bytes) -> String {
  var digest = Digest()
  var start = 0
  while start < bytes.count {
    let end = min(start + 1 << 22, bytes.count)
    bytes[start..<end].withSpan { digest.add($0) }
    bytes.release(start..<end)
    start = end
  }
  return digest.hexadecimal
}

/// SHA-256 of numbers as they lie in memory, in 64 hexadecimal digits.
package func sha256(_ values: Span<Float>) -> String {
  var digest = Digest()
  digest.add(values)
  return digest.hexadecimal
}
