import Autodiff
import Foundation
import Options
import Randomness
import Tensors
import Testing
import Training

@Suite struct AdamWTests {
  private func table() -> ParameterTable {
    var table = ParameterTable()
    _ = table.add("weight", Shape(7, 5), decays: true)
    _ = table.add("bias", Shape(7), decays: false)
    _ = table.add("norm", Shape(21), decays: false)
    _ = table.add("other", Shape(3, 3), decays: true)
    return table
  }

  /// 20 steps beside the paper's update in double precision; 1e-5 is the rounding of 20 steps of
  /// single precision on weights around 1.
  @Test(arguments: [true, false], [nil, 0.5])
  func updates(_ decaysBiases: Bool, _ clip: Double?) {
    let table = table()
    let options = AdamWOptions(
      beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1, decaysBiases: decaysBiases,
      clip: clip)
    let optimizer = AdamW(table, options)
    let (weights, gradient) = (Storage(count: table.count), Storage(count: table.count))
    var random = SplitMix64(seed: 1)
    for i in 0..<table.count { weights.floats[i] = Float(2 * random.uniform() - 1) }
    var expected = weights.array.map(Double.init)
    var (first, second) = (
      [Double](repeating: 0, count: table.count), [Double](repeating: 0, count: table.count)
    )
    for step in 1...20 {
      for i in 0..<table.count { gradient.floats[i] = Float(random.uniform() - 0.4) }
      let given = gradient.array.map(Double.init)
      let norm = given.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let rate = 0.01 * Double(step) / 20
      let scale = optimizer.scale(forNorm: norm)
      #expect(scale == clip.map { min(1, $0 / norm) } ?? 1)
      // In two ranges, as two workers do, the border inside a parameter.
      let update = AdamWUpdate(count: step, rate: rate, gradientScale: scale)
      for range in [0..<30, 30..<table.count] {
        for run in optimizer.runs {
          let part = AdamW.Run(range: run.range.clamped(to: range), decays: run.decays)
          optimizer.update(part, weights.floats, gradient.floats, update)
        }
      }
      #expect(gradient.array.allSatisfy { $0 == 0 })
      for entry in table.entries {
        for i in entry.parameter.range {
          let g = given[i] * (clip.map { min(1, $0 / norm) } ?? 1)
          first[i] = 0.8 * first[i] + 0.2 * g
          second[i] = 0.95 * second[i] + 0.05 * g * g
          if entry.decays || decaysBiases { expected[i] -= rate * 0.1 * expected[i] }
          let mean = first[i] / (1 - pow(0.8, Double(step)))
          let square = second[i] / (1 - pow(0.95, Double(step)))
          expected[i] -= rate * mean / (square.squareRoot() + 1e-6)
        }
      }
    }
    expectNear(weights.array.map(Double.init), expected, 1e-5, "weights")
    expectNear(optimizer.first.array.map(Double.init), first, 1e-6, "first moment")
    expectNear(optimizer.second.array.map(Double.init), second, 1e-6, "second moment")
    optimizer.forget()
    #expect((optimizer.first.array + optimizer.second.array).allSatisfy { $0 == 0 })
    withExtendedLifetime((weights, gradient, optimizer)) {}
  }

  /// Frozen parameters and the table of rows are no part of the runs, and runs do not reach over
  /// them.
  @Test func runs() {
    let table = table()
    func ranges(_ optimizer: AdamW) -> [Range<Int>] { optimizer.runs.map(\.range) }
    #expect(ranges(AdamW(table, AdamWOptions())) == [0..<35, 35..<63, 63..<72])
    #expect(ranges(AdamW(table, AdamWOptions(decaysBiases: true))) == [0..<72])
    let frozen = AdamW(
      table, AdamWOptions(decaysBiases: true), rows: table["weight"], isFrozen: { $0 == "norm" })
    #expect(ranges(frozen) == [35..<42, 63..<72])
  }

  @Test func schedules() {
    let rates = { (schedule: Schedule, total: Int) in
      (0..<total).map { schedule.rate(step: $0, of: total) }
    }
    expectNear(
      rates(Schedule(peak: 4, warmUp: .fraction(0.25), course: .linear), 8),
      [2, 4, 4, 4 * 5 / 6, 4 * 4 / 6, 4 * 3 / 6, 4 * 2 / 6, 4 * 1 / 6.0], 1e-12, "linear")
    expectNear(
      rates(Schedule(peak: 2, warmUp: .steps(1), course: .cosine), 5),
      [2, 2, 1 + cos(.pi / 4), 1, 1 + cos(3 * .pi / 4)], 1e-12, "cosine")
    expectNear(
      rates(Schedule(peak: 3, warmUp: .steps(3), course: .constant), 5), [1, 2, 3, 3, 3], 1e-12,
      "constant")
    #expect(rates(Schedule(peak: 3, warmUp: .steps(0), course: .linear), 2) == [3, 1.5])
    #expect(rates(Schedule(peak: 3, warmUp: .fraction(1), course: .linear), 2) == [1.5, 3])
    #expect(rates(Schedule(peak: 3), 1) == [3])
    // A rise that is longer than the run ends below the peak.
    #expect(rates(Schedule(peak: 4, warmUp: .steps(8)), 2) == [0.5, 1])
  }
}
