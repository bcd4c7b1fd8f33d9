package import Options
package import Autodiff
package import Tensors

/// The numbers of one update.
package struct AdamWUpdate: Sendable {
  /// Which update it is, from 1.
  package var count: Int
  /// The learning rate.
  package var rate: Double
  /// What the learning rate of fresh parameters is multiplied by.
  package var freshFactor: Double
  /// What the gradient is multiplied by.
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

/// The state of AdamW for one set of parameters: two averages a parameter and the number of steps.
package final class AdamW: Sendable {
  /// A run of parameters that are treated alike.
  package struct Run: Sendable {
    package var range: Range<Int>
    package var decays: Bool
    /// Whether they started from nothing.
    package var isFresh: Bool

    package init(range: Range<Int>, decays: Bool, isFresh: Bool = false) {
      self.range = range
      self.decays = decays
      self.isFresh = isFresh
    }
  }

  package let options: AdamWOptions
  /// The moving average of gradients, laid out like the parameters.
  package let first: Storage
  /// The moving average of squared gradients.
  package let second: Storage
  /// What is updated densely, in the order of the buffer.
  package let runs: [Run]
  /// Whether the rows of the table of words decay.
  private let rowsDecay: Bool

  /// - Parameters:
  ///   - rows: a table whose rows are updated one by one; the runs do not hold it.
  ///   - fresh: the parameters that started from nothing.
  ///   - isFrozen: whether a parameter stays as it is.
  package init(
    _ table: ParameterTable, _ options: AdamWOptions, rows: Parameter? = nil,
    fresh: Set<String> = [], isFrozen: (_ name: String) -> Bool = { _ in false }
  ) {
    self.options = options
    first = Storage(count: table.count)
    second = Storage(count: table.count)
    var runs: [Run] = []
    var rowsDecay = false
    for entry in table.entries where !isFrozen(entry.name) {
      let decays = entry.decays || options.decaysBiases
      let range = entry.parameter.range
      let isFresh = fresh.contains(entry.name)
      if entry.parameter == rows {
        rowsDecay = decays
      } else if let last = runs.last, last.decays == decays,
        last.isFresh == isFresh, last.range.upperBound == range.lowerBound
      {
        runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        runs.append(Run(range: range, decays: decays, isFresh: isFresh))
      }
    }
    self.runs = runs
    self.rowsDecay = rowsDecay
  }

  /// Starts over: both averages are zero.
  package func forget() {
    first.floats.fill(0)
    second.floats.fill(0)
  }

  /// What a gradient of length `norm` is multiplied by to respect the limit.
  package func scale(forNorm norm: Double) -> Double {
    guard let clip = options.clip, norm > clip else { return 1 }
    return clip / norm
  }

  /// Updates the parameters of a run. The gradient is zero afterwards; `reduced` is a rounded copy
  /// of the weights that is kept up to date.
  package func update(
    _ run: Run, _ weights: Floats, _ gradient: Floats, _ update: AdamWUpdate,
    reduced: ReducedWeights? = nil
  ) {
    let exponent = Double(update.count)
    let part = run.range
    guard !part.isEmpty else { return }
    AdamWStep(
      rate: Float(update.rate * (run.isFresh ? update.freshFactor : 1)),
      decay: run.decays ? Float(options.weightDecay) : 0,
      beta1: Float(options.beta1), beta2: Float(options.beta2), epsilon: Float(options.epsilon),
      correction1: Float(1 - power(options.beta1, exponent)),
      correction2: Float(1 - power(options.beta2, exponent)),
      gradientScale: Float(update.gradientScale)
    ).apply(
      weights: weights[part], first: first.floats[part], second: second.floats[part],
      gradient: gradient[part], halves: reduced?.bfloats?[part])
  }

  /// Updates rows that lie one after the other and had a gradient at some time.
  package func update(
    rows: Range<Int>, _ weights: Floats, _ gradient: Floats, _ update: AdamWUpdate
  ) {
    self.update(Run(range: rows, decays: rowsDecay), weights, gradient, update)
  }

  /// The same for rows that never had a gradient: their averages are zero, only decay moves them.
  package func decay(rows: Range<Int>, _ weights: Floats, _ update: AdamWUpdate) {
    guard rowsDecay, options.weightDecay > 0 else { return }
    weights[rows].multiply(by: 1 - Float(update.rate) * Float(options.weightDecay))
  }
}
