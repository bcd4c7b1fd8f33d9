import Autodiff
import Batches
import Foundation
import Lists
import ModelFiles
import Models
import Options
import Persistence
import Ranking
import Scoring
import TestSupport
import Testing
import Training

/// The engine beside PyTorch and transformers in double precision, on a real encoder: 6 lists of 8
/// documents, seven losses, three AdamW steps. How the values were made is in the README beside
/// them.
///
/// The README of the values asks for logits within 1e-4; 1e-7 was measured, so 1e-5 is held.
@Suite(
  .serialized,
  .enabled(if: TestSupport.Material.hasEncoder, "needs the encoder of make encoder"),
  .enabled(
    if: TestSupport.Material.hasShared("reference/parity"), "needs shared/reference/parity"))
struct ParityTests {
  private struct Expected: Decodable {
    struct List: Decodable {
      var ids: [[Int32]]
      var types: [[Int32]]
      var logits: [Double]

      enum CodingKeys: String, CodingKey {
        case ids = "input_ids"
        case types = "token_type_ids"
        case logits
      }
    }

    struct LossValues: Decodable {
      var value: Double
      var scoreGradient: [[Double]]
      var norms: [String: Double]

      enum CodingKeys: String, CodingKey {
        case value
        case scoreGradient = "score_gradient"
        case norms = "gradient_norms"
      }
    }

    struct Optimizer: Decodable {
      struct Step: Decodable {
        var loss: Double
        var scores: [[Double]]

        enum CodingKeys: String, CodingKey {
          case loss
          case scores = "scores_after"
        }
      }

      var rate: Double
      var betas: [Double]
      var epsilon: Double
      var decay: Double
      var steps: [Step]

      enum CodingKeys: String, CodingKey {
        case rate = "lr"
        case betas, steps
        case epsilon = "eps"
        case decay = "weight_decay"
      }
    }

    var maximumLength: Int
    var lists: [List]
    var losses: [String: LossValues]
    var optimizer: Optimizer

    enum CodingKeys: String, CodingKey {
      case maximumLength = "max_length"
      case lists, losses
      case optimizer = "adamw_steps"
    }
  }

  private struct Line: Decodable {
    var query: String
    var documents: [String]
    var labels: [Double]
  }

  private struct Material {
    var expected: Expected
    var model: CrossEncoder
    var tokens: PairTokens
    var lists: [TrainingList]

    var batch: TrainingBatch<PackedBatch> {
      var batch = TrainingBatch<PackedBatch>(workers: 2)
      batch.fill(lists, from: tokens, maximumLength: expected.maximumLength)
      return batch
    }
  }

