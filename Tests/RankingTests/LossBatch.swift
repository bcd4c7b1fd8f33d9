import Ranking

/// A ragged batch with all it may have, and a loss evaluated on it.
struct LossBatch: Decodable {
  var offsets: [Int]
  var scores: [Double]
  var labels: [Double]
  /// A teacher's scores, NaN where it has none.
  var teachers: [Double]?
  var itemWeights: [Double]?
  var listWeights: [Double]?
  var mask: [Bool]?

  /// One list.
  init(_ scores: [Double], _ labels: [Double]) {
    (self.scores, self.labels) = (scores, labels)
    offsets = [0, scores.count]
  }

  /// Several lists of random scores; labels are small grades with ties, or any numbers.
  init(sizes: [Int], graded: Bool = true, using random: inout SeededRandom) {
    let count = sizes.reduce(0, +)
    offsets = sizes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    scores = (0..<count).map { _ in .random(in: -3...3, using: &random) }
    labels = (0..<count).map { _ in
      graded
        ? Double(Int.random(in: 0...3, using: &random)) : .random(in: -2...4, using: &random)
    }
  }

  /// The same with random weights of items and lists, a fifth of the items masked, and a teacher
  /// that has not seen a tenth of them.
  func weighted(using random: inout SeededRandom) -> LossBatch {
    var batch = self
    batch.itemWeights = scores.map { _ in .random(in: 0.1...2, using: &random) }
    batch.listWeights = offsets.dropLast().map { _ in .random(in: 0.1...2, using: &random) }
    batch.teachers = scores.map { _ in
      .random(in: 0...1, using: &random) > 0.1 ? .random(in: -2...4, using: &random) : .nan
    }
    batch.mask = scores.map { _ in .random(in: 0...1, using: &random) > 0.2 }
    return batch
  }

  /// Value and gradient; the gradient's memory starts as NaN, which a loss has to overwrite.
  func evaluate(
    _ loss: Loss, draw: UInt64 = 0, workspace: inout LossWorkspace
  ) -> (value: Double, gradient: [Double]) {
    var gradient = [Double](repeating: .nan, count: scores.count)
    var span = gradient.mutableSpan
    let value = loss.evaluate(
      scores: scores.span, labels: labels.span, teachers: teachers?.span, offsets: offsets.span,
      itemWeights: itemWeights?.span, listWeights: listWeights?.span, mask: mask?.span,
      draw: draw, gradient: &span, workspace: &workspace)
    return (value, gradient)
  }

  func evaluate(_ loss: Loss, draw: UInt64 = 0) -> (value: Double, gradient: [Double]) {
    var workspace = LossWorkspace()
    return evaluate(loss, draw: draw, workspace: &workspace)
  }
}

/// SplitMix64, so that a test fails the same way every time.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A registered loss with some options set.
struct LossVariant: Sendable, CustomStringConvertible {
  let definition: LossDefinition
  let options: [String: OptionValue]

  var description: String { "\(definition.name) \(options.sorted { $0.key < $1.key })" }

  /// Every registered loss with its defaults, with some other values of every option, and of every
  /// two options: what is registered is tested.
  static let all: [LossVariant] = Losses.all.flatMap { definition in
    let samples = definition.options.map { option in
      option.samples.map { [option.name: $0] }
    }
    var sets: [[String: OptionValue]] = [[:]]
    for (index, sample) in samples.enumerated() {
      sets += sample
      for other in samples[(index + 1)...] {
        for a in sample { sets += other.map { a.merging($0) { x, _ in x } } }
      }
    }
    return sets.map { LossVariant(definition: definition, options: $0) }
  }

  /// Whether it draws random numbers.
  var isRandom: Bool { definition.isRandom || options["ties"] == "random" }

  static let defaults = Losses.all.map { LossVariant(definition: $0, options: [:]) }
}

extension LossOption {
  /// Some values other than the default.
  var samples: [OptionValue] {
    switch kind {
    case .number(let value, let range):
      (value == 0 ? [0.25, 0.8] : [0.4 * value, 1.7 * value])
        .filter(range.contains).map(OptionValue.number)
    case .whole(let value, let range):
      [value + 1, value + 3].filter(range.contains).map { .number(Double($0)) }
    case .choice(let value, let choices): choices.filter { $0 != value }.map(OptionValue.text)
    case .flag(let value): [.flag(!value)]
    }
  }
}

/// |a − b| as a share of the larger one, or of 1 where both are smaller.
func distance(_ a: Double, _ b: Double) -> Double {
  a == b ? 0 : abs(a - b) / max(abs(a), abs(b), 1)
}

/// The greatest distance of elements at the same place; infinite where the lengths differ.
func distance(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
  a.count == b.count ? zip(a, b).map { distance($0, $1) }.max() ?? 0 : .infinity
}
