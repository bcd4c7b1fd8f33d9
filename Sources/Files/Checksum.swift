import Crypto

/// The digest used throughout the program: SHA-256, of bytes, numbers and texts in the order in
/// which they are added.
package struct Digest {
  private var hash = SHA256()

  /// The digest of no bytes.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// Adds numbers by their bytes in memory.
  package mutating func add(_ values: Span<Float>) {
    unsafe values.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// Adds the length of a text in bytes, as 8 bytes in little-endian order, then the text.
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

/// SHA-256 of bytes, in 64 hexadecimal digits. A mapped file is read from beginning to end without
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

/// SHA-256 of numbers by their bytes in memory, in 64 hexadecimal digits.
package func sha256(_ values: Span<Float>) -> String {
  var digest = Digest()
  digest.add(values)
  return digest.hexadecimal
}
