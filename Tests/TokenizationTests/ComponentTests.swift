import Testing
import Tokenization

@Suite struct ComponentTests {
  @Test func splitsGreedilyAndGivesUpAsAWhole() throws {
    let tokenizer = try Tokenizer(tokenizerJSON: Fixture.json(), name: "tokenizer.json")
    #expect(tokenizer.tokens("a b abc") == ["a", "b", "a", "##b", "##c"])
    #expect(tokenizer.tokens("abcb") == ["a", "##b", "##c", "##b"])
    #expect(tokenizer.tokens("abx ac!b") == ["[UNK]", "a", "##c", "[UNK]", "b"])
    #expect(tokenizer.tokenize("") == [])
    #expect(tokenizer.id(of: "##b") == 5)
    #expect(tokenizer.id(of: "##") == nil)
    #expect(tokenizer.token(of: 6) == "##c")
    #expect(tokenizer.token(of: 7) == nil)
    #expect(tokenizer.vocabularySize == 7)
  }

  @Test func theLongestWordIsCountedInScalars() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json([
        "model": Fixture.model(###""[UNK]":0,"ж":1,"##ж":2"###, longest: 3)
      ]), name: "tokenizer.json")
    #expect(tokenizer.tokenize("жжж жжжж") == [1, 2, 2, 0])
  }

  @Test func anyContinuationPrefix() throws {
    let named = try Tokenizer(
      tokenizerJSON: Fixture.json(["model": Fixture.model(#""[UNK]":0,"a":1,"xa":2"#, prefix: "x")]
      ),
      name: "tokenizer.json")
    #expect(named.tokenize("aa xa axa") == [1, 2, 2, 0])
    let none = try Tokenizer(
      tokenizerJSON: Fixture.json(["model": Fixture.model(#""[UNK]":0,"a":1,"b":2"#, prefix: "")]),
      name: "tokenizer.json")
    #expect(none.tokenize("abba") == [1, 2, 2, 1])
  }

  @Test func piecesThatDifferInCompositionOnlyAreDifferent() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json([
        "normalizer": nil, "model": Fixture.model("\"[UNK]\":0,\"\u{E9}\":1,\"e\u{301}\":2"),
      ]), name: "tokenizer.json")
    #expect(tokenizer.tokenize("\u{E9} e\u{301}") == [1, 2])
    #expect(tokenizer.id(of: "e\u{301}") == 2)
  }

  @Test func aScratchMayGoFromOneTokenizerToAnother() throws {
    let first = try Tokenizer(tokenizerJSON: Fixture.json(), name: "tokenizer.json")
    let second = try Tokenizer(
      tokenizerJSON: Fixture.json(["model": Fixture.model(#""[UNK]":0,"a":9"#)]),
      name: "tokenizer.json")
    var scratch = Tokenizer.Scratch()
    for (tokenizer, expected) in [(first, Int32(3)), (second, 9), (first, 3)] {
      var ids: [Int32] = []
      #expect(tokenizer.tokenize(Array("a".utf8).span, using: &scratch, into: &ids) == 0)
      #expect(ids == [expected])
    }
  }

  @Test func vocabTxtIsOneTokenALine() throws {
    let lines = "[PAD]\r\n[UNK]\n[CLS] \n[SEP]\nheat\n##s\n\u{E9}\n"
    let tokenizer = try Tokenizer(vocabulary: Array(lines.utf8), name: "vocab.txt")
    #expect(tokenizer.tokens("Heats [SEP] \u{E9}") == ["heat", "##s", "[SEP]", "[UNK]"])
    #expect(tokenizer.specialTokens.mask == nil)
    let cased = try Tokenizer(vocabulary: Array(lines.utf8), lowercase: false, name: "vocab.txt")
    #expect(cased.tokens("Heats heats \u{E9}") == ["[UNK]", "heat", "##s", "\u{E9}"])
  }
}

@Suite struct EncodingTests {
  @Test func pairsAreTruncatedAsTheReferenceDoes() throws {
    let tokenizer = try Fixture.tokenizer("small.tokenizer.json")
    let a = try #require(tokenizer.id(of: "a"))
    let b = try #require(tokenizer.id(of: "b"))
    for row in try Fixture.decode([[Int]].self, from: "truncation.json") {
      let pair = tokenizer.encodePair(
        query: [Int32](repeating: a, count: row[1]), text: [Int32](repeating: b, count: row[2]),
        maxLength: row[0])
      let query = [Int32](repeating: a, count: row[3])
      let text = [Int32](repeating: b, count: row[4])
      #expect(pair.ids == [2] + query + [3] + text + [3], "\(row)")
      #expect(pair.typeIDs.count { $0 == 0 } == row[3] + 2)
      #expect(pair.typeIDs.count { $0 == 1 } == row[4] + 1)
    }
  }

  @Test func oneTextIsCutAtItsEnd() throws {
    let tokenizer = try Fixture.tokenizer("small.tokenizer.json")
    #expect(tokenizer.encodeSingle([7, 8, 9], maxLength: 4).ids == [2, 7, 8, 3])
    #expect(tokenizer.encodeSingle([7, 8, 9], maxLength: 9).typeIDs == [0, 0, 0, 0, 0])
    #expect(tokenizer.specialTokensInSingle == 2)
    #expect(tokenizer.specialTokensInPair == 3)
  }

  @Test func appendingKeepsWhatIsThere() throws {
    let tokenizer = try Fixture.tokenizer("small.tokenizer.json")
    var ids: [Int32] = [77]
    var typeIDs: [Int32] = [5]
    tokenizer.appendPair(
      query: [7].span, text: [8, 9].span, maxLength: 16, ids: &ids, typeIDs: &typeIDs)
    #expect(ids == [77, 2, 7, 3, 8, 9, 3])
    #expect(typeIDs == [5, 0, 0, 0, 1, 1, 1])
  }

  @Test func templatesAreFollowedInTheirOrder() throws {
    let template = #"""
      {"type":"TemplateProcessing",
       "single":[{"Sequence":{"id":"A","type_id":3}}],
       "pair":[{"Sequence":{"id":"B","type_id":4}},{"SpecialToken":{"id":"x","type_id":5}},
               {"Sequence":{"id":"A","type_id":6}}],
       "special_tokens":{"x":{"id":"x","ids":[2,1],"tokens":["[SEP]","[CLS]"]}}}
      """#
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json(["post_processor": template]), name: "tokenizer.json")
    let pair = tokenizer.encodePair(query: [3], text: [4], maxLength: 9)
    #expect(pair == EncodedSequence(ids: [4, 2, 1, 3], typeIDs: [4, 5, 5, 6]))
    #expect(tokenizer.encodeSingle([3], maxLength: 9) == EncodedSequence(ids: [3], typeIDs: [3]))
    #expect(tokenizer.specialTokens.cls == nil)
  }

  @Test func withoutAPostProcessorSequencesFollowEachOther() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json(["post_processor": "null"]), name: "tokenizer.json")
    let pair = tokenizer.encodePair(query: [3], text: [4], maxLength: 2)
    #expect(pair == EncodedSequence(ids: [3, 4], typeIDs: [0, 1]))
  }
}
