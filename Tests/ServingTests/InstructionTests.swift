import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Scoring
import TestSupport
import Testing
import Tokenization

/// Requests to a model with a prompt, with an instruction of their own or without one.
@Suite struct InstructionTests {
  private static let query = TinyModel.text(words: 3, seed: 1)
  private static let documents = (0..<6).map { TinyModel.text(words: 2 + $0 * 5, seed: UInt64($0)) }
  private static let prompt = PromptChoice(
    prompt: "{if instruction}aa {instruction} ab {end}ac {query} ad {document} ae",
    instruction: "ba")

  private func sigmoid(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

  /// The scores without a server, where `instruction` is in the prompt.
  private func scores(_ served: ServedModel, _ instruction: String?) throws -> [Float] {
    guard case .prompt(let prompt) = served.model.tokenizer.pairFormat else { return [] }
    let tokenizer = try served.model.tokenizer.withPrompt(prompt.template, instruction: instruction)
    let scorer = PairScorer(served.model, workers: 1)
    return Self.documents.map { document in
      var tokens = PairTokens(tokenizer)
      let pair = Pair(
        query: tokens.append(query: Self.query), document: tokens.append(document: document))
      return scorer.scores(
        of: [pair], in: tokens, maximumLength: served.maximumLength,
        longDocuments: LongDocuments(.max)
      ).scores[0]
    }
  }

  @Test(arguments: ["/rerank", "/v2/rerank", "/v1/reranking"])
  func instructionsOfRequests(_ path: String) async throws {
    let served = try await ServedModel(
      maximumLength: 24, longDocuments: LongDocuments(.max), prompt: Self.prompt)
    var seen: [[Float]] = []
    for instruction in [nil, "ca cb cc", "ba", "", "ca cb cc"] as [String?] {
      var members: [String: Any] = ["query": Self.query, "documents": Self.documents]
      if let instruction { members["instruction"] = instruction }
      let answer = try await served.ask("POST", path, json: body(members))
      #expect(answer.status == 200, "\(answer.text)")
      let expected = try scores(served, instruction)
      for (index, score) in results(answer) {
        #expect(abs(score - sigmoid(expected[index])) < 1e-5)
      }
      #expect(results(answer).count == Self.documents.count)
      seen.append(expected)
    }
    #expect(seen[0] == seen[2] && seen[0] != seen[1] && seen[0] != seen[3] && seen[1] == seen[4])
    for (instruction, reason) in [
      (3 as Any, "'instruction' is not a string"),
      (Array(repeating: "ca", count: 60).joined(separator: " "), "'instruction' is too long"),
    ] {
      let answer = try await served.ask(
        "POST", path,
        json: body([
          "query": Self.query, "documents": Self.documents, "instruction": instruction,
        ]))
      #expect([400, 422].contains(answer.status) && answer.text.contains(reason), "\(answer.text)")
    }
    await served.server.stop()
  }

  @Test func aPromptWithoutAPlace() async throws {
    let served = try await ServedModel(prompt: PromptChoice(prompt: "ac {query} ad {document}"))
    let answer = try await served.ask(
      "POST", "/v2/rerank",
      json: body(["query": "aa", "documents": ["ab"], "instruction": "ca"]))
    #expect(
      answer.status == 422
        && answer.text.contains("the model's prompt has no place for an instruction"))
    await served.server.stop()
  }
}
