import Files
import Testing

/// Against the examples of FIPS 180-4 and Python's `hashlib`.
@Suite struct ChecksumTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func texts(_ text: String, _ sum: String) {
    #expect(sha256(Bytes(Array(text.utf8))) == sum)
  }

  /// More bytes than are looked at in one go.
  @Test func manyBytes() {
    let bytes = Bytes([UInt8](repeating: UInt8(ascii: "a"), count: 5_000_000))
    #expect(
      sha256(bytes) == "7f4a285193573e707fcb6398222c00f044745cd2930e41d28d30da87d6ca183f")
  }

  /// `struct.pack("<3f", 1, -2.5, 0.1)`.
  @Test func numbers() {
    let numbers: [Float] = [1, -2.5, 0.1]
    #expect(
      sha256(numbers.span) == "2f9cc761bc2594fa578868daeedc59b0fc115513fae3e5dc09c4e86e50b8aaf6")
  }

  /// `struct.pack("<Q", length)` before each text; as a corpus is recognised by.
  @Test func textsAfterTheirLengths() {
    var digest = Digest()
    digest.add("é")
    digest.add("")
    let before = digest.hexadecimal
    digest.add(String(repeating: "a", count: 40))
    #expect(
      digest.hexadecimal == "7880d8eb10f33e73b95b581652877a0606b4dcc842b50dae1abeaaf6c241f442")
    #expect(before != digest.hexadecimal, "a digest can be had on the way")
  }

  /// The vectors of RFC 1321 and RFC 3174.
  @Test(arguments: [
    (Digest.Algorithm.md5, "900150983cd24fb0d6963f7d28e17f72"),
    (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func algorithms(_ algorithm: Digest.Algorithm, sum: String) {
    var digest = Digest(algorithm)
    digest.add([UInt8]("a".utf8).span)
    digest.add([UInt8]("bc".utf8).span)
    #expect(digest.hexadecimal == sum)
  }

  @Test func copiesAreValues() {
    var digest = Digest()
    digest.add("one")
    let first = digest
    let sum = digest.hexadecimal
    digest.add("two")
    #expect(first.hexadecimal == sum && digest.hexadecimal != sum)
    var second = first
    second.add("two")
    #expect(second.hexadecimal == digest.hexadecimal)
  }
}

/// Journals of earlier versions hold these hashes, so the values are fixed: FNV-1a's published
/// vectors ("" and "foobar"), finished by a transcription of MurmurHash3's `fmix64` in Python.
@Suite struct JournalHashTests {
  private func hash(_ texts: [String]) -> String {
    var hash = JournalHash()
    for text in texts { hash.add(text.utf8Span.span) }
    return hash.text
  }

  @Test func bytes() {
    #expect(hash([]) == "efd01f60ba992926")
    #expect(hash(["foobar"]) == "2c22194922d1672b")
    #expect(hash(["foo", "bar"]) == "2c22194922d1672b")
  }

  @Test func textsAreKeptApart() {
    var hash = JournalHash()
    hash.add("foo")
    hash.add("bar")
    #expect(hash.text == "8b95663725b6c1db")
    #expect(hash.number == 0x8B95_6637_25B6_C1DB)
  }
}
