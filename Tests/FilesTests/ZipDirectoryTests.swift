import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ZipDirectoryTests {
  private func directory(_ bytes: [UInt8]) throws(Failure) -> ZipDirectory {
    try ZipDirectory(Bytes(bytes), file: "a.zip")
  }

  private func problem(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      let failure = error as? Failure
      return failure?.kind == .badData ? failure?.problem : "not a failure: \(error)"
    }
  }

  /// An archive that the system's tool has made with these arguments.
  private func archive(_ arguments: String) throws -> [UInt8] {
    let folder = try Material.temporaryFolder()
    try folder.put("tree/a.txt", "first")
    try folder.put("tree/empty", "")
    try folder.put("tree/sub/b.txt", String(repeating: "second ", count: 100))
    try shell("cd tree && zip -q \(arguments) ../a.zip a.txt empty sub/b.txt", in: folder)
    return try Bytes(mapping: folder.at("a.zip")).array
  }

  @Test(arguments: ["-0", "-0 -fz", "-0 -X"])
  func readsWhatOthersWrote(_ arguments: String) throws {
    let bytes = try archive(arguments)
    let zip = try directory(bytes)
    #expect(zip.entries.map(\.name) == ["a.txt", "empty", "sub/b.txt"])
    #expect(zip["c.txt"] == nil)
    for (name, text) in [
      ("a.txt", "first"), ("empty", ""), ("sub/b.txt", String(repeating: "second ", count: 100)),
    ] {
      let entry = try #require(zip[name])
      #expect(entry.count == text.utf8.count)
      #expect(try Array(bytes[zip.range(of: entry)]) == Array(text.utf8))
    }
  }

  @Test func aCommentMayFollow() throws {
    var bytes = try archive("-0")
    bytes[bytes.count - 2] = 4
    #expect(try directory(bytes + Array("PK\u{5}\u{6}".utf8)).entries.count == 3)
    #expect(
      problem { _ = try directory(bytes) }
        == "the zip archive is truncated or damaged: the directory at its end is missing")
  }

  /// Sizes and offsets of 4 GiB or more are in a field of their own, which small ones may have too.
  @Test func wideNumbers() throws {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func bytes(size: Int = 3, offset: Int = 0, field: Int = 24) -> [UInt8] {
      let local =
        [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + little(1, 2) + little(0, 2)
        + Array("aXYZ".utf8)
      let wide = [UInt8](repeating: 255, count: 4)
      let extra =
        little(9, 2) + little(2, 2) + [0, 0] + little(1, 2) + little(field, 2) + little(size, 8)
        + little(size, 8) + little(offset, 8)
      let record =
        [0x50, 0x4B, 1, 2] + [UInt8](repeating: 0, count: 16) + wide + wide + little(1, 2)
        + little(extra.count, 2) + [UInt8](repeating: 0, count: 10) + wide + Array("a".utf8)
        + extra
      let end =
        [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + little(record.count, 4)
        + little(local.count, 4) + [0, 0]
      return local + record + end
    }
    let good = bytes()
    let zip = try directory(good)
    #expect(try Array(good[zip.range(of: zip.entries[0])]) == Array("XYZ".utf8))
    for (size, offset) in [(4, 0), (.max, 0), (3, 1), (3, 40), (3, .max), (.max, .max)] {
      let zip = try directory(bytes(size: size, offset: offset))
      #expect(problem { _ = try zip.range(of: zip.entries[0]) } != nil, "\(size) at \(offset)")
    }
    #expect(
      problem { _ = try directory(bytes(size: -1)) }
        == "the zip archive is truncated or damaged: a size or an offset is"
        + " 18446744073709551615")
  }

  @Test func refusesFilesThatAreNotStored() throws {
    for (arguments, what) in [("-9", "compressed"), ("-0 -P secret", "encrypted")] {
      let zip = try directory(archive(arguments))
      let entry = try #require(zip["sub/b.txt"])
      #expect(problem { _ = try zip.range(of: entry) } == "the file in the archive is \(what)")
    }
  }

  @Test func aCutArchiveIsNeverTakenForAWholeOne() throws {
    for arguments in ["-0", "-0 -fz"] {
      let whole = try archive(arguments)
      for size in 0..<whole.count {
        #expect(
          problem { _ = try directory(Array(whole.prefix(size))) }?
            .hasPrefix("the zip archive is truncated or damaged: ") == true,
          "cut to \(size) bytes")
      }
    }
  }

  @Test func refusesContradictions() throws {
    let whole = try archive("-0")
    let end = whole.count - 22
    for (place, change, what) in [
      (end + 10, 1, "the directory has 3 files, but 4 according to its end"),
      (end + 12, 255, "a record is truncated"),
      (end + 16, 255, "a record of the directory is malformed"),
      (end + 12, 1, "the directory lies outside of the archive"),
      (end + 19, 1, "the directory lies outside of the archive"),
    ] as [(Int, UInt8, String)] {
      var bytes = whole
      bytes[place] &+= change
      #expect(
        problem { _ = try directory(bytes) } == "the zip archive is truncated or damaged: \(what)")
    }
    var renamed = whole
    renamed[30] = UInt8(ascii: "z")
    let zip = try directory(renamed)
    #expect(
      problem { _ = try zip.range(of: zip.entries[0]) }
        == "the zip archive is truncated or damaged: the file's header has another name than the"
        + " directory")
  }
}
