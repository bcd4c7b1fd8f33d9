import Autodiff
import Batches
import Foundation
import Lists
import ModelFiles
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

/// The whole engine beside PyTorch in double precision, on the handwritten model: token ids, logits,
/// seven losses with their gradients, three AdamW steps. `Fixtures/README.md` says how the values
/// were made and what they are; nothing but the package is needed.
///
/// PyTorch itself, computing in 32 bits, is off from the reference by the figures that
/// `make_whole_model.py` prints. Products here sum in another order, and `exp`, `tanh` and `erf` are
/// approximations of our own, so the tolerances are about eight times those figures. A missing term,
/// a transposed operand or a wrong factor is off by a hundredth at least.
@Suite struct WholeModelTests {
  /// The loss and the gradient of each parameter, in 32 bits: for any number of workers, and in
  /// slices of at least one sequence.
  @Test(arguments: [(1, nil), (3, nil), (2, 40)] as [(Int, Int?)])
  func lossesAndGradients(_ workers: Int, _ slice: Int?) throws {
    let reference = try WholeModelReference()
    let step = TrainingStep(
      reference.model, AdamWOptions(), StepOptions(workers: workers, sliceTokens: slice))
    let batch = reference.batch(reference.lists.indices, workers: workers)
    let expected = reference.expected
    #expect(expected.losses.count == 7)
    for (name, wanted) in expected.losses.sorted(by: { $0.key < $1.key }) {
      let value = step.accumulate(batch, try Loss(name), dropout: nil)
      expectNear(step.lastScores, expected.logits, 8e-6, "\(name): logits")
      #expect(abs(value - wanted.value) < 1.5e-6 * wanted.value, "\(name): \(value)")
      expectNear(
        try reference.scoreGradient(of: name, batch, scores: step.lastScores),
        wanted.scoreGradient, 3e-6, "\(name) by score")

      let gradients = step.takeGradients()
      #expect(reference.names == Set(wanted.gradients.keys))
      let longest = wanted.gradients.values.map { $0[0] }.max() ?? 0
      for entry in reference.model.parameters.table.entries {
        let wanted = try #require(wanted.gradients[entry.name])
        // The gradients of key biases, and of the score's bias where the loss sees differences only,
        // are zero in exact arithmetic: there the longest gradient is the measure of rounding.
        let scale = wanted[0] > 1e-6 ? wanted[0] : longest
        expectNear(
          Summary.of(gradients[entry.parameter.range]), wanted, 3e-5 * scale,
          "\(name) by \(entry.name)")
      }
    }
  }

  /// Products of operands with 8 bits of precision: PyTorch's autocast to bfloat16 is off by 0.012
  /// in the logits and by 0.036 of a gradient's length, and rounds more than products here do.
  /// ApproxNDCG is left out: its slope of 10 makes a fifth of a gradient of what scores are off by.
  @Test(.enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"))
  func bfloat16() throws {
    let reference = try WholeModelReference()
    let step = TrainingStep(
      reference.model, AdamWOptions(), StepOptions(precision: .bf16, workers: 2))
    let batch = reference.batch(reference.lists.indices, workers: 2)
    for (name, wanted) in reference.expected.losses where name != "approxndcg" {
      let value = step.accumulate(batch, try Loss(name), dropout: nil)
      #expect(abs(value - wanted.value) < 6e-3 * wanted.value, "\(name): \(value)")
      expectNear(step.lastScores, reference.expected.logits, 0.05, "\(name): logits")
      let gradients = step.takeGradients()
      for entry in reference.model.parameters.table.entries {
        let wanted = try #require(wanted.gradients[entry.name])
        guard wanted[0] > 1e-6 else { continue }
        expectNear(
          Summary.of(gradients[entry.parameter.range]), wanted, 0.15 * wanted[0],
          "\(name) by \(entry.name)")
      }
    }
  }

  /// Three updates with clipping, decay of what decays, and other tokens in each: rows of the table
  /// of token embeddings that a step does not see move on by their averages, others only decay. The
  /// third update adds up two batches.
  ///
  /// The optimizer's epsilon of 1e-4 is larger than what rounding leaves of gradients that are zero
  /// in exact arithmetic, so that not even key biases are exempt; a step is as long as its rate, 1e-2
  /// at first, so 2e-5 is a five hundredth of it.
  @Test(arguments: [1, 3]) func threeSteps(_ workers: Int) throws {
    let reference = try WholeModelReference()
    let options = reference.expected.options
    let step = TrainingStep(
      reference.model,
      AdamWOptions(
        beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
        weightDecay: options.decay, decaysBiases: false, clip: options.clip),
      StepOptions(workers: workers))
    let loss = try Loss("softmax")
    #expect(reference.expected.steps.count == 3)
    for (i, wanted) in reference.expected.steps.enumerated() {
      for (numbers, value) in zip(wanted.batches, wanted.losses) {
        let found = step.accumulate(
          reference.batch(numbers, workers: workers), loss, dropout: nil,
          scale: 1 / Double(wanted.batches.count))
        #expect(abs(found - value) < 1e-5 * value, "step \(i + 1): loss \(found)")
      }
      let norm = step.apply(count: i + 1, rate: wanted.rate)
      #expect(abs(norm - wanted.norm) < 1e-5 * wanted.norm, "step \(i + 1): norm \(norm)")
      for entry in reference.model.parameters.table.entries {
        let weights = reference.model.parameters[entry.parameter].array
        expectNear(
          Summary.of(weights[...]), try #require(wanted.parameters[entry.name]), 2e-5,
          "\(entry.name) after step \(i + 1)")
      }
      _ = step.accumulate(
        reference.batch(reference.lists.indices, workers: workers), loss, dropout: nil)
      expectNear(step.lastScores, wanted.scores, 3e-5, "scores after step \(i + 1)")
      // An evaluation only: its gradients must not reach the next update.
      _ = step.takeGradients()
    }
  }
}

/// The numbers that stand for a parameter's values in the fixture: their length, their scalar
/// product with a fixed sequence, and three of them.
private enum Summary {
  static func of(_ values: ArraySlice<Float>) -> [Double] {
    let values = values.map(Double.init)
    var state: UInt64 = 2026
    var (squares, product) = (0.0, 0.0)
    for value in values {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      squares += value * value
      product += value * (Double(state >> 40) / Double(1 << 24) - 0.5)
    }
    let places = [0, values.count / 3, values.count - 1]
    return [squares.squareRoot(), product] + places.map { values[$0] }
  }
}

/// `Fixtures/whole_model.json`, and the model and lists that it is about.
private struct WholeModelReference {
  struct Expected: Decodable {
    struct List: Decodable {
      var query: String
      var documents: [String]
      var labels: [Double]
      var ids: [[Int32]]
      var types: [[Int32]]
    }

