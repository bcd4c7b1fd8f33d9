import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ZipWriterTests {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("weights.bin", (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }),
    ("folder/é.json", Array(#"{"a": 1}"#.utf8)), ("empty", []),
  ]

  private func write(_ path: String) throws {
    try writeAtomically(to: path) { (file) throws(Failure) in
      var zip = ZipWriter()
      for (name, bytes) in Self.files { try zip.add(name, Bytes(bytes), to: &file) }
      try zip.finish(&file)
    }
  }

  /// The system's own tool finds every checksum right.
  @Test func othersReadIt() throws {
    let folder = try Material.temporaryFolder()
    try write(folder.at("a.zip"))
    try shell("unzip -tq a.zip && LC_ALL=C.UTF-8 unzip -q a.zip -d out", in: folder)
    for (name, bytes) in Self.files {
      #expect(try Data(contentsOf: folder.appending(path: "out/\(name)")) == Data(bytes))
    }
  }

  @Test func isReadHere() throws {
    let folder = try Material.temporaryFolder()
    try write(folder.at("a.zip"))
    let archive = try Folder(opening: folder.at("a.zip"))
    #expect(archive.names() == ["empty", "folder/é.json", "weights.bin"])
    for (name, bytes) in Self.files { #expect(try archive.read(name).array == bytes) }
  }

  @Test func equalFilesAreEqualBytes() throws {
    let folder = try Material.temporaryFolder()
    try write(folder.at("a.zip"))
    try write(folder.at("b.zip"))
    #expect(try readZip(folder.at("a.zip")) == readZip(folder.at("b.zip")))
  }

  private func readZip(_ path: String) throws -> [UInt8] { try Bytes(mapping: path).array }
}
