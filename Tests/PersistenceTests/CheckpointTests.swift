import Diagnostics
import Foundation
import Persistence
import TestSupport
import Testing

/// A path in a new folder.
func newPath(_ name: String) throws -> String {
  try Material.temporaryFolder().appending(path: name).path(percentEncoded: false)
}

/// What `body` throws, with the folder of `path` taken out of it.
func failure(_ path: String, _ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch let failure as Failure {
    var failure = failure
    if let slash = path.lastIndex(of: "/") {
      failure.place?.file.replace(String(path[...slash]), with: "")
    }
    return failure
  } catch {
    Issue.record(error)
    return nil
  }
}

private func writeSample(_ path: String, step: Int64 = 500) throws {
  var writer = try CheckpointWriter(path)
  try writer.put(
    "/model/bert.pooler.dense.weight", [Float(1), 2, 3, 4, 5, -6.5].span, shape: [2, 3])
  try writer.put("/model/bert.pooler.dense.bias", [Float.infinity, 0].span, shape: [2])
  try writer.put("/optimizer/m/bert.pooler.dense.bias", [Float]().span, shape: [0])
  try writer.put("/score", 0.1)
  try writer.put("/step", step)
  try writer.put("/random/state", [UInt64.max, 0, 7].span, shape: [3])
  try writer.put("/recipe", "name: café 中\n")
  try writer.put("/empty", "")
  try writer.finish()
}

