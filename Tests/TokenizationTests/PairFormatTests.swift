import Diagnostics
import Testing
import Tokenization

/// How a query and a document become one sequence.
@Suite struct PairFormatTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try Fixture.tokenizer("small.tokenizer.json") }

  @Test func aPromptGivesTheIDsOfTheWholeText() throws {
    for prompt in [
      "query: {query} document: {document} rank:", "{document} (a {query})", "{query} {document}",
    ] {
      let prompted = try tokenizer.withPrompt(prompt)
      for (query, document) in [("heat flow", "the boundary layer is naive"), ("a", ""), ("", "")] {
        let text = prompt.replacing("{query}", with: query)
          .replacing("{document}", with: document)
        let pair = prompted.encodePair(
          query: tokenizer.tokenize(query), text: tokenizer.tokenize(document), maxLength: 100)
        #expect(
          pair == tokenizer.encodeSingle(tokenizer.tokenize(text), maxLength: 100), "\(text)")
      }
    }
  }

  @Test func aPromptIsTruncatedInItsDocument() throws {
    let prompted = try tokenizer.withPrompt("query {query} document {document} rank")
    #expect(prompted.specialTokensInPair == 5)
    let query = prompted.tokenize("heat flow")
    let document = prompted.tokenize("the boundary layer is a model")
    func tokens(_ maximum: Int) -> [String?] {
      prompted.encodePair(query: query, text: document, maxLength: maximum).ids.map {
        prompted.token(of: $0)
      }
    }
    let (start, middle, end) = (["[CLS]", "query"], ["document"], ["rank", "[SEP]"])
    #expect(tokens(10) == start + ["heat", "flow"] + middle + ["the", "boundary", "layer"] + end)
    #expect(tokens(8) == start + ["heat", "flow"] + middle + ["the"] + end)
    // A token of the document stays for as long as there is room for any.
    #expect(tokens(7) == start + ["heat"] + middle + ["the"] + end)
    #expect(tokens(6) == start + middle + ["the"] + end)
    #expect(tokens(5) == start + middle + end)
  }

  @Test func retainedTokensFitAndAreThoseOfThePair() throws {
    let formats = [
      tokenizer.pairFormat, try tokenizer.withPrompt("a {document} b {query} c").pairFormat,
    ]
    for format in formats {
      for maximum in format.fixedTokens..<format.fixedTokens + 8 {
        for query in 0..<9 {
          for document in 0..<9 {
            let kept = format.retained(query: query, document: document, maximum: maximum)
            var ids: [Int32] = []
            var types: [Int32] = []
            format.append(
              query: [Int32](repeating: 900, count: query).span,
              document: [Int32](repeating: 901, count: document).span, maximum: maximum, ids: &ids,
              typeIDs: &types)
            #expect(ids.count { $0 == 900 } == kept.query)
            #expect(ids.count { $0 == 901 } == kept.document)
            #expect(
              ids.count == min(maximum, query + document + format.fixedTokens)
                && types.count == ids.count)
          }
        }
      }
    }
  }

  @Test func aPromptNeedsBothPlacesOnce() {
    for text in ["", "{query}", "{document}", "{query} {query} {document}", "{Query} {document}"] {
      #expect(throws: Failure.self, "\(text)") { try tokenizer.withPrompt(text) }
    }
    do throws(Failure) {
      _ = try tokenizer.withPrompt("{query}")
    } catch {
      #expect(
        error.description == """
          error: a prompt needs '{query}' and '{document}' once each
            expected: a text such as 'Query: {query} Document: {document} Relevant:'
          """)
    }
  }

  @Test func theProbeTokenIsAnOrdinaryOne() {
    #expect(tokenizer.probeToken == tokenizer.specialTokens.unk?.id)
  }
}