    struct Options: Decodable {
      var beta1, beta2, epsilon, decay, clip: Double

      enum CodingKeys: String, CodingKey {
        case beta1, beta2, epsilon, clip
        case decay = "weight_decay"
      }
    }

    struct LossValues: Decodable {
      var value: Double
      var scoreGradient: [Double]
      var gradients: [String: [Double]]

      enum CodingKeys: String, CodingKey {
        case value, gradients
        case scoreGradient = "score_gradient"
      }
    }

    struct Step: Decodable {
      var rate, norm: Double
      var batches: [[Int]]
      var losses: [Double]
      var scores: [Double]
      var parameters: [String: [Double]]

      enum CodingKeys: String, CodingKey {
        case rate, norm, batches, losses, parameters
        case scores = "scores_after"
      }
    }

    var maximumLength: Int
    var lists: [List]
    var options: Options
    var logits: [Double]
    var losses: [String: LossValues]
    var steps: [Step]

    enum CodingKeys: String, CodingKey {
      case maximumLength = "maximum_length"
      case lists, options, logits, losses, steps
    }
  }

  let expected: Expected
  let model: CrossEncoder
  let tokens: PairTokens
  let lists: [TrainingList]

  /// Reads the fixture, and checks that its pairs have the ids that the tokenizer gives them.
  init() throws {
    let file = Material.package.appending(path: "Tests/TrainingTests/Fixtures/whole_model.json")
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
    let folder = try Material.temporaryFolder()
    try HandwrittenModel.write(to: folder)
    model = try CrossEncoder(ModelSource(folder.path(percentEncoded: false)), seed: 1)
    var tokens = PairTokens(model.tokenizer)
    lists = expected.lists.map { list in
      TrainingList(
        query: tokens.append(query: list.query),
        documents: list.documents.map { tokens.append(document: $0) }, labels: list.labels)
    }
    self.tokens = tokens
    for (list, wanted) in zip(lists, expected.lists) {
      for (i, document) in list.documents.enumerated() {
        var (ids, types): ([Int32], [Int32]) = ([], [])
        tokens.append(
          Pair(query: list.query, document: document), maximum: expected.maximumLength, ids: &ids,
          types: &types)
        #expect(ids == wanted.ids[i] && types == wanted.types[i], "\(wanted.documents[i])")
      }
    }
  }

  var names: Set<String> { Set(model.parameters.table.entries.map(\.name)) }

  func batch(_ numbers: some Sequence<Int>, workers: Int) -> TrainingBatch<PackedBatch> {
    var batch = TrainingBatch<PackedBatch>(workers: workers)
    batch.fill(numbers.map { lists[$0] }, from: tokens, maximumLength: expected.maximumLength)
    return batch
  }

  /// The gradient of a loss by the scores of a batch.
  func scoreGradient(
    of name: String, _ batch: TrainingBatch<PackedBatch>, scores: [Double]
  ) throws -> [Double] {
    var gradient = [Double](repeating: 0, count: batch.pairs)
    var span = gradient.mutableSpan
    var workspace = LossWorkspace()
    _ = try Loss(name).evaluate(
      scores: scores.span, labels: batch.labels.span, offsets: batch.listOffsets.span,
      gradient: &span, workspace: &workspace)
    return gradient
  }
}
