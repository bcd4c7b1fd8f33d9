import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// Damage of every kind to small compressed files that the system's own tools have made.
@Suite struct DecompressionTests {
  private static let tools = ["gzip", "zstd", "xz", "bzip2"]

  private static let text = (0..<40).map { "{\"_id\": \"d\($0)\", \"text\": \"word \($0 * 7)\"}\n" }
    .joined()

  private func compressed(_ tool: String, _ text: String = text) throws -> [UInt8] {
    let folder = try Material.temporaryFolder()
    try folder.put("text", text)
    try shell("\(tool) -c < text > packed", in: folder)
    return Array(try Data(contentsOf: folder.appending(path: "packed")))
  }

  /// What comes out, or nil where the damage is noticed. Bytes that do not begin as a compressed
  /// stream does any more come out as they are.
  private func decompressed(_ bytes: [UInt8]) -> [UInt8]? {
    try? Bytes(bytes).decompressed(from: "x").array
  }

  @Test(arguments: tools) func everyFlippedBitIsNoticedOrHarmless(tool: String) throws {
    #expect(decompressed(try compressed(tool, "")) == [])
    let packed = try compressed(tool)
    #expect(decompressed(packed) == Array(Self.text.utf8))
    var noticed = 0
    for place in packed.indices {
      for bit in 0..<8 {
        var damaged = packed
        damaged[place] ^= 1 << bit
        guard let result = decompressed(damaged) else {
          noticed += 1
          continue
        }
        #expect(
          result == Array(Self.text.utf8) || (result == damaged && place < 10),
          "\(tool), byte \(place), bit \(bit)")
      }
    }
    // Names, times and unused bits of headers do not matter; the data do.
    #expect(noticed > packed.count * 8 * 8 / 10)
  }

  @Test(arguments: tools) func everyTruncationIsNoticed(tool: String) throws {
    let packed = try compressed(tool)
    for length in 10..<packed.count {
      #expect(decompressed(Array(packed[..<length])) == nil, "\(tool), \(length) bytes")
    }
    // Between two members there is nothing by which to notice it.
    let two = packed + packed
    #expect(decompressed(two).map { $0 == Array((Self.text + Self.text).utf8) } == true)
    for length in packed.count + 10..<two.count {
      #expect(decompressed(Array(two[..<length])) == nil, "\(tool), \(length) bytes of two members")
    }
  }

  @Test(arguments: tools) func whatFollowsTheDataIsNoticed(tool: String) throws {
    let packed = try compressed(tool)
    for rest in ["x", "garbage that is longer than any header", "\u{1F}"] {
      #expect(decompressed(packed + Array(rest.utf8)) == nil, "\(tool), '\(rest)'")
    }
  }

  @Test func gzipTellsTheByte() throws {
    let packed = try compressed("gzip")
    func failure(_ bytes: [UInt8]) throws -> Failure {
      try #require(
        #expect(throws: Failure.self) { _ = try Bytes(bytes).decompressed(from: "x.gz") })
    }
    var wrong = packed
    wrong[packed.count - 6] ^= 1
    let checksum = try failure(wrong)
    #expect(checksum.problem == "the gzip file is corrupt: incorrect data check")
    #expect(checksum.place?.file == "x.gz")
    let byte = try #require(checksum.place?.byte)
    #expect((packed.count - 8...packed.count).contains(byte))
    #expect(checksum.kind == .badData)
    wrong = packed
    wrong[packed.count - 2] ^= 1
    #expect(try failure(wrong).problem == "the gzip file is corrupt: incorrect length check")
    let short = try failure(Array(packed.dropLast(4)))
    #expect(short.problem == "the gzip file is corrupt: the data are truncated")
    #expect(short.place?.byte == packed.count - 4)
    let more = try failure(packed + [0, 0, 7])
    #expect(more.problem == "the gzip file is corrupt: unexpected bytes after the data")
    #expect(more.place?.byte == packed.count + 2)
    // Tapes are filled up with zeros.
    #expect(decompressed(packed + [0, 0, 0]) == Array(Self.text.utf8))
  }

  @Test func whatIsCompressedTwiceIsVerifiedTwice() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("text", Self.text)
    try shell("gzip -c text | xz -c > x; xz -c text | gzip -c > y", in: folder)
    #expect(try readFile(folder.at("x")).text == Self.text)
    #expect(try readFile(folder.at("y")).text == Self.text)
    // Damage in the inner file, packed again.
    try shell(
      "gzip -c text > g; printf X | dd of=g bs=1 seek=$(($(wc -c < g) - 7)) conv=notrunc; xz -c g > x",
      in: folder)
    #expect(throws: Failure.self) { try readFile(folder.at("x")) }
    try shell(
      "cp text t; for i in 1 2 3 4 5 6 7 8 9; do gzip -c t > u; mv u t; done", in: folder)
    let failure = #expect(throws: Failure.self) { try readFile(folder.at("t")) }
    #expect(failure?.problem == "the file has more than 8 layers of compression")
  }

  @Test func damageOfOtherFormatsHasItsByteToo() throws {
    for tool in ["zstd", "xz", "bzip2"] {
      let packed = try compressed(tool)
      let short = #expect(throws: Failure.self) {
        _ = try Bytes(Array(packed.dropLast(4))).decompressed(from: "x")
      }
      #expect(short?.place?.byte != nil, "\(tool)")
      let long = #expect(throws: Failure.self) {
        _ = try Bytes(packed + Array("garbage".utf8)).decompressed(from: "x")
      }
      #expect((long?.place?.byte).map { $0 <= packed.count + 7 } == true, "\(tool)")
    }
  }

  /// A look at the beginning does not decompress what follows: its damage is not noticed there.
  @Test(arguments: tools) func beginnings(tool: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("text", "")
    try shell("seq 1 600000 > text; \(tool) -c text > packed; gzip -c packed > twice", in: folder)
    let whole = try readFile(folder.at("packed"))
    var packed = Array(try Data(contentsOf: folder.appending(path: "packed")))
    #expect(try Bytes(packed).decompressed(first: .max, from: "x").array == whole.array)
    packed[packed.count - 12] ^= 0xFF
    packed[packed.count - 3] ^= 0xFF
    #expect(throws: Failure.self) { try Bytes(packed).decompressed(from: "x") }
    let head = try Bytes(packed).decompressed(first: 1000, from: "x")
    #expect(head.count >= 1000 && head.count < whole.count / 2)
    #expect(head.array == whole[0..<head.count].array)
    let twice = try Folder(opening: folder.at("")).readBeginning("twice", 1000)
    #expect(twice.count >= 1000 && twice[0..<1000].array == whole[0..<1000].array)
  }

  /// `pzstd` writes frames of the kind that readers pass over before its data, others after them.
  @Test func skippableFramesOfZstdArePassedOver() throws {
    let packed = try compressed("zstd")
    let frame: [UInt8] = [0x5F, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
    #expect(decompressed(frame + packed) == Array(Self.text.utf8))
    #expect(decompressed(packed + frame) == Array(Self.text.utf8))
    var damaged = frame + packed
    damaged[damaged.count - 1] ^= 1
    #expect(decompressed(damaged) == nil)
  }

  @Test func archivesAndWhatIsInThemAreVerified() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("tree/corpus.jsonl", Self.text)
    try shell(
      "tar czf a.tar.gz tree; gzip -k tree/corpus.jsonl; rm tree/corpus.jsonl; zip -q -r a.zip tree",
      in: folder)
    for name in ["a.tar.gz", "tree/corpus.jsonl.gz"] {
      let file = folder.appending(path: name)
      var bytes = Array(try Data(contentsOf: file))
      bytes[bytes.count - 6] ^= 1
      try Data(bytes).write(to: file)
    }
    #expect(throws: Failure.self) { try Folder(opening: folder.at("a.tar.gz")) }
    // The archive of the damaged file is in order itself.
    try shell("rm a.zip; zip -q -r a.zip tree", in: folder)
    let archive = try Folder(opening: folder.at("a.zip"))
    let failure = #expect(throws: Failure.self) {
      _ = try archive.readDecompressed("tree/corpus.jsonl.gz")
    }
    #expect(failure?.place?.file.hasSuffix("a.zip/tree/corpus.jsonl.gz") == true)
  }
}
