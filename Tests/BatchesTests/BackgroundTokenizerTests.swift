import Batches
import ModelSupport
import Testing
import Tokenization

@Suite struct BackgroundTokenizerTests {
  /// Texts of all sizes, some far above what wakes the thread and one above all that may wait,
  /// asked for again and again between them: the same tokens under the same numbers as one after
  /// the other.
  @Test func sameTokens() throws {
    let words = (TinyModel().vocabulary ?? []).joined(separator: "\n")
    let tokenizer = try Tokenizer(vocabulary: Array(words.utf8), name: "vocab.txt")
    let background = BackgroundTokenizer(tokenizer)
    var expected = PairTokens(tokenizer)
    for i in 0..<2000 {
      let words = i % 401 == 400 ? 40_000 : i % 13
      let text = TinyModel.text(words: words, seed: UInt64(i))
      if i % 3 == 0 {
        background.append(query: text)
        _ = expected.append(query: text)
      } else {
        background.append(document: text)
        _ = expected.append(document: text)
      }
      if i % 500 == 3 { #expect(background.tokens.queries.count == expected.queries.count) }
    }
    let huge = String(repeating: TinyModel.text(words: 2000, seed: 5) + " ", count: 3000)
    #expect(huge.utf8.count > 1 << 24)
    for document in [huge, "", TinyModel.text(words: 3, seed: 6)] {
      background.append(document: document)
      _ = expected.append(document: document)
    }
    let found = background.tokens
    for (a, b) in [(found.queries, expected.queries), (found.documents, expected.documents)] {
      #expect(a.ids == b.ids)
      #expect(a.count == b.count)
      #expect((0..<a.count).allSatisfy { a.range(of: $0) == b.range(of: $0) })
    }
    #expect(background.tokens.documents.count == expected.documents.count)
  }
}
