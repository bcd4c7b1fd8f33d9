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
}
