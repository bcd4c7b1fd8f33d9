import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TarWriterTests {
  private func write(_ path: String) throws {
    try writeTarGzip(
      to: path,
      files: [
        ("b.txt", Bytes(Array("second".utf8))), ("a/größe.bin", Bytes([UInt8](0...255))),
        ("empty", Bytes([])), ("large", Bytes([UInt8](repeating: 7, count: 3_000_001))),
        (String(repeating: "long/", count: 40) + "name", Bytes([1])),
      ])
  }

  @Test func readsBackAndKeepsTheOrder() throws {
    let folder = try Material.temporaryFolder()
    try write(folder.at("x.tar.gz"))
    let archive = try Folder(opening: folder.at("x.tar.gz"))
    #expect(try archive.read("b.txt").text == "second")
    #expect(try archive.read("a/größe.bin").array == [UInt8](0...255))
    #expect(try archive.read("empty").isEmpty)
    #expect(try archive.read("large").count == 3_000_001)
    #expect(archive.names().count == 5)
    // Another reader, and what it says of owners and times.
    try shell("TZ=UTC tar tvzf x.tar.gz --numeric-owner > list", in: folder)
    let lines = try readFile(folder.at("list")).text.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines.allSatisfy { $0.hasPrefix("-rw-r--r-- 0/0 ") && $0.contains("1970-01-01 00:00") })
    #expect(lines[0].hasSuffix(" b.txt"))
  }

  @Test func equalFilesAreEqualBytes() throws {
    let folder = try Material.temporaryFolder()
    try write(folder.at("x.tar.gz"))
    Thread.sleep(forTimeInterval: 1.1)
    try write(folder.at("y.tar.gz"))
    let bytes = try Bytes(mapping: folder.at("x.tar.gz")).array
    #expect(try Bytes(mapping: folder.at("y.tar.gz")).array == bytes)
    // The header of gzip: no name, no time.
    #expect(bytes[3] == 0 && bytes[4..<8].allSatisfy { $0 == 0 })
  }

  @Test func leavesNothingBehindWhereItCannotWrite() throws {
    let folder = try Material.temporaryFolder()
    let failure = #expect(throws: Failure.self) { try write(folder.at("none/x.tar.gz")) }
    #expect(failure?.kind == .cannotCreate)
    if fileKind(at: "/dev/full") != nil {
      let full = #expect(throws: Failure.self) { try write("/dev/full") }
      #expect(full?.kind == .io)
      #expect(full?.problem == "the disk is full")
    }
    #expect(try folder.children == [])
  }
}
