import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func writesPiecesInOrder() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.at("out")
    try writeAtomically(to: path) { file throws(Failure) in
      try file.append("a")
      try file.append([UInt8](repeating: 0x62, count: 600_000))
      try file.append("c")
      let more: [UInt8] = [0x64, 0x65]
      try file.append(more.span)
    }
    let bytes = try readFile(path)
    #expect(bytes.count == 600_004)
    #expect(bytes[0..<2].text == "ab")
    #expect(bytes[600_000..<600_004].text == "bcde")
    #expect(try folder.children == ["out"])
  }

  @Test func replacesOnlyOnSuccessAndLeavesNothingBehind() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.at("out")
    try writeAtomically("old", to: path)
    try shell("chmod 640 out", in: folder)
    #expect(throws: Failure(.badData, "stop")) {
      try writeAtomically(to: path) { file throws(Failure) in
        try file.append("half")
        #expect((try? readFile(path))?.text == "old")
        throw Failure(.badData, "stop")
      }
    }
    #expect(try readFile(path).text == "old")
    #expect(try folder.children == ["out"])
    try writeAtomically("new", to: path)
    #expect(try readFile(path).text == "new")
    let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(rights as? Int == 0o640)
  }

  @Test func writesThroughALinkAndIntoADevice() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("real", "old")
    try shell("ln -s real link", in: folder)
    try writeAtomically("new", to: folder.at("link"))
    #expect(try readFile(folder.at("real")).text == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.at("link")) == "real")
    try writeAtomically("gone", to: "/dev/null")
  }

  @Test func aFullDiskIsSaidToBeFull() {
    #expect(
      throws: Failure(
        .io, "the disk is full", at: Place("/dev/full"),
        remedy: "free some space there or choose a place on another disk")
    ) { try writeAtomically("x", to: "/dev/full") }
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let folder = try Material.temporaryFolder()
    let missing = folder.at("no/out")
    #expect(
      throws: Failure(
        .cannotCreate, "the folder of the output does not exist", at: Place(missing),
        remedy: "create the folder '\(folder.at("no"))' first")
    ) { try writeAtomically("x", to: missing) }
    let inTheWay = folder.at("folder")
    try createFolder(folder.at("folder/deep/er"))
    #expect(
      throws: Failure(
        .cannotCreate, "the output is a folder", at: Place(inTheWay),
        expected: "a file, or a path that does not exist", remedy: "choose another name")
    ) { try writeAtomically("x", to: inTheWay) }
    #expect { try writeAtomically("x", to: "/proc/x") } throws: {
      ($0 as? Failure)?.kind == .cannotCreate
    }
  }
}

@Suite struct AtomicFileLeftoverTests {
  @Test func whatKilledWritersLeftIsRemovedAndWhatOthersWriteIsNot() throws {
    let folder = try Material.temporaryFolder()
    try shell("mkdir out.partial-14; ln -s /dev/null out.partial-15", in: folder)
    for name in ["out.partial-11", "out.partial-12", "out.partial-x", "other.partial-13"] {
      try folder.put(name, "half")
    }
    let writing = unsafe open(folder.at("out.partial-12"), O_RDONLY)
    defer { _ = close(writing) }
    #expect(writing >= 0 && flock(writing, LOCK_EX | LOCK_NB) == 0)
    let own = folder.at("out.partial-\(getpid())")
    try writeAtomically(to: folder.at("out")) { out throws(Failure) in
      try out.append("text")
      // Another writer that begins meanwhile does not remove this one.
      let file = unsafe open(own, O_RDONLY)
      defer { _ = close(file) }
      #expect(file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0)
    }
    #expect(try readFile(folder.at("out")).text == "text")
    #expect(
      try folder.children == [
        "other.partial-13", "out", "out.partial-12", "out.partial-14", "out.partial-15",
        "out.partial-x",
      ])
  }

  @Test func aLeftoverOfTheSameNumberIsReplaced() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("out.partial-\(getpid())", "a longer text of another process of this number")
    try writeAtomically("text", to: folder.at("out"))
    #expect(try readFile(folder.at("out")).text == "text")
    #expect(try folder.children == ["out"])
  }
}

