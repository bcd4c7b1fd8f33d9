import Diagnostics
import Export
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing
import Verification

/// How far the scores of an export may be from the model's.
@Suite struct AgreementTests {
  private func isClose(_ expected: [Float], off differences: [Float]) -> Bool {
    Agreement(zip(expected, differences).map { $0 + $1 }, with: expected, tolerance: 0.02).isClose
  }

  /// Scores of order 1: the tolerance as it is, and in proportion to a larger score.
  @Test func magnitudes() {
    let small: [Float] = [0.1, -0.4, 0.9, 0.5]
    #expect(isClose(small, off: [0.015, -0.015, 0.015, 0.015]))
    #expect(!isClose(small, off: [0.025, 0, 0, 0]))
    let scores: [Float] = [0.1, -0.4, 0.9, 5]
    #expect(isClose(scores, off: [0.015, -0.015, 0.015, 0.09]))
    #expect(!isClose(scores, off: [0, 0, 0, 0.11]))
  }

  /// A score near zero among large ones is rounded as they are: the spread is 44.
  @Test func spread() {
    let scores: [Float] = [40, -38, 0.01, 22]
    #expect(isClose(scores, off: [0, 0, 0.8, 0]))
    #expect(!isClose(scores, off: [0, 0, 0.95, 0]))
    #expect(!isClose(scores, off: [0, 0, .nan, 0]))
    // Of a single pair there is none.
    #expect(!isClose([0.01], off: [0.03]))
  }

  /// Scores that all lie far from zero order documents by differences that stay small.
  @Test func offset() {
    let scores: [Float] = [0.01, 0.5, -0.5, 0.2].map { $0 - 10 }
    #expect(isClose(scores, off: [0.18, 0, 0, 0]))
    #expect(!isClose(scores, off: [0.25, 0, 0, 0]))
  }

  /// A head with large weights is the same model as far as ranking goes: where one is exported, so is
  /// the other, although one of its scores is near zero.
  @Test(arguments: [ExportPrecision.f16, .int8])
  func largeHeads(_ precision: ExportPrecision) throws {
    func report(_ factor: Float, _ shift: Float) throws -> (ExportReport, [Float]) {
      var tiny = TinyModel()
      let weights = try #require(tiny.tensors["classifier.weight"]).values
      tiny.tensors["classifier.weight"]?.values = weights.map { factor * $0 }
      tiny.tensors["classifier.bias"]?.values = [shift]
      let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
      let pairs = TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60), (2, 12), (5, 20)], of: model)
      let outcome = try export(
        ExportRequest(model: model, notes: ModelNotes(), precision: precision), as: [.onnx],
        to: try Material.temporaryFolder().appending(path: "out").path,
        check: ExportCheck(pairs: pairs))
      return (try #require(outcome.reports.first), model.scores(of: pairs))
    }
    let (_, scores) = try report(1, 0)
    let factor: Float = 1000
    // The pair in the middle gets a score near zero.
    let middle = scores.sorted()[scores.count / 2]
    let (large, largeScores) = try report(factor, -factor * middle + 0.01)
    #expect(largeScores.contains { abs($0) < 1 } && largeScores.contains { abs($0) > 20 })
    #expect(large.agreement?.isClose == true)
  }
}
