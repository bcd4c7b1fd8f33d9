import Crypto

/// SHA-256 of bytes, in 64 hexadecimal digits. A mapped file is read from front to back without
/// filling the memory.
package func sha256(_ bytes: Bytes) -> String {
  var hash = SHA256()
  var start = 0
  while start < bytes.count {
    let end = min(start + 1 << 22, bytes.count)
    bytes[start..<end].withSpan { span in
      unsafe span.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
    bytes.release(start..<end)
    start = end
  }
  return hash.finalize().hexadecimal
}

/// SHA-256 of numbers as they lie in memory, in 64 hexadecimal digits.
package func sha256(_ values: Span<Float>) -> String {
  var hash = SHA256()
  unsafe values.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  return hash.finalize().hexadecimal
}

extension SHA256Digest {
  fileprivate var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
