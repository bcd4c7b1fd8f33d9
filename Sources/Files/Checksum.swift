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
