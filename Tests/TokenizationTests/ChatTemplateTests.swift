import Testing
import Tokenization

/// Prompts as Jinja templates, by which other programs render pairs.
@Suite struct ChatTemplateTests {
  private static let reference = try? Fixture.decode(
    PromptTests.Reference.self, from: "prompts.json")

  private func tokenizer(_ name: String) throws -> Tokenizer {
    let json = try #require(Self.reference?.tokenizers[name])
    return try Tokenizer(tokenizerJSON: Array(json.utf8), name: name)
  }

  private static let query =
    "{{ messages | selectattr('role', 'equalto', 'query') | map(attribute='content') | first }}"
  private static let document =
    "{{ messages | selectattr('role', 'equalto', 'document') | map(attribute='content') | first }}"
  private static let instruction =
    "{% set instruction = messages | selectattr('role', 'equalto', 'system')"
    + " | map(attribute='content') | first | default("

  @Test func textIsQuoted() throws {
    let plain = try tokenizer("qwen")
    #expect(plain.chatTemplate == nil, "no prompt, no template")
    let one = try plain.withPrompt("A \"quoted\" \\ text\n: {query}\tDocument: {document} ?")
    #expect(
      one.chatTemplate
        == #"{{ "A \"quoted\" \\ text\n: " }}\#(Self.query){{ "\tDocument: " }}"#
        + #"\#(Self.document){{ " ?" }}"#)
  }

  @Test func instructions() throws {
    let template = PromptTemplate(
      text: "{if instruction}Do: {instruction}\n{end}Query: {query} Document: {document}",
      instruction: "find \"it\"")
    let found = try tokenizer("qwen").withPrompt(template).chatTemplate
    #expect(
      found == Self.instruction + #""find \"it\"") %}{% if instruction %}{{ "Do: " }}"#
        + #"{{ instruction }}{{ "\n" }}{% endif %}{{ "Query: " }}\#(Self.query)"#
        + #"{{ " Document: " }}\#(Self.document)"#)
    let none = try tokenizer("qwen").withPrompt(template, instruction: "").chatTemplate
    #expect(none?.hasPrefix(Self.instruction + #""") %}"#) == true)
  }

  /// The special tokens around a text are part of the template: the rendered text gets no others.
  @Test func specialTokens() throws {
    let text = "Query: {query} Document: {document}"
    #expect(
      try tokenizer("llama").withPrompt(text).chatTemplate
        == #"{{ "<|begin|>" }}{{ "Query: " }}\#(Self.query)"#
        + #"{{ " Document: " }}\#(Self.document)"#)
  }

  /// Known prompts: Qwen3's is divided only where its tokenizer divides text in any case; a query and
  /// the line break behind it are two texts in mxbai's, and may be one token of the whole.
  @Test func knownPrompts() throws {
    func template(_ name: String) throws -> String? {
      let known = try #require(KnownPrompt.named(name))
      return try tokenizer("qwen").withPrompt(known.template).chatTemplate
    }
    let qwen = try #require(try template("qwen3-reranker"))
    #expect(qwen.contains("Judge whether the Document meets the requirements"))
    #expect(qwen.hasSuffix(#"{{ "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n" }}"#))
    #expect(try template("mxbai-rerank-v2") == nil)
    #expect(try template("bge-reranker-v2-gemma") == nil)
    #expect(try template("nemotron-rerank") != nil)
  }

  /// Where there is a template, pairs have the ids of the whole text, whatever is in them.
  @Test func idsOfTheWholeText() throws {
    let reference = try #require(Self.reference)
    var (with, without) = (0, 0)
    for test in reference.cases {
      let plain = try tokenizer(test.tokenizer)
      let tokenizer = try plain.withPrompt(
        PromptTemplate(text: test.prompt, instruction: test.instruction))
      guard tokenizer.chatTemplate != nil, case .prompt(let prompt) = tokenizer.pairFormat else {
        without += 1
        continue
      }
      with += 1
      let parts = prompt.filledText.components(["{query}", "{document}"])
      for (number, expected) in test.ids.enumerated() {
        let whole = parts.map { part in
          switch part {
          case "{query}": test.queries[number]
          case "{document}": test.documents[number]
          default: part
          }
        }.joined()
        let ids = plain.encodeSingle(plain.tokenize(whole), maxLength: 100_000).ids
        #expect(ids == expected, "\(test.tokenizer) \(test.prompt.debugDescription) \(number)")
      }
    }
    #expect(with > 10 && without > 10, "\(with) with a template, \(without) without")
  }
}

extension String {
  /// The text divided before and after each of some names.
  fileprivate func components(_ names: [String]) -> [String] {
    var parts = [self]
    for name in names {
      parts = parts.flatMap { part -> [String] in
        let pieces = part.split(separator: name, omittingEmptySubsequences: false).map(String.init)
        return Array(pieces.flatMap { [$0, name] }.dropLast())
      }
    }
    return parts
  }
}
