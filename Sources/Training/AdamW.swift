package import Options
package import Autodiff
package import Tensors

/// The coefficients of one update.
package struct AdamWUpdate: Sendable {
  /// The number of the update, from 1.
  package var count: Int
  /// The learning rate.
  package var rate: Double
  /// The learning-rate factor of newly initialised parameters.
  package var freshFactor: Double
  /// The factor of the gradient.
  package var gradientScale: Double

  package init(
    count: Int, rate: Double, freshFactor: Double = 1, gradientScale: Double = 1
  ) {
    self.count = count
    self.rate = rate
    self.freshFactor = freshFactor
    self.gradientScale = gradientScale
  }
}

/// The state of AdamW for one set of parameters: two moving averages per parameter.
package final class AdamW: Sendable {
  /// A range of parameters with the same treatment.
  package struct Run: Sendable {
    package var range: Range<Int>
    package var decays: Bool
    /// Whether they were newly initialised.
    package var isFresh: Bool
    /// The factor of their learning rate by layer.
    package var rateFactor: Double

    package init(
      range: Range<Int>, decays: Bool, isFresh: Bool = false, rateFactor: Double = 1
    ) {
      self.range = range
      self.decays = decays
      self.isFresh = isFresh
      self.rateFactor = rateFactor
    }

    /// Whether another range has the same treatment.
    func isLike(_ other: Run) -> Bool {
      decays == other.decays && isFresh == other.isFresh && rateFactor == other.rateFactor
    }

    /// A range within or beyond this one with the same treatment.
    func with(_ range: Range<Int>) -> Run {
      var run = self
      run.range = range
      return run
    }
  }

  package let options: AdamWOptions
  /// The moving average of gradients, laid out like the parameters.
  package let first: Storage
  /// The moving average of squared gradients.
  package let second: Storage
  /// The ranges that are updated densely, in the order of the buffer.
  package let runs: [Run]
  /// All ranges that an update may change: the runs, and the table of rows.
  package let ranges: [Range<Int>]
  /// The treatment of the rows of the lookup table.
  private let rowRun: Run

  /// - Parameters:
  ///   - rows: a table whose rows are updated separately; the runs do not contain it.
  ///   - fresh: the newly initialised parameters.
  ///   - rateFactor: the factor of a parameter's learning rate by layer.
  ///   - isFrozen: whether a parameter is frozen.
  package init(
    _ table: ParameterTable, _ options: AdamWOptions, rows: Parameter? = nil,
    fresh: Set<String> = [], rateFactor: (_ name: String) -> Double = { _ in 1 },
    isFrozen: (_ name: String) -> Bool = { _ in false }
  ) {
    self.options = options
    first = Storage(count: table.count)
    second = Storage(count: table.count)
    var runs: [Run] = []
    var rowRun = Run(range: 0..<0, decays: false)
    for entry in table.entries where !isFrozen(entry.name) {
      let run = Run(
        range: entry.parameter.range, decays: entry.decays || options.decaysBiases,
        isFresh: fresh.contains(entry.name), rateFactor: rateFactor(entry.name))
      if entry.parameter == rows {
        rowRun = run
        // A new table learns at the plain rate.
        rowRun.isFresh = false
      } else if let last = runs.last, last.isLike(run),
        last.range.upperBound == run.range.lowerBound
      {
        runs[runs.count - 1].range = last.range.lowerBound..<run.range.upperBound
      } else {
        runs.append(run)
      }
    }
    self.runs = runs
    self.rowRun = rowRun
    ranges = runs.map(\.range) + (rowRun.range.isEmpty ? [] : [rowRun.range])
  }

  /// Resets the optimizer: both averages become zero.
  package func forget() {
    for range in ranges {
      first.floats[range].fill(0)
      second.floats[range].fill(0)
    }
  }

  /// The factor that limits a gradient of norm `norm` to the clipping threshold.
  package func scale(forNorm norm: Double) -> Double {
    guard let clip = options.clip, norm > clip else { return 1 }
    return clip / norm
  }

  /// Updates the parameters of a run. The gradient is zero afterwards; `reduced` is a rounded copy
  /// of the weights that is updated with them.
  package func update(
    _ run: Run, _ weights: Floats, _ gradient: Floats, _ update: AdamWUpdate,
    reduced: ReducedWeights? = nil
  ) {
    let exponent = Double(update.count)
    let part = run.range
    guard !part.isEmpty else { return }
    AdamWStep(
      rate: Float(update.rate * (run.isFresh ? update.freshFactor : 1) * run.rateFactor),
      decay: run.decays ? Float(options.weightDecay) : 0,
      beta1: Float(options.beta1), beta2: Float(options.beta2), epsilon: Float(options.epsilon),
      correction1: Float(1 - power(options.beta1, exponent)),
      correction2: Float(1 - power(options.beta2, exponent)),
      gradientScale: Float(update.gradientScale)
    ).apply(
      weights: weights[part], first: first.floats[part], second: second.floats[part],
      gradient: gradient[part], halves: reduced?.bfloats?[part])
  }

  /// Updates contiguous rows that have had a gradient at some step.
  package func update(
    rows: Range<Int>, _ weights: Floats, _ gradient: Floats, _ update: AdamWUpdate
  ) {
    self.update(rowRun.with(rows), weights, gradient, update)
  }

  /// Updates contiguous rows that never had a gradient: their averages are zero, so that only
  /// weight decay changes them.
  package func decay(rows: Range<Int>, _ weights: Floats, _ update: AdamWUpdate) {
    guard decaysRows else { return }
    let rate = Float(update.rate * rowRun.rateFactor)
    weights[rows].multiply(by: 1 - rate * Float(options.weightDecay))
  }

  /// Whether rows that never had a gradient change as well.
  package var decaysRows: Bool { rowRun.decays && options.weightDecay > 0 }
}
