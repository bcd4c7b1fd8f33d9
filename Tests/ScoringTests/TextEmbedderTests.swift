import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Scoring
import TestSupport
import Testing

/// Embeddings against those of sentence-transformers: see `Fixtures/make_sentences.py`.
@Suite struct TextEmbedderTests {
  private struct Expected: Decodable {
    struct Embeddings: Decodable {
      let plain: [Float]
      let query: [Float]
      let document: [Float]
    }

    let texts: [String]
    let prompts: [String: String]
    let mean: Embeddings
    let cls: Embeddings
    let max: Embeddings
    let normalized: Embeddings
  }

  private let expected: Expected

  init() throws {
    let file = Material.package.appending(path: "Tests/ScoringTests/Fixtures/sentences.json")
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  private func embedder(pooling: String, scaled: Bool) throws -> TextEmbedder {
    let folder = try Material.temporaryFolder()
    try HandwrittenModel.write(to: folder)
    let pool = folder.appending(path: "1_Pooling")
    try FileManager.default.createDirectory(at: pool, withIntermediateDirectories: true)
    try Data(#"{"pooling_mode": "\#(pooling)"}"#.utf8).write(
      to: pool.appending(path: "config.json"))
    try Data(#"{"max_seq_length": 12}"#.utf8)
      .write(to: folder.appending(path: "sentence_bert_config.json"))
    let prompts = try JSONEncoder().encode(["prompts": expected.prompts])
    try prompts.write(to: folder.appending(path: "config_sentence_transformers.json"))
    let model = try BiEncoder(ModelSource(folder.path(percentEncoded: false)))
    return TextEmbedder(model, scaled: scaled, workers: 2)
  }

  private func embeddings(
    _ embedder: TextEmbedder, prompt: String, apart: Bool = false
  ) -> [Float] {
    var texts = TokenStore()
    for text in expected.texts { texts.append(prompt + text, with: embedder.model.tokenizer) }
    return embedder.embeddings(
      of: texts, maximumLength: embedder.model.maximumLength, apart: apart
    ).values
  }

  @Test(arguments: ["mean", "cls", "max", "normalized"])
  func equalSentenceTransformers(_ name: String) throws {
    let embedder = try embedder(
      pooling: name == "normalized" ? "mean" : name, scaled: name == "normalized")
    let layout = embedder.model.layout
    let expected =
      switch name {
      case "mean": expected.mean
      case "cls": expected.cls
      case "max": expected.max
      default: expected.normalized
      }
    for (prompt, values) in [
      ("", expected.plain), (layout.queryPrompt, expected.query),
      (layout.documentPrompt, expected.document),
    ] {
      let found = embeddings(embedder, prompt: prompt)
      #expect(found.count == values.count)
      let difference = zip(found, values).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 2e-5, "\(name) after '\(prompt)'")
    }
    #expect(layout.queryPrompt == "open the " && layout.documentPrompt == "a file. ")
  }

  /// What is embedded apart is the same to the bit, whatever it is embedded with.
  @Test func apartFromTheOthers() throws {
    let embedder = try embedder(pooling: "mean", scaled: true)
    let together = embeddings(embedder, prompt: "", apart: true)
    for (place, text) in expected.texts.enumerated() {
      var alone = TokenStore()
      alone.append(text, with: embedder.model.tokenizer)
      let values = embedder.embeddings(of: alone, maximumLength: 12, apart: true).values
      #expect(values == Array(together[place * 16..<(place + 1) * 16]))
    }
    let packed = embeddings(embedder, prompt: "")
    #expect(zip(packed, together).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
