import Export
import Foundation
import ModelFiles
import Models
import TestSupport
import Testing
import Verification

@Suite struct ExportedTokenTypeTests {
  /// What is exported of a tokenizer with one type says so too, and two types come back as they were.
  @Test(arguments: [true, false])
  func exportsSayWhichTypesThereAre(withTokenizerJSON: Bool) throws {
    let folder = try Material.temporaryFolder()
    let path = folder.appending(path: "model").path
    let output = folder.appending(path: "out").path
    try HandwrittenModel.write(to: URL(filePath: path), withTokenizerJSON: withTokenizerJSON)
    let one = try CrossEncoder(ModelSource(path).withTokenTypes(1), seed: 1)
    try export(one, notes: ModelNotes(), to: output)
    let again = try ModelSource(output)
    #expect(try CrossEncoder(again, seed: 1).tokenTypes == 1)
    let two = try CrossEncoder(again.withTokenTypes(2), seed: 1).tokenizer
    #expect(
      two.encodePair(query: [5], text: [6, 7], maxLength: 10).typeIDs == [0, 0, 0, 1, 1, 1])
  }
}
