import Models
import Tensors

extension TrainingStep {
  /// Updates a worker's share of the weights, and of their moving average.
  func update(_ worker: Int) {
    let (weights, gradient) = (model.parameters.values.floats, replicas[0].gradients.floats)
    for run in shares[worker].runs {
      guard let average, let averageShare else {
        optimizer.update(run, weights, gradient, update, reduced: reduced)
        continue
      }
      average.forEachBlock(of: run.range) { block in
        optimizer.update(run.with(block), weights, gradient, update, reduced: reduced)
        average.add(block, of: weights, averageShare)
      }
    }
    guard let table else { return }
    rows.forEachRun(in: shares[worker].rows) { run, isTouched in
      let range = table.rows(run).range
      if isTouched {
        optimizer.update(rows: range, weights, gradient, update)
      } else {
        optimizer.decay(rows: range, weights, update)
      }
      // Rows that do not change are their own average from the first step on.
      if let average, let averageShare, isTouched || optimizer.decaysRows || averageShare == 1 {
        average.add(range, of: weights, averageShare)
      }
    }
  }

  /// Exchanges a worker's share of the weights with their moving average.
  func exchange(_ worker: Int) {
    guard let average else { return }
    let (weights, averages) = (model.parameters.values.floats, average.values.floats)
    for run in shares[worker].runs { weights[run.range].exchange(with: averages[run.range]) }
    guard let table else { return }
    let range = table.rows(shares[worker].rows).range
    weights[range].exchange(with: averages[range])
  }
}
