import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing
import Tokenization

/// Prompts in models' files: kept, recognised, and chosen instead.
@Suite struct PromptFileTests {
  private static let template = PromptTemplate(
    text: "Do {instruction}: {query} for {document}", instruction: "find",
    answers: .init(positive: "aa", negative: "ab"))

  private func model(named name: String = "model", type: String? = nil) throws -> String {
    let folder = try Material.temporaryFolder().appending(path: name)
    try TinyModel().write(to: folder)
    if let type {
      let file = folder.appending(path: "config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("\"bert\"", with: "\"\(type)\"").write(
        to: file, atomically: true, encoding: .utf8)
    }
    return folder.path
  }

  @Test func notesKeepThePrompt() throws {
    var notes = ModelNotes(base: "b")
    notes.prompt = Self.template
    #expect(try ModelNotes(json: Array(notes.json().utf8), name: "ltr.json") == notes)
    notes.prompt = PromptTemplate(text: "{query} {document}", answers: .init(positive: "yes"))
    #expect(try ModelNotes(json: Array(notes.json().utf8), name: "ltr.json") == notes)
  }

  @Test(arguments: [
    (#"{"prompt": {"text": "{query}"}}"#, "prompt.text"), (#"{"prompt": "{query}"}"#, "prompt"),
    (#"{"prompt": {"text": 3}}"#, "prompt.text"),
    (
      #"{"prompt": {"text": "{query} {document}", "answers": {"negative": "no"}}}"#,
      "prompt.answers"
    ),
    (#"{"prompt": {"text": "{query} {document}", "instruction": "x"}}"#, "prompt.text"),
  ])
  func wrongPromptsOfNotes(_ json: String, _ key: String) throws {
    let failure = #expect(throws: Failure.self) {
      try ModelNotes(json: Array(json.utf8), name: "ltr.json")
    }
    #expect(failure?.kind == .badData && failure?.place == Place("ltr.json", key: key))
  }

  @Test func aModelIsReadWithThePromptOfItsNotes() throws {
    let path = try model()
    var notes = ModelNotes()
    notes.prompt = Self.template
    try notes.json().write(toFile: path + "/ltr.json", atomically: true, encoding: .utf8)
    let source = try ModelSource(path)
    #expect(source.sidecar.prompt == Self.template)
    let encoder = try CrossEncoder(source, seed: 1)
    let pair = encoder.tokenizer.encodePair(
      query: encoder.tokenizer.tokenize("aa", as: .query),
      text: encoder.tokenizer.tokenize("ab ac", as: .document), maxLength: 20)
    let whole = encoder.tokenizer.encodeSingle(
      encoder.tokenizer.tokenize("Do find: aa for ab ac"), maxLength: 20)
    #expect(pair == whole)
    let answers = try #require(try source.sidecar.answerTokens(encoder.tokenizer))
    #expect(answers.positive == encoder.tokenizer.id(of: "aa"))
    #expect(answers.negative == encoder.tokenizer.id(of: "ab"))
    let other = try source.with(PromptChoice(prompt: "none"), .usage) { Place($0) }
    #expect(try CrossEncoder(other, seed: 1).tokenTypes == 2)
  }

  @Test func modelsOfKnownPromptsAreRecognised() throws {
    // Files are looked at, whether or not this program computes such models.
    let files = ["config.json": Array(#"{"model_type": "qwen3"}"#.utf8)]
    let sidecar = ModelSidecar(place: "Models/Qwen3-Reranker-0.6B", files: files)
    #expect(sidecar.prompt == nil)
    let path = try model(named: "Qwen3-Reranker-0.6B")
    #expect(try ModelSource(path).sidecar.prompt == nil, "another type of model")
    #expect(try ModelSource(path).promptWarning == nil)
  }

  @Test func choices() throws {
    let source = try ModelSource(try model())
    func chosen(_ choice: PromptChoice) throws -> PromptTemplate? {
      try source.with(choice, .usage) { Place("--\($0)") }.sidecar.prompt
    }
    #expect(try chosen(PromptChoice()) == nil)
    #expect(try chosen(.init(prompt: "a {query} b {document}"))?.text == "a {query} b {document}")
    let mxbai = try #require(KnownPrompt.named("mxbai-rerank-v2")).template
    #expect(try chosen(.init(prompt: "mxbai-rerank-v2")) == mxbai)
    let answered = try chosen(
      .init(prompt: "mxbai-rerank-v2", instruction: "x", answers: ["Yes"]))
    #expect(answered?.instruction == "x" && answered?.answers == .init(positive: "Yes"))
    for (choice, problem, place) in [
      (
        PromptChoice(instruction: "x"), "the model has no prompt, so an instruction has no place",
        "instruction"
      ),
      (.init(answers: ["x"]), "the model has no prompt that asks for answers", "answers"),
      (.init(prompt: "{query}"), "a prompt needs '{query}' and '{document}' once each", "prompt"),
      (
        .init(prompt: "monoT6"),
        "'monoT6' is neither a known prompt nor a text with '{query}' and '{document}'", "prompt"
      ),
      (
        .init(prompt: "monot5", instruction: "x"), "the prompt has no place for an instruction",
        "prompt"
      ),
    ] {
      let failure = #expect(throws: Failure.self) { try chosen(choice) }
      #expect(failure?.problem == problem && failure?.place == Place("--\(place)"))
    }
    let near = #expect(throws: Failure.self) { try chosen(.init(prompt: "monoT6")) }
    #expect(near?.remedy == "write 'monot5'")
  }
}