@Suite struct AtomicFolderTests {
  @Test func appearsWholeWithItsParents() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.at("a/b/model/")
    try writeFolderAtomically(at: path) { writer throws(Failure) in
      try writer.write("config.json", "{}")
      try writer.write("onnx/model.bin", [1, 2, 3])
      try writer.write("log") { file throws(Failure) in try file.append("x") }
      let direct = try writer.path(of: "sub/by-hand")
      #expect(FileManager.default.createFile(atPath: direct, contents: Data("y".utf8)))
      #expect(fileKind(at: path) == nil)
    }
    #expect(
      try Folder(opening: path).names() == ["config.json", "log", "onnx/model.bin", "sub/by-hand"])
    #expect(try folder.appending(path: "a/b").children == ["model"])
  }

  @Test func leavesNothingBehindOnFailure() throws {
    let folder = try Material.temporaryFolder()
    #expect(throws: Failure(.badData, "stop")) {
      try writeFolderAtomically(at: folder.at("m")) { writer throws(Failure) in
        try writer.write("x", "x")
        throw Failure(.badData, "stop")
      }
    }
    #expect(try folder.children.isEmpty)
  }

  @Test func whatKilledWritersLeftIsRemovedAndWhatOthersWriteIsNot() throws {
    let folder = try Material.temporaryFolder()
    try shell(
      "mkdir -p out.partial-11/parts out.partial-12 out.partial-x other.partial-13", in: folder)
    try shell("touch out.partial-11/parts/half", in: folder)
    let writing = unsafe open(folder.at("out.partial-12"), O_RDONLY | O_DIRECTORY)
    defer { _ = close(writing) }
    #expect(writing >= 0 && flock(writing, LOCK_EX | LOCK_NB) == 0)
    try writeFolderAtomically(at: folder.at("out")) { out throws(Failure) in
      try out.write("a", "text")
      // Another writer that begins meanwhile does not remove this one.
      let own = unsafe open(out.path, O_RDONLY | O_DIRECTORY)
      defer { _ = close(own) }
      #expect(own >= 0 && flock(own, LOCK_EX | LOCK_NB) != 0)
    }
    #expect(
      try folder.children == ["other.partial-13", "out", "out.partial-12", "out.partial-x"])
  }

  @Test func replacesOnlyWhenTold() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("m/old", "old")
    let path = folder.at("m")
    #expect(
      throws: Failure(
        .cannotCreate, "the folder already holds files", at: Place(path),
        remedy: "choose another folder, or give --overwrite")
    ) {
      try writeFolderAtomically(at: path) { writer throws(Failure) in
        try writer.write("new", "new")
      }
    }
    #expect(throws: Failure(.badData, "stop")) {
      try writeFolderAtomically(at: path, overwrite: true) { _ throws(Failure) in
        throw Failure(.badData, "stop")
      }
    }
    #expect(try Folder(opening: path).names() == ["old"])
    try writeFolderAtomically(at: path, overwrite: true) { writer throws(Failure) in
      try writer.write("new", "new")
    }
    #expect(try Folder(opening: path).names() == ["new"])
    #expect(try folder.children == ["m"])
  }

  @Test func anEmptyFolderIsNoObstacleButAFileIs() throws {
    let folder = try Material.temporaryFolder()
    try createFolder(folder.at("m"))
    try writeFolderAtomically(at: folder.at("m")) { writer throws(Failure) in
      try writer.write("new", "new")
    }
    #expect(try Folder(opening: folder.at("m")).names() == ["new"])
    try folder.put("f", "")
    #expect(
      throws: Failure(
        .cannotCreate, "the output is a file", at: Place(folder.at("f")),
        expected: "a folder, or a path that does not exist", remedy: "choose another name")
    ) { try writeFolderAtomically(at: folder.at("f"), overwrite: true) { _ in } }
  }

  @Test func refusesNamesThatLeadOut() throws {
    let folder = try Material.temporaryFolder()
    #expect {
      try writeFolderAtomically(at: folder.at("m")) { writer throws(Failure) in
        try writer.write("../x", "x")
      }
    } throws: { ($0 as? Failure)?.kind == .cannotCreate }
    #expect(try folder.children.isEmpty)
  }
}
