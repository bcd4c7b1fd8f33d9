import Foundation
import ModelFiles
import Models
import TestSupport
import Testing
import Tokenization

@Suite struct TokenTypeTests {
  private let folder: URL
  private var path: String { folder.appending(path: "model").path }

  init() throws { folder = try Material.temporaryFolder() }

  private func types(_ tokenizer: Tokenizer) -> [Int32] {
    tokenizer.encodePair(query: [5], text: [6, 7], maxLength: 10).typeIDs
  }

  @Test(arguments: [true, false])
  func aTokenizerCanHaveOneTypeOrTwo(withTokenizerJSON: Bool) throws {
    try HandwrittenModel.write(to: URL(filePath: path), withTokenizerJSON: withTokenizerJSON)
    let source = try ModelSource(path)
    let own = try CrossEncoder(source, seed: 1)
    #expect(own.tokenTypes == 2)
    #expect(types(own.tokenizer) == [0, 0, 0, 1, 1, 1])
    let one = try CrossEncoder(source.withTokenTypes(1), seed: 1)
    #expect(one.tokenTypes == 1)
    #expect(types(one.tokenizer) == [0, 0, 0, 0, 0, 0])
    let line = "How to restore a deleted file? [MASK] CATS"
    #expect(one.tokenizer.tokenize(line) == own.tokenizer.tokenize(line))
    #expect(one.tokenizer.specialTokens == own.tokenizer.specialTokens)
  }

  @Test func otherTypesGetTheSameEmbedding() throws {
    try HandwrittenModel.write(to: URL(filePath: path))
    let source = try ModelSource(path)
    func rows(_ model: CrossEncoder) throws -> [[Float]] {
      let name = "bert.embeddings.token_type_embeddings.weight"
      let table = try #require(model.parameters.table[name])
      return (0..<2).map { model.parameters[table.rows($0..<$0 + 1)].array }
    }
    let two = try CrossEncoder(source, seed: 1)
    let before = try rows(two)
    two.unifyTokenTypes()
    #expect(try rows(two) == before && before[0] != before[1])
    let one = try CrossEncoder(source.withTokenTypes(1), seed: 1)
    one.unifyTokenTypes()
    #expect(try rows(one) == [before[0], before[0]])
  }
}
