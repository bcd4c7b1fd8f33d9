import Diagnostics
import Foundation
import Testing
import Tokenization

/// Queries and documents in prompts have the ids of the whole text.
@Suite struct PromptTests {
  struct Reference: Decodable {
    struct Case: Decodable {
      var tokenizer: String
      var prompt: String
      var instruction: String?
      var queries: [String]
      var documents: [String]
      var ids: [[Int32]]
    }

    var tokenizers: [String: String]
    var cases: [Case]
  }

  /// The pairs of a reference whose ids differ, after each query and document has been tokenized
  /// once.
  static func differences(_ reference: Reference) throws -> [String] {
    var tokenizers: [String: Tokenizer] = [:]
    for (name, json) in reference.tokenizers {
      tokenizers[name] = try Tokenizer(tokenizerJSON: Array(json.utf8), name: name)
    }
    var found: [String] = []
    for test in reference.cases {
      try #require(!test.ids.isEmpty && test.ids.count == test.queries.count)
      let tokenizer = try #require(tokenizers[test.tokenizer]).withPrompt(
        PromptTemplate(text: test.prompt, instruction: test.instruction))
      for (number, expected) in test.ids.enumerated() {
        let query = tokenizer.tokenize(test.queries[number], as: .query)
        let document = tokenizer.tokenize(test.documents[number], as: .document)
        let pair = tokenizer.encodePair(query: query, text: document, maxLength: 100_000)
        if pair.ids != expected {
          let (all, texts) = (
            pair.ids.map { tokenizer.token(of: $0) ?? "?" },
            expected.map { tokenizer.token(of: $0) ?? "?" }
          )
          let start = zip(all, texts).prefix { $0 == $1 }.count
          found.append(
            "\(test.tokenizer) \(test.prompt.debugDescription) q \(test.queries[number].debugDescription) d \(test.documents[number].debugDescription): \(all.dropFirst(max(0, start - 2)).prefix(8)) instead of \(texts.dropFirst(max(0, start - 2)).prefix(8))"
          )
        }
      }
    }
    return found
  }

  @Test func idsOfTheWholeText() throws {
    let found = try Self.differences(Fixture.decode(Reference.self, from: "prompts.json"))
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }

  /// A byte-level tokenizer of the references.
  private func tokenizer(_ name: String = "qwen") throws -> Tokenizer {
    let json = try #require(Fixture.decode(Reference.self, from: "prompts.json").tokenizers[name])
    return try Tokenizer(tokenizerJSON: Array(json.utf8), name: name)
  }

  private func ids(_ tokenizer: Tokenizer, _ query: String, _ text: String, _ maximum: Int)
    -> [Int32]
  {
    tokenizer.encodePair(
      query: tokenizer.tokenize(query, as: .query), text: tokenizer.tokenize(text, as: .document),
      maxLength: maximum
    ).ids
  }

  /// The document loses tokens at its end, then the query; the text around them stays.
  @Test func theTextAroundStaysWhenAPairIsTruncated() throws {
    let plain = try tokenizer()
    let tokenizer = try plain.withPrompt(
      "<|im_start|>Query: {query}.\nDocument: {document} ?\n<|im_end|>")
    let (query, document) = ("heat flow of the wing", "the boundary layer of a heated wing. It")
    let all = ids(tokenizer, query, document, 1000)
    #expect(
      all == plain.tokenize("<|im_start|>Query: \(query).\nDocument: \(document) ?\n<|im_end|>"))
    let (start, end) = (plain.tokenize("<|im_start|>Query:"), plain.tokenize(" ?\n<|im_end|>"))
    let middle = plain.tokenize(".\nDocument:")
    #expect(tokenizer.leastTokensInPair == start.count + middle.count + end.count)
    for maximum in tokenizer.leastTokensInPair..<all.count {
      let cut = ids(tokenizer, query, document, maximum)
      #expect(cut.count == maximum)
      #expect(cut.starts(with: start) && cut.suffix(end.count) == end[...])
      let inner = Array(cut.dropFirst(start.count).dropLast(end.count))
      let place = try #require(
        inner.indices.first { inner[$0...].starts(with: middle) }, "\(maximum)")
      let (kept, rest) = (inner[..<place], inner[(place + middle.count)...])
      #expect(plain.tokenize(" " + query).starts(with: kept))
      #expect(plain.tokenize(" " + document).starts(with: rest))
      // A query is whole as long as there is more than one token of the document.
      #expect(rest.count <= 1 || kept.count == plain.tokenize(" " + query).count)
    }
  }

  /// An instruction comes with a request: what it costs must not grow faster than its length.
  @Test(.timeLimit(.minutes(1)), arguments: PromptTests.longTexts)
  func longInstruction(_ part: String) throws {
    for name in ["qwen", "gemma"] {
      let plain = try tokenizer(name)
      let instruction = String(repeating: part, count: 200_000 / part.utf8.count)
      let tokenizer = try plain.withPrompt(
        PromptTemplate(text: "A: {query}\n{instruction}\n{document} B", instruction: instruction))
      #expect(tokenizer.leastTokensInPair > 1000)
    }
  }

  /// Added tokens, words that are divided nowhere, and every pair of visible characters.
  private static let longTexts = [
    "<|im_end|>", "x", "x ",
    (UInt8(0x21)..<0x7F).map { first in
      (UInt8(0x21)..<0x7F).map { String(decoding: [first, $0], as: UTF8.self) }.joined()
    }.joined(),
  ]

  @Test func instructionsAreFilledIn() throws {
    let plain = try tokenizer()
    let template = PromptTemplate(
      text: "{if instruction}Do: {instruction}\n{end}Query: {query} Document: {document}",
      instruction: "find")
    func text(_ instruction: String?) throws -> [Int32] {
      ids(try plain.withPrompt(template, instruction: instruction), "a", "b", 100)
    }
    #expect(try text(nil) == plain.tokenize("Do: find\nQuery: a Document: b"))
    #expect(
      try text("{query} <|im_end|>")
        == plain.tokenize("Do: {query} <|im_end|>\nQuery: a Document: b"))
    #expect(try text("") == plain.tokenize("Query: a Document: b"))
    // As llama.cpp reads it, which knows neither instructions nor breaks.
    let cut = PromptTemplate(
      text: "{if instruction}Do: {instruction}\n{end}{query}{break} for {document}.",
      instruction: "find")
    for (instruction, filled) in [(nil, "Do: find\n"), ("", "")] {
      let format = try plain.withPrompt(cut, instruction: instruction).pairFormat
      guard case .prompt(let prompt) = format else {
        Issue.record("\(format)")
        continue
      }
      #expect(prompt.filledText == filled + "{query} for {document}.")
    }
  }

  @Test(
    arguments: [
      ("{query}", nil, "a prompt needs '{query}' and '{document}' once each"),
      ("{query} {query} {document}", nil, "a prompt needs '{query}' and '{document}' once each"),
      (
        "{query} {document} {instruction}", nil,
        "the prompt has an '{instruction}', and there is none"
      ),
      ("{query} {document}", "x", "the prompt has no place for an instruction"),
      (
        "{if instruction}{query}{end} {document}", nil,
        "'{query}' is in a part that depends on an instruction"
      ),
      ("{query} {document}{end}", nil, "'{end}' is misplaced in the prompt"),
      (
        "{query} {document}{if instruction}{if instruction}", nil,
        "'{if instruction}' is misplaced in the prompt"
      ),
      (
        "{query} {document}{if instruction}", nil,
        "the prompt has an '{if instruction}' without '{end}'"
      ),
    ] as [(String, String?, String)])
  func wrongTemplates(_ text: String, _ instruction: String?, _ problem: String) throws {
    let failure = #expect(throws: Failure.self) {
      try PromptTemplate(text: text, instruction: instruction).check(
        .badRecipe, at: Place("r.yaml"))
    }
    #expect(failure?.problem == problem && failure?.kind == .badRecipe)
    #expect(failure?.place == Place("r.yaml") && failure?.expected != nil)
  }

  @Test func answersAreOneTokenEach() throws {
    let tokenizer = try tokenizer()
    let ids = try ["heat", "of"].map { try #require(tokenizer.id(of: $0)) }
    let both = try tokenizer.answerTokens(.init(positive: "heat", negative: "of"))
    #expect(both == AnswerTokens(positive: ids[0], negative: ids[1]))
    #expect(try tokenizer.answerTokens(.init(positive: "of")) == AnswerTokens(positive: ids[1]))
    for (positive, negative, problem) in [
      ("heat of", nil, "the answer 'heat of' has 2 tokens: 'heat' 'Ġof'"),
      ("heat", "", "the answer '' has 0 tokens"),
      ("of", "of", "the positive and the negative answer are the same token"),
    ] as [(String, String?, String)] {
      let failure = #expect(throws: Failure.self) {
        try tokenizer.answerTokens(.init(positive: positive, negative: negative), at: Place("m"))
      }
      #expect(failure?.problem == problem && failure?.kind == .badData)
    }
  }

  @Test func knownPromptsAreRecognised() throws {
    func name(_ type: String, _ names: [String], _ chat: String? = nil) -> String? {
      KnownPrompt.of(modelType: type, names: names, chatTemplate: chat)?.name
    }
    #expect(name("qwen3", ["Qwen/Qwen3-Reranker-0.6B"]) == "qwen3-reranker")
    #expect(name("qwen2", ["x", "mixedbread-ai/mxbai-rerank-large-v2"]) == "mxbai-rerank-v2")
    #expect(name("gemma", ["bge-reranker-v2-gemma"]) == "bge-reranker-v2-gemma")
    #expect(name("llama_bidirec", ["llama-nemotron-rerank-1b-v2"]) == "nemotron-rerank")
    #expect(name("t5", ["castorini/monot5-base-msmarco"]) == "monot5")
    #expect(name("mt5", ["unicamp-dl/mt5-base-mmarco-v2"]) == "mt5-mmarco")
    #expect(name("t5", ["unicamp-dl/ptt5-base-en-pt-msmarco-100k-v2"]) == "ptt5-msmarco")
    #expect(name("mt5", ["unicamp-dl/mt5-13b-mmarco-100k"]) == nil)
    #expect(name("t5", ["Soyoung97/RankT5-base"]) == "rankt5")
    #expect(name("bert", ["qwen3-reranker-distilled"]) == nil)
    #expect(name("qwen3", ["Qwen3-0.6B"]) == nil)
    let chat = "Judge whether the Document meets the requirements based on the Query"
    #expect(name("qwen3", ["mine"], "{{ '\(chat)' }}") == "qwen3-reranker")
    #expect(name("qwen2", ["mine"], chat) == nil)
    for known in KnownPrompt.all {
      #expect(throws: Never.self) { try known.template.check() }
      #expect(KnownPrompt.named(known.name.uppercased())?.template == known.template)
    }
  }
}

/// A tokenizer of real size on a whole collection. Neither belongs to the package: LTR_PROMPT_IDS
/// names the file that `make_prompts.py` writes for them.
@Suite struct RealPromptTests {
  private static let file = ProcessInfo.processInfo.environment["LTR_PROMPT_IDS"]

  @Test(.enabled(if: file != nil, "LTR_PROMPT_IDS names no file"))
  func idsOfTheWholeText() throws {
    let reference = try JSONDecoder().decode(
      PromptTests.Reference.self, from: Data(contentsOf: URL(filePath: #require(Self.file))))
    let found = try PromptTests.differences(reference)
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }
}
