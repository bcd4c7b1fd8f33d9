import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct BytesTests {
  @Test func slicesShareStorageAndCountFromZero() {
    let bytes = Bytes(Array("0123456789".utf8))
    let part = bytes[2..<8][1..<4]
    #expect(part.text == "345")
    #expect(part.count == 3)
    #expect(part[0] == UInt8(ascii: "3"))
    #expect(part.firstIndex(of: UInt8(ascii: "5")) == 2)
    // The 6 behind the slice must not be found.
    #expect(part.firstIndex(of: UInt8(ascii: "6")) == nil)
    #expect(part.withSpan { $0[2] } == UInt8(ascii: "5"))
  }

  @Test func mapsAFileAndOutlivesItsName() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("a", "hello")
    let bytes = try Bytes(mapping: folder.at("a"))
    try FileManager.default.removeItem(atPath: folder.at("a"))
    #expect(bytes.text == "hello")
  }

  @Test func releasedBytesAreReadAgain() throws {
    let folder = try Material.temporaryFolder()
    try shell("seq 1 100000 > n", in: folder)
    for bytes in [try Bytes(mapping: folder.at("n")), Bytes(Array("12345".utf8))] {
      let before = bytes.array
      bytes.release(0..<bytes.count)
      bytes[1..<bytes.count].release(0..<2)
      #expect(bytes.array == before)
    }
  }

  @Test func emptyFilesAndArraysAreEmpty() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("a", "")
    #expect(try Bytes(mapping: folder.at("a")).isEmpty)
    #expect(Bytes([]).text == "")
    #expect(Bytes([]).firstIndex(of: 10) == nil)
    #expect(Array(Bytes([]).lines).isEmpty)
  }

  @Test func readsWhatIsNoRegularFile() throws {
    #expect(try Bytes(mapping: "/dev/null").isEmpty)
    #expect(try Bytes(mapping: "/proc/self/status").text.hasPrefix("Name:"))
  }

  @Test func invalidUTF8IsReplacedOrRefused() {
    let bytes = Bytes([0x61, 0xFF, 0x62])
    #expect(bytes.text == "a\u{FFFD}b")
    #expect(bytes.validText == nil)
    #expect(!bytes.isUTF8)
    #expect(bytes[0..<1].isUTF8)
    #expect(Bytes(Array("é".utf8)).validText == "é")
  }

  @Test(arguments: [
    ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("a\n\nb", ["a", "", "b"]),
    ("\u{FEFF}a\nb", ["a", "b"]), ("\u{FEFF}", []), ("\n", [""]), ("", []), ("\r\n\r", ["", ""]),
  ])
  func findsLines(text: String, lines: [String]) {
    let bytes = Bytes(Array(text.utf8))
    #expect(bytes.lines.map { bytes[$0].text } == lines)
  }

  @Test(arguments: ["gzip", "zstd", "xz", "bzip2"])
  func decompressesByContentWhateverTheName(tool: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("plain", "the text\n")
    try shell("\(tool) -c plain > wrongly.named", in: folder)
    #expect(try readFile(folder.at("wrongly.named")).text == "the text\n")
    #expect(try readFile(folder.at("plain")).text == "the text\n")
    #expect(try Bytes(mapping: folder.at("wrongly.named")).text != "the text\n")
  }

  @Test func decompressesJoinedMembersAndNothing() throws {
    let folder = try Material.temporaryFolder()
    try shell("(echo a | gzip; echo b | gzip) > two.gz; : | gzip > none.gz", in: folder)
    #expect(try readFile(folder.at("two.gz")).text == "a\nb\n")
    #expect(try readFile(folder.at("none.gz")).isEmpty)
  }

  @Test func largeContentsComeBackWhole() throws {
    // 80 MB exceed what is kept in memory, so they pass through the temporary file.
    let folder = try Material.temporaryFolder()
    try shell("seq 1 10000000 | head -c 80000000 | tee all | gzip -1 > all.gz", in: folder)
    let bytes = try readFile(folder.at("all.gz"))
    let plain = try Bytes(mapping: folder.at("all"))
    #expect(bytes.count > 32 << 20)
    #expect(bytes.count == plain.count)
    #expect(bytes.array == plain.array)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func corruptStreamsAreNamed() throws {
    let folder = try Material.temporaryFolder()
    try shell("seq 1 100000 | gzip | head -c 5000 > cut.gz", in: folder)
    let path = folder.at("cut.gz")
    #expect(
      throws: Failure(
        .badData, "the gzip file is corrupt: the data are truncated",
        at: Place(path, byte: 5000), remedy: "download or create it again")
    ) { try readFile(path) }
  }

  @Test func missingFilesAreMissingInputWithTheNearestName() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("corpus.jsonl", "")
    let path = folder.at("corups.jsonl")
    #expect(
      throws: Failure(
        .missingInput, "there is no such file or folder", at: Place(path),
        remedy: "write '\(folder.at("corpus.jsonl"))', which exists")
    ) { try readFile(path) }
    #expect(
      throws: Failure(
        .missingInput, "the input is a folder", at: Place(folder.at("")), expected: "a file")
    ) { try readFile(folder.at("")) }
  }

  /// By number, since tests may run as a user whom no permission stops.
  @Test(arguments: [
    (EACCES, Failure.Kind.missingInput), (ENOENT, .missingInput), (EISDIR, .missingInput),
    (EIO, .io),
  ])
  func readingErrorsHaveTheirKinds(code: Int32, kind: Failure.Kind) {
    #expect(failureReading("x", code: code).kind == kind)
  }

  @Test(arguments: [
    (EACCES, Failure.Kind.cannotCreate), (ENOENT, .cannotCreate), (EROFS, .cannotCreate),
    (EISDIR, .cannotCreate), (ENOSPC, .io), (EIO, .io),
  ])
  func writingErrorsHaveTheirKinds(code: Int32, kind: Failure.Kind) {
    #expect(failureWriting("x", code: code).kind == kind)
  }
}
