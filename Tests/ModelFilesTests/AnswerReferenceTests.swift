import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing
import Tokenization

/// Language models whose answers' logits are the score, beside transformers in double precision.
/// `Fixtures/make_decoders.py` and `make_t5.py` say how the values were made.
@Suite struct AnswerReferenceTests {
  struct Reference: Decodable, ReferenceSequences {
    var name: String
    var config: [String: AnyJSON]
    var shapes: [String: [Int]]
    var sequences: [[Int32]]
    var logits: [Double]
    var positive: Int
    var negative: Int?
    var types: [[Int32]] { sequences.map { $0.map { _ in 0 } } }

    func tiny() -> TinyModel { TinyModel(config, shapes) }

    var answers: AnswerHead { AnswerHead(positive: positive, negative: negative) }
  }

  static let names = (try? all.map(\.name)) ?? []

  private static var all: [Reference] {
    get throws {
      let folder = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures")
      return try ["answers.json", "t5-answers.json"].flatMap { file in
        try JSONDecoder().decode(
          [Reference].self, from: Data(contentsOf: folder.appending(path: file)))
      }
    }
  }

  private func reference(_ name: String) throws -> Reference {
    try #require(try Self.all.first { $0.name == name })
  }

  @Test func thereAreModels() throws { #expect(try Self.all.count == 8) }

  /// Scores are those of the language model's logits, whichever way the answers are given.
  @Test(arguments: names)
  func scores(_ name: String) throws {
    let reference = try reference(name)
    let folder = try reference.tiny().written()
    var source = try ModelSource(folder)
    #expect(source.answers == nil)
    source.answers = reference.answers
    let notes = try ModelNotesFile(reference.answers).written(in: folder)
    #expect(notes.answers == reference.answers)
    for given in [source, try ModelSource(folder)] {
      let model = try CrossEncoder(given, seed: 1, for: .scoring(label: nil))
      #expect(model.fresh.isEmpty)
      for (score, right) in zip(reference.scores(model, isRecording: false), reference.logits) {
        #expect(abs(Double(score) - right) < 1e-5, "\(score) for \(right)")
      }
      #expect(model.notices.first?.contains("the score is the logit of token") == true)
      // The output layer is not among the parameters.
      #expect(model.parameters.table["lm_head.weight"] == nil)
    }
  }

  /// The prompt of a model's notes names answers, whose tokens are looked up; others may be chosen.
  @Test func answersOfThePrompt() throws {
    // The first five tokens are special ones.
    let references = try Self.all.filter { min($0.positive, $0.negative ?? 5) >= 5 }
    #expect(references.count == 5)
    for reference in references {
      let folder = try reference.tiny().written()
      var notes = ModelNotes()
      notes.prompt = PromptTemplate(
        text: "{query} {document}",
        answers: .init(
          positive: "w\(reference.positive)", negative: reference.negative.map { "w\($0)" }))
      try Data(try notes.json().utf8).write(
        to: URL(filePath: folder).appending(path: "ltr.json"))
      let source = try ModelSource(folder)
      let model = try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
      for (score, right) in zip(reference.scores(model, isRecording: false), reference.logits) {
        #expect(abs(Double(score) - right) < 1e-5, "\(score) for \(right)")
      }
      let choice = PromptChoice(answers: ["w9", "w8"])
      let other = try source.with(choice, .usage) { Place("choice", key: $0) }
      let notice = try CrossEncoder(other, seed: 1, for: .scoring(label: nil)).notices.first
      #expect(notice?.hasPrefix("the score is the logit of token 9 minus that of token 8") == true)
    }
  }

  /// Without answers the model has no score: an error for scoring, a new head for training.
  @Test func withoutAnswers() throws {
    for name in Self.names {
      let source = try ModelSource(try reference(name).tiny().written())
      let failure = #expect(throws: Failure.self) {
        try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
      }
      #expect(failure?.kind == .badData)
      #expect(failure?.problem.contains("language model without a score head") == true)
      #expect(failure?.remedy?.hasPrefix("give the prompt") == true)
      #expect(try CrossEncoder(source, seed: 1).fresh == ["score.weight"])
    }
  }

  @Test func answersThatAreNoTokens() throws {
    var source = try ModelSource(try reference(Self.names[0]).tiny().written())
    source.answers = AnswerHead(positive: 3, negative: 40)
    let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
    #expect(failure?.problem == "the answer token 40 is not one of the model's 40 tokens")
    #expect(failure?.remedy == "use the prompt and answers of this model")
  }

  /// An output layer that is not tied has to be there.
  @Test func missingOutputLayer() throws {
    var tiny = try reference("Qwen2, an output layer of its own").tiny()
    tiny.tensors["lm_head.weight"] = nil
    var source = try ModelSource(tiny.written())
    source.answers = AnswerHead(positive: 3)
    let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
    #expect(failure?.problem.contains("'lm_head.weight' is missing") == true)
  }

  @Test(arguments: [
    (#"{"answers": 3}"#, "answers"), (#"{"answers": {"negative": 3}}"#, "answers"),
    (#"{"answers": {"positive": "yes"}}"#, "answers.positive"),
    (#"{"answers": {"positive": 1, "negative": -1}}"#, "answers.negative"),
  ])
  func malformedNotes(_ json: String, _ key: String) throws {
    let folder = try reference(Self.names[0]).tiny().written()
    try Data(json.utf8).write(to: URL(filePath: folder).appending(path: "ltr.json"))
    let failure = #expect(throws: Failure.self) { try ModelSource(folder) }
    #expect(failure?.place?.key == key)
  }
}

/// An `ltr.json` with answers.
private struct ModelNotesFile {
  var notes = ModelNotes()

  init(_ answers: AnswerHead) { notes.answers = answers }

  /// Writes the file and reads it again.
  func written(in folder: String) throws -> ModelNotes {
    let file = URL(filePath: folder).appending(path: "ltr.json")
    try Data(try notes.json().utf8).write(to: file)
    return try ModelNotes(of: try ModelSource(folder))
  }
}
