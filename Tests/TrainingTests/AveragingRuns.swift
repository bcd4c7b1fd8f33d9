import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Options
import Training

/// A suite that trains with averages of weights.
protocol AveragingRuns {
  /// The collection of all runs.
  var collection: TinyCollection { get }
}

extension AveragingRuns {
  func bench(
    _ average: AverageOptions, dev: Bool = true, in directory: RunDirectory? = nil,
    warmUp: Bool = false, head: Bool = true, frozen: FrozenParts = FrozenParts()
  ) throws -> TrainerTests.Bench {
    try TrainerTests.Bench(collection, dev: dev, in: directory, warmUp: warmUp, head: head) {
      plan in
      plan.training.average = average.isEmpty ? nil : average
      plan.frozen = frozen
    }
  }

  func finish(_ bench: TrainerTests.Bench) throws -> TrainingOutcome {
    guard case .finished(let outcome) = try bench.trainer.run(shouldStop: { false }) else {
      throw Failure(.software, "the run did not finish")
    }
    return outcome
  }

  func weights(of path: String) throws -> [Float] {
    try CrossEncoder(ModelSource(path), seed: 1).parameters.array
  }
}

extension TrainerTests.Events {
  /// The averages that were made at the end.
  var averages: [AverageReport] {
    all.compactMap { if case .average(let report) = $0 { report } else { nil } }
  }

  /// The numbers of steps in the moving averages that were evaluated.
  var averaged: [Int?] {
    all.compactMap {
      if case .evaluation(_, _, _, _, _, let averaged) = $0 { .some(averaged) } else { nil }
    }
  }

  /// The best value of a model that was evaluated.
  var best: Double? {
    all.compactMap {
      if case .evaluation(let report, _, _, _, _, _) = $0 {
        report.value("model", "nDCG@10")
      } else {
        nil
      }
    }.max()
  }
}