  private func material() throws -> Material {
    let folder = try TestSupport.Material.sharedPath("reference/parity")
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: URL(filePath: folder + "/expected.json")))
    let model = try CrossEncoder(ModelSource(TestSupport.Material.encoder), seed: 1)
    let head = try SafeTensors(path: folder + "/head.safetensors")
    for name in ["classifier.weight", "classifier.bias"] {
      let parameter = try #require(model.parameters.table[name])
      try model.parameters[parameter].withMutableSpan { span in try head.copy(name, into: &span) }
    }
    var tokens = PairTokens(model.tokenizer)
    var lists: [TrainingList] = []
    let text = try String(contentsOfFile: folder + "/lists.jsonl", encoding: .utf8)
    for line in text.split(separator: "\n") {
      let list = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      lists.append(
        TrainingList(
          query: tokens.append(query: list.query),
          documents: list.documents.map { tokens.append(document: $0) }, labels: list.labels))
    }
    return Material(expected: expected, model: model, tokens: tokens, lists: lists)
  }

  @Test func tokens() throws {
    let material = try material()
    #expect(material.lists.count == 6)
    for (list, expected) in zip(material.lists, material.expected.lists) {
      for (i, document) in list.documents.enumerated() {
        var (ids, types): ([Int32], [Int32]) = ([], [])
        material.tokens.append(
          Pair(query: list.query, document: document), maximum: material.expected.maximumLength,
          ids: &ids, types: &types)
        #expect(ids == expected.ids[i])
        #expect(types == expected.types[i])
      }
    }
  }

  @Test func logits() throws {
    let material = try material()
    let scores = PairScorer(material.model, workers: 2).scores(
      of: material.lists.flatMap { list in
        list.documents.map { Pair(query: list.query, document: $0) }
      }, in: material.tokens, maximumLength: material.expected.maximumLength)
    expectNear(scores.map(Double.init), material.expected.lists.flatMap(\.logits), 1e-5, "logits")
  }

  @Test func lossesAndGradients() throws {
    let material = try material()
    let step = TrainingStep(material.model, AdamWOptions(), StepOptions(workers: 2))
    let batch = material.batch
    #expect(material.expected.losses.count == 7)
    for (name, expected) in material.expected.losses.sorted(by: { $0.key < $1.key }) {
      let loss = try Loss(name)
      let value = step.accumulate(batch, loss, dropout: nil)
      #expect(abs(value - expected.value) <= 1e-5 * abs(expected.value), "\(name): \(value)")

      var scoreGradient = [Double](repeating: 0, count: batch.pairs)
      var span = scoreGradient.mutableSpan
      var workspace = LossWorkspace()
      _ = loss.evaluate(
        scores: step.lastScores.span, labels: batch.labels.span, offsets: batch.listOffsets.span,
        gradient: &span, workspace: &workspace)
      expectNear(scoreGradient, expected.scoreGradient.flatMap { $0 }, 1e-6, "\(name) by score")

      let gradients = step.takeGradients()
      let table = material.model.parameters.table
      // The pooler is a part of the reference as of this model: both have the same parameters.
      #expect(Set(table.entries.map(\.name)) == Set(expected.norms.keys))
      var worst = 0.0
      for entry in table.entries {
        let norm = gradients[entry.parameter.range].reduce(0.0) { $0 + Double($1) * Double($1) }
          .squareRoot()
        let wanted = try #require(expected.norms[entry.name])
        if wanted > 1e-6 {
          worst = max(worst, abs(norm - wanted) / wanted)
        } else {
          // Zero in exact arithmetic; what rounding leaves is far below what matters.
          #expect(norm < 1e-5, "\(name), \(entry.name): \(norm) and not 0")
        }
      }
      #expect(worst < 1e-3, "\(name): a gradient's length is off by \(worst)")
    }
  }

  @Test func threeSteps() throws {
    let material = try material()
    let optimizer = material.expected.optimizer
    let step = TrainingStep(
      material.model,
      AdamWOptions(
        beta1: optimizer.betas[0], beta2: optimizer.betas[1], epsilon: optimizer.epsilon,
        weightDecay: optimizer.decay, decaysBiases: true, clip: nil),
      StepOptions(workers: 2))
    let batch = material.batch
    let loss = try Loss("softmax")
    for (i, expected) in optimizer.steps.enumerated() {
      let value = step.accumulate(batch, loss, dropout: nil)
      #expect(abs(value - expected.loss) < 1e-4 * expected.loss, "step \(i): \(value)")
      _ = step.apply(count: i + 1, rate: optimizer.rate)
      _ = step.accumulate(batch, loss, dropout: nil)
      // Adam divides by the root of tiny averages: what rounding leaves of a gradient that is zero
      // in exact arithmetic moves a weight by a whole step. Hence the wider bound.
      expectNear(step.lastScores, expected.scores.flatMap { $0 }, 1e-3, "scores after step \(i)")
      _ = step.takeGradients()
    }
  }
}

/// Whether all values are near expected ones.
func expectNear(
  _ values: [Double], _ expected: [Double], _ tolerance: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance, "\(what): off by \(worst)", sourceLocation: sourceLocation)
}