/// Read by hand with h5py 3.16 as well: numbers are `<f4`, `<f8`, `<i8`, `<u8` datasets, texts come
/// out of `file["recipe"].asstr()[()]`, and NumPy's four nested `cumsum`s over a dataset's words
/// end in its `fletcher4` attribute. Tried by hand as well, on a file system of 3 MB: a full disk
/// is a failure that says so, the old checkpoint stays, and the program ends as it should.
@Suite struct CheckpointTests {
  @Test func givesBackWhatWasPut() throws {
    let path = try newPath("a.h5")
    try writeSample(path)
    let reader = try CheckpointReader(path)
    #expect(
      reader.entries.map(\.path) == [
        "/empty", "/model/bert.pooler.dense.bias", "/model/bert.pooler.dense.weight",
        "/optimizer/m/bert.pooler.dense.bias", "/random/state", "/recipe", "/score", "/step",
      ])
    #expect(reader.entry("/model/bert.pooler.dense.weight")?.kind == .float32)
    #expect(reader.entry("/model/bert.pooler.dense.weight")?.shape == [2, 3])
    #expect(reader.entry("/score")?.shape == [])
    #expect(reader.entry("/nothing") == nil)
    #expect(
      try reader.numbers("/model/bert.pooler.dense.weight", as: Float.self) == [
        1, 2, 3, 4, 5, -6.5,
      ])
    #expect(try reader.numbers("/model/bert.pooler.dense.bias") == [Float.infinity, 0])
    #expect(try reader.numbers("/optimizer/m/bert.pooler.dense.bias", as: Float.self) == [])
    #expect(try reader.number("/score") == 0.1)
    #expect(try reader.number("/step") == Int64(500))
    #expect(try reader.numbers("/random/state") == [UInt64.max, 0, 7])
    #expect(try reader.text("/recipe") == "name: café 中\n")
    #expect(try reader.text("/empty") == "")
  }

  @Test func equalContentsAreEqualBytes() throws {
    let (one, other) = (try newPath("a.h5"), try newPath("a.h5"))
    try writeSample(one)
    // Object times are in seconds: without the pause, stored times would be equal by chance.
    Thread.sleep(forTimeInterval: 1.1)
    try writeSample(other)
    #expect(try Data(contentsOf: URL(filePath: one)) == Data(contentsOf: URL(filePath: other)))
  }

  @Test func anUnfinishedWriterLeavesTheOldCheckpoint() throws {
    let path = try newPath("a.h5")
    try writeSample(path, step: 1)
    do {
      var writer = try CheckpointWriter(path)
      try writer.put("/step", Int64(2))
      #expect(FileManager.default.fileExists(atPath: path + ".partial"))
    }
    #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    #expect(try CheckpointReader(path).number("/step") == Int64(1))
  }

  @Test func whatACrashLeftIsOverwritten() throws {
    let path = try newPath("a.h5")
    try Data("half a file".utf8).write(to: URL(filePath: path + ".partial"))
    try writeSample(path, step: 3)
    #expect(try CheckpointReader(path).number("/step") == Int64(3))
    #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
  }

  @Test func refusesAPathThatIsTakenOrMalformed() throws {
    let path = try newPath("a.h5")
    var writer = try CheckpointWriter(path)
    try writer.put("/a/b", Int64(1))
    for taken in ["/a/b", "/a/b/c", "/a"] {
      let found = failure(path) { try writer.put(taken, Int64(1)) }
      #expect(found?.problem == "the checkpoint already has an entry '\(taken)'")
      #expect(found?.kind == .software)
    }
    for malformed in ["", "/", "a", "/a//b", "/./b"] {
      let found = failure(path) { try writer.put(malformed, Int64(1)) }
      #expect(found?.problem == "'\(malformed)' is not a path in a checkpoint")
    }
    let found = failure(path) { try writer.put("/c", [Float(1)].span, shape: [2]) }
    #expect(found?.problem == "1 values do not fill the shape [2]")
    #expect(failure(path) { try writer.put("/t", "a\0") }?.kind == .software)
  }

  @Test func namesTheFolderThatIsNotThere() throws {
    let path = try newPath("a.h5") + "/no/b.h5"
    let found = failure(path) { _ = try CheckpointWriter(path) }
    #expect(found?.kind == .cannotCreate)
    #expect(found?.place?.file == "b.h5")
  }

  @Test func writersAndReadersOfManyThreadsTakeTurns() async throws {
    let folder = try Material.temporaryFolder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask {
          let path = folder.appending(path: "\(index).h5").path(percentEncoded: false)
          for _ in 0..<10 {
            try writeSample(path, step: Int64(index))
            #expect(try CheckpointReader(path).number("/step") == Int64(index))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

private let cannotOpen = "the file cannot be opened as a checkpoint: "

@Suite struct DamagedCheckpointTests {
  @Test func saysThatThereIsNoSuchFile() throws {
    let path = try newPath("a.h5")
    let found = failure(path) { _ = try CheckpointReader(path) }
    #expect(
      found?.description == """
        error: there is no such file or folder
          at: a.h5
        """)
    #expect(found?.kind == .missingInput)
    let folder = try Material.temporaryFolder().path(percentEncoded: false)
    #expect(failure("/") { _ = try CheckpointReader(folder) }?.kind == .missingInput)
  }

  @Test(arguments: [0, 7, 4096]) func saysThatAFileIsNotHDF5(size: Int) throws {
    let path = try newPath("a.h5")
    try Data(repeating: 0x41, count: size).write(to: URL(filePath: path))
    let found = failure(path) { _ = try CheckpointReader(path) }
    #expect(found?.kind == .badData)
    #expect(found?.problem == cannotOpen + "file signature not found")
    #expect(found?.place?.file == "a.h5")
  }

  @Test func saysThatAFileIsCutShort() throws {
    let path = try newPath("a.h5")
    try writeSample(path)
    let whole = try Data(contentsOf: URL(filePath: path))
    for size in stride(from: 0, to: whole.count, by: 61) {
      try whole.prefix(size).write(to: URL(filePath: path))
      let found = failure(path) { _ = try CheckpointReader(path) }
      #expect(found?.kind == .badData, "cut to \(size) bytes")
    }
    try whole.dropLast(7).write(to: URL(filePath: path))
    let length = whole.count - 512
    #expect(
      failure(path) { _ = try CheckpointReader(path) }?.description == """
        error: the checkpoint is damaged: it has \(length - 7) of \(length) bytes
          at: a.h5
          to do: use another checkpoint; 'ltr train --resume' finds the newest intact one
        """)
    try (whole + Data([0])).write(to: URL(filePath: path))
    #expect(
      failure(path) { _ = try CheckpointReader(path) }?.problem
        == "the checkpoint is damaged: it has \(length + 1) of \(length) bytes")
  }

  /// What a checkpoint begins with, as Documentation/Formats.md has it; behind it lies the HDF5 file,
  /// which versions before this wrote without it.
  @Test func beginsWithLengthAndChecksum() throws {
    let path = try newPath("a.h5")
    try writeSample(path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let text = String(decoding: whole.prefix(512).prefix { $0 != 0 }, as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == "ltr checkpoint")
    #expect(lines[1] == "bytes \(whole.count - 512)")
    var sums = [UInt64](repeating: 0, count: 4)
    let words = whole.dropFirst(512) + Data(count: 3 - (whole.count + 3) % 4)
    for start in stride(from: 0, to: words.count, by: 4) {
      sums[0] &+= (0..<4).reduce(0) { $0 | UInt64(words[512 + start + $1]) << UInt64(8 * $1) }
      for place in 1..<4 { sums[place] &+= sums[place - 1] }
    }
    let digits = sums.map { String($0, radix: 16) }.joined(separator: " ")
    #expect(lines[2] == "fletcher4 \(digits)")

    let expected = try contents(of: path)
    try whole.dropFirst(512).write(to: URL(filePath: path))
    #expect(CheckpointReader.recognises(path))
    #expect(try contents(of: path) == expected)
  }

  /// Neither may it reach libhdf5, whose version 1.10 frees memory that it has never set where its
  /// metadata are damaged, so that the program ended or hung.
  @Test func noFlippedByteGoesUnnoticed() throws {
    let path = try newPath("a.h5")
    try writeSample(path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let good = try contents(of: path)
    var noticed = 0
    for byte in stride(from: 0, to: whole.count, by: 3) {
      var flipped = whole
      flipped[byte] ^= 0x10
      try flipped.write(to: URL(filePath: path))
      // A byte that nothing uses (padding between objects) may change; a value may not.
      let found = failure(path) {
        let found = try contents(of: path)
        #expect(found == good, "byte \(byte)")
      }
      if let found {
        #expect(found.kind == .badData)
        noticed += 1
      }
    }
    // All but those of the first line and of the zeros after the seal.
    #expect(noticed > (whole.count - 512) / 3)
  }

  @Test func namesAnEntryThatIsNotThereOrOfAnotherKind() throws {
    let path = try newPath("a.h5")
    try writeSample(path)
    let reader = try CheckpointReader(path)
    #expect(
      failure(path) { _ = try reader.number("/stpe", as: Int64.self) }?.description == """
        error: the checkpoint has no entry '/stpe'
          at: a.h5, key '/stpe'
          expected: an entry '/stpe'; the nearest is '/step'
        """)
    #expect(
      failure(path) { _ = try reader.number("/step", as: Float.self) }?.description == """
        error: the entry holds int64
          at: a.h5, key '/step'
          expected: float32
        """)
    #expect(
      failure(path) { _ = try reader.number("/random/state", as: UInt64.self) }?.description == """
        error: the entry has the shape [3]
          at: a.h5, key '/random/state'
          expected: 1 values
        """)
  }

  private func contents(of path: String) throws -> [String] {
    let reader = try CheckpointReader(path)
    return try reader.entries.map { entry in
      let value =
        switch entry.kind {
        case .float32: "\(try reader.numbers(entry.path, as: Float.self))"
        case .float64: "\(try reader.numbers(entry.path, as: Double.self))"
        case .int64: "\(try reader.numbers(entry.path, as: Int64.self))"
        case .uint64: "\(try reader.numbers(entry.path, as: UInt64.self))"
        case .text: try reader.text(entry.path)
        case nil: "?"
        }
      return "\(entry.path) \(entry.shape) \(value)"
    }
  }
}
