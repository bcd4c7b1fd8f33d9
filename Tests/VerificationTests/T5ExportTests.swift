import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import ModelSupport
import Models
import Persistence
import TestSupport
import Testing
import Tokenization
import Verification

/// Exports of T5: the language model whose output layer has the score head as a row, and the encoder
/// with the decoder's first step as one graph.
@Suite struct T5ExportTests {
  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  private func model(_ tiny: TinyModel) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(tiny.written()), seed: 1)
  }

  @discardableResult
  private func write(
    _ model: CrossEncoder, _ format: ExportFormat, _ precision: ExportPrecision = .f32,
    answers: AnswerHead? = AnswerHead(positive: 12, negative: 30)
  ) throws -> ExportReport {
    var notes = ModelNotes()
    notes.answers = answers
    let outcome = try export(
      ExportRequest(model: model, notes: notes, precision: precision), as: [format], to: output,
      overwrite: true,
      check: ExportCheck(
        pairs: TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60)], of: model)))
    return try #require(outcome.reports.first)
  }

  @Test(arguments: [AnswerHead(positive: 12, negative: 30), AnswerHead(positive: 655)])
  func directory(_ answers: AnswerHead) throws {
    let model = try model(TinyModel().t5(gated: true))
    let report = try write(model, .huggingFace, answers: answers)
    #expect(report.agreement?.difference == 0)
    #expect(report.limits.contains { $0.contains("at the decoder's first step") })
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["architectures"] == ["T5ForConditionalGeneration"])
    #expect(config["tie_word_embeddings"] == false && config["d_kv"] == 10)
    #expect(config["feed_forward_proj"] == "gated-gelu")
    let source = try ModelSource(output)
    #expect(source.answers == answers)
    let again = try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
    #expect(again.fresh.isEmpty)
    #expect(again.parameters.values.floats.array == model.parameters.values.floats.array)
    // The blueprints differ in the factor of logits, which the written layer has not.
    #expect(again.blueprint.decoder == model.blueprint.decoder)
    #expect(again.blueprint.languageHead?.scale == 1)
  }

  /// Without answers, an output layer cannot say what the score is.
  @Test func withoutAnswers() throws {
    let model = try model(TinyModel().t5())
    let failure = #expect(throws: Failure.self) {
      try write(model, .huggingFace, answers: nil)
    }
    #expect(failure?.problem.contains("no answers whose logits would be its score") == true)
    #expect(failure?.remedy?.contains("'monot5'") == true)
    var source = try ModelSource(TinyModel().t5().written())
    source.sidecar.prompt = PromptTemplate(
      text: "{query} {document}", answers: .init(positive: "ab", negative: "aa"))
    try write(CrossEncoder(source, seed: 1), .huggingFace, answers: nil)
    #expect(try ModelSource(output).answers == AnswerHead(positive: 7, negative: 6))
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .int8], [false, true])
  func graph(_ precision: ExportPrecision, _ isGated: Bool) throws {
    let model = try model(TinyModel().t5(gated: isGated))
    let report = try write(model, .onnx, precision)
    let limit: Float = precision == .f32 ? 2e-5 : precision == .f16 ? 0.01 : 0.2
    #expect(try #require(report.agreement).difference < limit)
  }

  @Test func encoderAlone() throws {
    let model = try model(TinyModel().t5(decoder: false, output: ["classifier.weight"]))
    #expect(try write(model, .huggingFace, answers: nil).agreement?.difference == 0)
    let report = try write(model, .onnx, answers: nil)
    #expect(try #require(report.agreement).difference < 2e-5)
    let modules = try write(model, .sentenceTransformers, answers: nil)
    #expect(modules.agreement?.difference == 0)
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.blueprint.decoder == nil && again.modularHead != nil)
  }

  @Test(arguments: [ExportFormat.gguf.name, ExportFormat.sentenceTransformers.name])
  func refused(_ name: String) throws {
    let model = try model(TinyModel().t5())
    let failure = #expect(throws: Failure.self) { try write(model, ExportFormat.named(name)) }
    #expect(failure?.kind == .badData && failure?.remedy != nil, "\(String(describing: failure))")
  }
}
