import Foundation
import Options
import Retrieval
import TestSupport
import Testing

/// The identity of a first stage, by which a search that was kept is found again.
@Suite struct StageIdentityTests {
  /// The index of another program names neither its ids nor its model: both are part of what was
  /// searched.
  @Test(arguments: ["index/index.faiss", "index/ids.txt", "model/config.json"])
  func changesWithEachFileOfAForeignIndex(_ name: String) throws {
    let folder = try Material.temporaryFolder()
    for (file, text) in [
      ("index/index.faiss", "vectors"), ("index/ids.txt", "a\nb\n"), ("model/config.json", "{}"),
    ] {
      let url = folder.appending(path: file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    var stage = StageOptions(.index(folder.appending(path: "index").path))
    stage.search.model = folder.appending(path: "model").path
    let before = try stage.identity
    #expect(try stage.identity == before)
    try Data("other".utf8).write(to: folder.appending(path: name))
    #expect(try stage.identity != before)
  }
}
