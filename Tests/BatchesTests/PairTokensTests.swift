import Batches
import Testing
import Tokenization

/// Pairs in the format that the tokenizer has.
@Suite struct PairTokensTests {
  private let tokenizer: Tokenizer

  init() throws {
    let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nquery\ntext\nrank\na\nb\nc\nd\n"
    tokenizer = try Tokenizer(vocabulary: Array(vocabulary.utf8), name: "vocab.txt")
  }

  private func words(of tokens: PairTokens, maximum: Int) -> String {
    var ids: [Int32] = []
    var types: [Int32] = []
    tokens.append(Pair(query: 0, document: 0), maximum: maximum, ids: &ids, types: &types)
    #expect(ids.count == types.count)
    #expect(ids.count == tokens.length(of: Pair(query: 0, document: 0), maximum: maximum))
    return ids.compactMap { tokens.tokenizer.token(of: $0) }.joined(separator: " ")
  }

  private func tokens(_ tokenizer: Tokenizer) -> PairTokens {
    var tokens = PairTokens(tokenizer)
    _ = tokens.append(query: "a b")
    _ = tokens.append(document: "c d c d c d")
    return tokens
  }

  @Test func aTemplateHasSpecialTokensAround() {
    let tokens = tokens(tokenizer)
    #expect(words(of: tokens, maximum: 20) == "[CLS] a b [SEP] c d c d c d [SEP]")
    #expect(words(of: tokens, maximum: 6) == "[CLS] a [SEP] c d [SEP]")
  }

  @Test func aPromptIsOneSequence() throws {
    let tokens = tokens(try tokenizer.withPrompt("query {query} text {document} rank"))
    #expect(words(of: tokens, maximum: 20) == "[CLS] query a b text c d c d c d rank [SEP]")
    #expect(words(of: tokens, maximum: 9) == "[CLS] query a b text c d rank [SEP]")
  }

  @Test func passagesOfAPromptAreReadWithAllOfIt() throws {
    let tokens = tokens(try tokenizer.withPrompt("query {query} text {document} rank"))
    let pair = Pair(query: 0, document: 0)
    let plan = tokens.plan(of: pair, maximum: 11, LongDocuments(.max, overlap: 1))
    #expect(plan.passages == [0..<4, 2..<6] && plan.queryTokens == 2 && !plan.isCut)
    var ids: [Int32] = []
    var types: [Int32] = []
    tokens.append(
      pair, passage: plan.passages[1], queryTokens: plan.queryTokens, ids: &ids, types: &types)
    #expect(
      ids.compactMap { tokenizer.token(of: $0) }
        == ["[CLS]", "query", "a", "b", "text", "c", "d", "c", "d", "rank", "[SEP]"])
  }

  /// Passages of a prompt whose text is tokenized with the document, since words extend into it.
  @Test func passagesEndWithTheTextAfterThem() throws {
    let json = """
      {"added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Metaspace",
       "replacement": "\u{2581}", "prepend_scheme": "never", "split": true}, "post_processor": null,
       "model": {"type": "Unigram", "unk_id": 0, "vocab": [["?", 0], ["\u{2581}", -2], ["q:", -1],
        ["d:", -1], ["\u{2581}a", -1], ["\u{2581}b", -1], ["\u{2581}c", -1], ["\u{2581}d:", -1],
        ["\u{2581}end", -1]]}}
      """
    let tokenizer = try Tokenizer(tokenizerJSON: Array(json.utf8), name: "t.json")
      .withPrompt("q: {query} d: {document} end")
    var tokens = PairTokens(tokenizer)
    let pair = Pair(
      query: tokens.append(query: "a b"), document: tokens.append(document: "a b c a b c"))
    func texts(_ ids: [Int32]) -> String {
      ids.compactMap { tokenizer.token(of: $0) }.joined().replacing("\u{2581}", with: " ")
    }
    #expect(tokens.fullLength(of: pair) == 11 && tokenizer.leastTokensInPair == 3)
    let plan = tokens.plan(of: pair, maximum: 8, LongDocuments(.max, overlap: 1))
    #expect(plan.passages.allSatisfy { $0.count == 4 } && !plan.isCut)
    let found = plan.passages.map { passage in
      var (ids, types): ([Int32], [Int32]) = ([], [])
      tokens.append(pair, passage: passage, queryTokens: plan.queryTokens, ids: &ids, types: &types)
      #expect(ids.count == 8 && types.count == 8)
      return texts(ids)
    }
    #expect(
      found == ["q: a b d: a b c end", "q: a b d: c a b end", "q: a b d: a b c end"])
    for (maximum, text) in [
      (11, "q: a b d: a b c a b c end"), (8, "q: a b d: a b c end"), (5, "q: a d: a end"),
      (3, "q: d: end"),
    ] {
      var (ids, types): ([Int32], [Int32]) = ([], [])
      tokens.append(pair, maximum: maximum, ids: &ids, types: &types)
      #expect(texts(ids) == text)
    }
  }
}
