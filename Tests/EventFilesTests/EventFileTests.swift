import Foundation
import TestSupport
import Testing

import EventFiles

/// Framing and messages against bytes that TensorBoard's own writer gave.
@Suite struct EventFileTests {
  private func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  /// The check value of the CRC catalogue, and an example of RFC 3720, appendix B.4.
  @Test func checksums() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// `RecordWriter` of tensorboard 2.21.0 over a `file_version` and over a scalar 0.25 of step 3,
  /// both at time 1.5.
  @Test func bytesOfAFile() throws {
    let folder = try Material.temporaryFolder().path
    let time = Date(timeIntervalSince1970: 1.5)
    let file = try EventFile(in: folder, time: time)
    try file.append([.init("train/loss", 0.25), .init("bad", .nan)], step: 3, time: time)
    try file.append([.init("bad", .infinity)], step: 4, time: time)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names == ["events.out.tfevents.1.ltr"])
    let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(names[0])"))
    let first =
      "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
    let last =
      "200000000000000029eda95009000000000000f83f10032a130a110a0a747261696e2f6c6f7373150000803e"
      + "43301b92"
    #expect(hex(bytes).hasPrefix(first))
    #expect(hex(bytes).hasSuffix(last))
    // Between them is the start of the session: time 1.5, field 7 with status START.
    let start: [UInt8] = [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0x3A, 2, 8, 1]
    #expect(hex(bytes) == first + hex(EventRecord.framing(start)) + last)
  }

  /// Every record of a file, checked by its length and both checksums.
  private func records(_ path: String) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var records: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      let length = bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let record = Array(bytes[(place + 12)..<(place + 12 + length)])
      #expect(EventRecord.framing(record) == Array(bytes[place..<place + 16 + length]))
      records.append(record)
      place += 16 + length
    }
    return records
  }

  /// A start in the same second sorts behind the one before and replaces it.
  @Test func laterStartReplacesTheEarlier() throws {
    let folder = try Material.temporaryFolder().path
    let time = Date(timeIntervalSince1970: 1000)
    _ = try EventFile(in: folder, time: time)
    try Data().write(to: URL(filePath: folder + "/notes.txt"))
    let file = try EventFile(in: folder, time: time)
    try file.append(text: "a: 1", tag: "recipe", step: 0, time: time)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["events.out.tfevents.1001.ltr", "notes.txt"])
    let records = try records("\(folder)/\(names[0])")
    #expect(records.count == 3)
    #expect(String(decoding: records[2], as: UTF8.self).contains("a: 1"))
  }

  @Test func folderThatCannotBeWritten() throws {
    let folder = try Material.temporaryFolder().path
    try Data().write(to: URL(filePath: folder + "/file"))
    #expect(throws: (any Error).self) { try EventFile(in: folder + "/file") }
  }
}
