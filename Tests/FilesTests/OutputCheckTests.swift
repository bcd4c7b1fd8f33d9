import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct OutputCheckTests {
  @Test func files() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("old", "")
    let old = folder.at("old")
    #expect(
      throws: Failure(
        .cannotCreate, "the file already exists", at: Place(old),
        remedy: "choose another name, or give --overwrite")
    ) { try OutputCheck.file(old, overwrite: false) }
    try OutputCheck.file(old, overwrite: true)
    try OutputCheck.file(folder.at("new"), overwrite: false)
    try OutputCheck.file("/dev/null", overwrite: false)
    #expect(
      throws: Failure(
        .cannotCreate, "the output is a folder", at: Place(folder.path),
        expected: "a file, or a path that does not exist", remedy: "choose another name")
    ) { try OutputCheck.file(folder.path, overwrite: true) }
    let nowhere = folder.at("none/new")
    let failure = #expect(throws: Failure.self) {
      try OutputCheck.file(nowhere, overwrite: true)
    }
    #expect(failure?.kind == .cannotCreate)
    #expect(failure?.remedy == "create the folder '\(folder.at("none"))' first")
  }

  /// The failure of a folder that holds one file, by what that file means.
  private func failure(
    _ contents: OutputCheck.Contents, overwrite: Bool, or other: String? = nil
  ) throws -> Failure? {
    let folder = try Material.temporaryFolder()
    try folder.put("a", "")
    do throws(Failure) {
      try OutputCheck.folder(folder.path, overwrite: overwrite, or: other) { names in
        #expect(names == ["a"])
        return contents
      }
      return nil
    } catch {
      #expect(error.kind == .cannotCreate && error.place == Place(folder.path))
      return error
    }
  }

  @Test(arguments: [true, false])
  func foldersOfOtherThings(overwrite: Bool) throws {
    #expect(try failure(.nothingReplaced, overwrite: overwrite) == nil)
    let foreign = try failure(.otherThan("an index"), overwrite: overwrite)
    #expect(foreign?.problem == "the folder holds files that do not belong to an index")
    #expect(foreign?.remedy == "choose another folder", "--overwrite would change nothing")
  }

  @Test func foldersOfTheSameKind() throws {
    #expect(try failure(.output("an index"), overwrite: true) == nil)
    let index = try failure(.output("an index"), overwrite: false)
    #expect(index?.problem == "the folder already holds an index")
    #expect(index?.remedy == "choose another folder, or give --overwrite")
    let run = try failure(.output("a run"), overwrite: false, or: "give --resume")
    #expect(run?.remedy == "choose another folder, give --overwrite, or give --resume")
  }

  @Test func foldersThatAreFree() throws {
    let folder = try Material.temporaryFolder()
    func check(_ path: String) throws(Failure) {
      try OutputCheck.folder(path, overwrite: false) { _ in .otherThan("a run") }
    }
    try check(folder.path)
    try check(folder.at("none"))
    try folder.put("file", "")
    #expect(
      throws: Failure(
        .cannotCreate, "the output is a file", at: Place(folder.at("file")),
        expected: "a folder, or a path that does not exist", remedy: "choose another name")
    ) { try check(folder.at("file")) }
  }
}
