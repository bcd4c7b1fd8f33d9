/// ZFS's checksum fletcher4: four running sums over 32-bit little-endian words, each the sum of the
/// one before, all modulo 2⁶⁴. HDF5 protects its own metadata; this protects the numbers.
///
/// It runs at memory speed and detects every single flipped bit and every swap of two words; it
/// does not protect against forgery.
struct Fletcher4: Equatable {
  private(set) var words: [UInt64]

  /// The checksum of `bytes`, the last word zero-padded.
  init(_ bytes: RawSpan) {
    var a: UInt64 = 0
    var b: UInt64 = 0
    var c: UInt64 = 0
    var d: UInt64 = 0
    let whole = bytes.byteCount / 4 * 4
    var offset = 0
    while offset < whole {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      a &+= UInt64(UInt32(littleEndian: word))
      b &+= a
      c &+= b
      d &+= c
      offset += 4
    }
    if whole < bytes.byteCount {
      for (shift, offset) in (whole..<bytes.byteCount).enumerated() {
        let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        a &+= UInt64(byte) << (8 * UInt64(shift))
      }
      b &+= a
      c &+= b
      d &+= c
    }
    words = [a, b, c, d]
  }

  /// A checksum that is stored as four words.
  init(words: [UInt64]) { self.words = words }
}
