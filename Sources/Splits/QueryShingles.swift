import Corpora

/// What of a query's words is compared with other queries: the set of its words' trigrams, and its
/// numbers.
///
/// The trigrams of a word are those of its letters with a blank at both ends, so that a misspelt
/// word, a plural and another order of words change few of them. In scripts without spaces, where
/// each character is a word, pairs of neighbours take their place. Words with digits have to be the
/// same in both queries: a year or a model's number makes a different question.
struct QueryShingles: Sendable {
  /// Hashes of the trigrams, ascending, each once.
  private(set) var hashes: [UInt32] = []
  /// A hash of the words with digits, in any order; 0 without any.
  private(set) var numbers: UInt64 = 0

  /// The shingles of a text.
  init(_ text: NormalizedText) {
    let bytes = text.bytes
    var start = 1
    /// The word before, if it is a character of a script without spaces.
    var before: UInt64 = 0
    for end in bytes.indices.dropFirst() where bytes[end] == UInt8(ascii: " ") {
      let word = Array(bytes[start..<end])
      start = end + 1
      if word.contains(where: { (0x30...0x39).contains($0) }) {
        numbers &+= mixed(stableHash(String(decoding: word, as: UTF8.self)))
      }
      let scalars = String(decoding: word, as: UTF8.self).unicodeScalars.map { UInt64($0.value) }
      if scalars.count == 1, scalars[0] > 0x7F {
        add(before, scalars[0], 0)
        before = scalars[0]
        continue
      }
      before = 0
      let padded = [0x20] + scalars + [0x20]
      for index in 0..<padded.count - 2 { add(padded[index], padded[index + 1], padded[index + 2]) }
    }
    hashes.sort()
    var count = 0
    for index in hashes.indices where count == 0 || hashes[index] != hashes[count - 1] {
      hashes[count] = hashes[index]
      count += 1
    }
    hashes.removeSubrange(count...)
  }

  private mutating func add(_ a: UInt64, _ b: UInt64, _ c: UInt64) {
    // A scalar has 21 bits.
    hashes.append(UInt32(truncatingIfNeeded: mixed(a << 42 | b << 21 | c)))
  }
}
