import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct AppendedFileTests {
  @Test func growsAndIsCutBack() throws {
    let path = try Material.temporaryFolder().appending(path: "file").path
    let first = try AppendedFile(path)
    try first.append(Array("one\n".utf8))
    try first.append(Array("two\n".utf8))
    #expect(first.count == 8)
    #expect(fileSize(at: path) == 0, "small pieces are gathered")
    try first.flush()
    #expect(fileSize(at: path) == 8)
    #expect(throws: Failure.self, "one at a time") { _ = try AppendedFile(path) }
    let copy = path + "-copy"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    let second = try AppendedFile(copy, keeping: 4)
    try second.append(Array("three\n".utf8))
    try second.flush()
    #expect(try String(contentsOfFile: copy, encoding: .utf8) == "one\nthree\n")
    withExtendedLifetime(first) {}
  }

  @Test func whatIsMissingCannotBeKept() throws {
    let path = try Material.temporaryFolder().appending(path: "file").path
    try Data("one".utf8).write(to: URL(filePath: path))
    #expect(throws: Failure.self) { _ = try AppendedFile(path, keeping: 4) }
    #expect(fileSize(at: path) == 3)
  }

  @Test func filesChangePlaces() throws {
    let folder = try Material.temporaryFolder().path
    try writeAtomically("new", to: folder + "/a")
    try writeAtomically("old", to: folder + "/b")
    try renameFile(folder + "/a", to: folder + "/b")
    #expect(try String(contentsOfFile: folder + "/b", encoding: .utf8) == "new")
    #expect(fileSize(at: folder + "/a") == nil && fileSize(at: folder) == nil)
    try removeFile(folder + "/b")
    try removeFile(folder + "/b")
    #expect(fileKind(at: folder + "/b") == nil)
  }
}
