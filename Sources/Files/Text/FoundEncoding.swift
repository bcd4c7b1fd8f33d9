extension TextFile {
  /// What a file is read as, in words: the encoding of its byte-order mark, the one that a user named,
  /// `UTF-8`, `ASCII`, or a guess. Reads the whole file.
  ///
  /// - Parameter encoding: the encoding that a user named.
  public static func foundEncoding(of bytes: Bytes, encoding: TextEncoding? = nil) -> String {
    if let (marked, _) = ByteOrderMark.mark(of: bytes) { return "\(marked), byte-order mark" }
    if let encoding, !encoding.isUTF8 {
      return encoding.unit == 1 && bytes.isUTF8BeyondASCII ? "UTF-8" : "\(encoding)"
    }
    if encoding == nil, let guess = ByteOrderMark.guess(of: bytes) { return "\(guess), guessed" }
    if bytes.isUTF8 { return bytes.isUTF8BeyondASCII ? "UTF-8" : "ASCII" }
    var faults = TextFaults(of: "")
    faults.scan(bytes)
    return faults.likelyEncoding.map { "not UTF-8, probably \($0)" } ?? "damaged UTF-8"
  }
}
