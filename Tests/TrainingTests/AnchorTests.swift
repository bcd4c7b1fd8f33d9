import Batches
import Diagnostics
import Foundation
import Lists
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

/// The pull of the base's scores.
@Suite struct AnchorTests {
  private static let table = FeatureTable(lists: 12)

  private static func anchor(_ distance: AnchorOptions.Distance) -> AnchorOptions {
    var options = AnchorOptions()
    (options.distance, options.weight) = (distance, 0.7)
    options.temperature = distance == .kl ? 1.5 : 1
    return options
  }

  private static var pairs: [Pair] {
    table.lists.flatMap { list in
      list.documents.map { Pair(query: list.query, document: $0) }
    }
  }

  /// Scores that are not the model's: those of another one.
  private static func baseScores() -> [Double] {
    let other = FeatureModel(seed: 8).parameters.values.array.map(Double.init)
    return pairs.map { Double(Float(FeatureModel.score(other, table.rows[$0.document]))) }
  }

  /// The anchor's formula in double precision, without the registered losses.
  private static func distance(
    _ options: AnchorOptions, _ scores: [Double], _ base: [Double]
  ) -> Double {
    var (start, sum) = (0, 0.0)
    for list in table.lists {
      let range = start..<start + list.documents.count
      start = range.upperBound
      switch options.distance {
      case .mse: for i in range { sum += (scores[i] - base[i]) * (scores[i] - base[i]) }
      case .kl:
        func logs(_ all: [Double]) -> [Double] {
          let powers = range.map { all[$0] / options.temperature }
          let total = Foundation.log(powers.reduce(0) { $0 + Foundation.exp($1) })
          return powers.map { $0 - total }
        }
        for (q, p) in zip(logs(base), logs(scores)) { sum += Foundation.exp(q) * (q - p) }
      }
    }
    let units = options.distance == .mse ? start : table.lists.count
    return options.weight * sum / Double(units)
  }

  /// Central differences of loss and anchor, both by formulas. Tolerances as in
  /// `FeatureTrainingTests.gradients`.
  @Test(arguments: AnchorOptions.Distance.allCases, [nil, 3])
  func gradients(_ distance: AnchorOptions.Distance, _ slice: Int?) throws {
    let table = Self.table
    let options = Self.anchor(distance)
    let base = Self.baseScores()
    let step = TrainingStep(
      FeatureModel(seed: 3), AdamWOptions(), StepOptions(workers: 2, sliceTokens: slice))
    let loss = try Loss("softmax")
    func total(_ parameters: [Double]) -> Double {
      let scores = Self.pairs.map { FeatureModel.score(parameters, table.rows[$0.document]) }
      let offsets = table.lists.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.labels.count) }
      let labels = table.lists.flatMap(\.labels)
      var gradients = [Double](repeating: 0, count: scores.count)
      var gradient = gradients.mutableSpan
      var workspace = LossWorkspace()
      let value = loss.evaluate(
        scores: scores.span, labels: labels.span, teachers: nil, offsets: offsets.span,
        itemWeights: nil, listWeights: nil, draw: 0, gradient: &gradient, workspace: &workspace)
      return value + Self.distance(options, scores, base)
    }
    var batch = step.emptyBatch
    batch.fill(
      table.lists[...], from: table, maximumLength: 1,
      anchors: AnchorScores(Self.pairs, base.map(Float.init)))
    let parameters = step.model.parameters.values.array.map(Double.init)
    let value = step.accumulate(batch, loss, anchor: try options.loss(), dropout: nil)
    #expect(abs(value - total(parameters)) < 1e-5)
    let found = step.takeGradients()
    _ = step.accumulate(batch, loss, dropout: nil)
    let plain = step.takeGradients()
    #expect(zip(found, plain).contains { abs($0 - $1) > 1e-2 }, "the anchor pulls")
    for i in parameters.indices {
      var (above, below) = (parameters, parameters)
      above[i] += 1e-5
      below[i] -= 1e-5
      let slope = (total(above) - total(below)) / 2e-5
      #expect(abs(Double(found[i]) - slope) < 1e-5, "parameter \(i)")
    }
  }

  /// A strong pull leaves the scores nearer to the base's than none.
  @Test(arguments: AnchorOptions.Distance.allCases)
  func pulls(_ distance: AnchorOptions.Distance) throws {
    let table = Self.table
    let start = FeatureModel(seed: 3).parameters.values.array.map(Double.init)
    let base = Self.pairs.map { FeatureModel.score(start, table.rows[$0.document]) }
    var options = Self.anchor(distance)
    options.weight = 1000
    let loss = try Loss("softmax")
    var distances: [Double] = []
    for anchor in [nil, try options.loss()] {
      let step = TrainingStep(FeatureModel(seed: 3), AdamWOptions(), StepOptions(workers: 2))
      var batch = step.emptyBatch
      batch.fill(
        table.lists[...], from: table, maximumLength: 1,
        anchors: AnchorScores(Self.pairs, base.map(Float.init)))
      for count in 1...80 {
        #expect(step.accumulate(batch, loss, anchor: anchor, dropout: nil).isFinite)
        _ = step.apply(count: count, rate: 1e-2)
      }
      let trained = step.model.parameters.values.array.map(Double.init)
      let scores = Self.pairs.map { FeatureModel.score(trained, table.rows[$0.document]) }
      distances.append(Self.distance(options, scores, base))
    }
    #expect(distances[1] < 0.1 * distances[0], "\(distances)")
  }
}

extension TrainerTests {
  /// Whole runs with an anchor.
  @Suite(.serialized) struct AnchoredRunTests {
    private func bench(
      _ anchor: AnchorOptions?, in directory: RunDirectory? = nil, _ collection: TinyCollection
    ) throws -> Bench {
      try Bench(collection, dev: false, in: directory) { $0.training.anchor = anchor }
    }

    private func finish(_ bench: Bench) throws -> [Float] {
      guard case .finished = try bench.trainer.run(shouldStop: { false }) else {
        throw Failure(.software, "the run did not finish")
      }
      return bench.parameters
    }

    /// A run that is stopped and resumed ends with the bits of one that was not.
    @Test(arguments: [[1], [4], [3, 4]]) func resumedRunsEndTheSame(_ stops: [Int]) throws {
      let collection = try TinyCollection()
      let whole = try bench(AnchorOptions(), collection)
      let expected = try finish(whole)
      #expect(whole.events.notes.contains { $0.hasPrefix("training.anchor: the base") })
      #expect(try finish(bench(nil, collection)) != expected)
      var part = try bench(AnchorOptions(), collection)
      for stop in stops {
        let checkpoint = try part.interrupted(after: stop)
        let next = try bench(AnchorOptions(), in: part.directory, collection)
        try next.trainer.resume(from: checkpoint)
        part = next
      }
      #expect(try finish(part) == expected, "stopped after \(stops)")
    }
  }
}
