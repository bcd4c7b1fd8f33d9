/// The letters that represent bytes in byte-level vocabularies, as in GPT-2: a visible character of
/// Latin-1 represents its own byte, and the scalars from U+0100 on represent the other bytes in
/// order.
enum ByteLetters {
  /// The letter of every byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      let isVisible =
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
      if isVisible { return byte }
      next += 1
      return next - 1
    }
  }()

  /// For every scalar, 1 + the byte that it represents, or 0.
  private static let bytes: ScalarTable = {
    var table = ScalarTable()
    for (byte, scalar) in scalars.enumerated() { table.set(scalar, to: UInt32(byte) + 1) }
    return table
  }()

  /// Appends the letters of `bytes`.
  static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    let scalars = scalars.span
    for index in bytes.indices { UTF8Text.append(scalars[Int(bytes[index])], to: &output) }
  }

  /// The bytes that `letters`, well-formed UTF-8, represent, or nil if one of them represents none.
  static func bytes(of letters: Span<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var index = 0
    while index < letters.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: letters)
      guard bytes[scalar] > 0 else { return nil }
      result.append(UInt8(truncatingIfNeeded: bytes[scalar] - 1))
      index += length
    }
    return result
  }
}
