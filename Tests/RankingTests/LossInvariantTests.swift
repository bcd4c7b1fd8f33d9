import Ranking
import Testing

/// Invariants of every loss, run over the whole registry.
@Suite struct LossInvariantTests {
  private func make(_ variant: LossVariant) throws -> Loss {
    try Loss(variant.definition.name, options: variant.options)
  }

  @Test(arguments: LossVariant.all) func isFiniteForExtremeInput(variant: LossVariant) throws {
    let loss = try make(variant)
    for size in [1e4, 1e100] {
      let scores = [-size, size, 0, size, -size, 1e-300, 0]
      for labels in [
        [0, 0, 0, 0, 0, 0, 0], [2, 2, 2, 2, 2, 2, 2], [0, 1, 2, 3, 4, 0, 1],
        [-1, 0, 1e-300, 1e4, -1e4, 1, 0], [size, -size, 0, 0, 1, size, 2],
      ] {
        var batch = LossBatch(scores, labels)
        for weights: [Double]? in [nil, [0, 1, 0, 2, 0, 1, 1], [0, 0, 0, 0, 0, 0, 0]] {
          batch.itemWeights = weights
          for teachers: [Double]? in [nil, [1, .nan, -size, size, 0, .nan, 1]] {
            batch.teachers = teachers
            let (value, gradient) = batch.evaluate(loss)
            #expect(value.isFinite && gradient.allSatisfy(\.isFinite), "\(labels)")
          }
        }
      }
    }
  }

  @Test(arguments: LossVariant.all) func isZeroWhereNothingCounts(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 1)
    let batch = LossBatch(sizes: [3, 1, 4], using: &random)
    var masked = batch
    masked.mask = batch.scores.map { _ in false }
    var weightless = batch
    weightless.listWeights = [0, 0, 0]
    for nothing in [masked, weightless, LossBatch([], []), LossBatch(sizes: [], using: &random)] {
      let (value, gradient) = nothing.evaluate(loss)
      #expect(value == 0 && gradient.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: LossVariant.all) func aMaskedItemIsNotThere(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 2)
    var batch = LossBatch(sizes: [5, 2, 6], using: &random)
    batch.mask = batch.scores.indices.map { ![1, 5, 6, 12].contains($0) }
    var shorter = LossBatch(sizes: [4, 5], using: &random)
    let kept = batch.scores.indices.filter { batch.mask?[$0] == true }
    (shorter.scores, shorter.labels) = (
      kept.map { batch.scores[$0] }, kept.map { batch.labels[$0] }
    )
    let (found, expected) = (batch.evaluate(loss), shorter.evaluate(loss))
    #expect(found.value == expected.value)
    #expect(kept.map { found.gradient[$0] } == expected.gradient)
    #expect([1, 5, 6, 12].allSatisfy { found.gradient[$0] == 0 })
  }

  /// Items at the end that are masked are padding: the ragged lists' values and gradients.
  @Test(arguments: LossVariant.all) func paddingIsNothing(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 16)
    let ragged = LossBatch(sizes: [3, 7, 5], using: &random)
    var padded = LossBatch([], [])
    padded.offsets = [0, 9, 18, 27]
    padded.mask = []
    for list in 0..<3 {
      let own = ragged.offsets[list]..<ragged.offsets[list + 1]
      let more = 9 - own.count
      padded.scores += ragged.scores[own] + [Double](repeating: 1e4, count: more)
      padded.labels += ragged.labels[own] + [Double](repeating: 7, count: more)
      padded.mask? += own.map { _ in true } + [Bool](repeating: false, count: more)
    }
    let (found, expected) = (padded.evaluate(loss), ragged.evaluate(loss))
    let kept = padded.scores.indices.filter { padded.mask?[$0] == true }
    #expect(found.value == expected.value)
    #expect(kept.map { found.gradient[$0] } == expected.gradient)
    #expect(found.gradient.filter { $0 != 0 } == expected.gradient.filter { $0 != 0 })
  }

  /// An item that the teacher has not seen is not there for a loss that learns from the teacher,
  /// and is for every other.
  @Test(arguments: LossVariant.all) func whatTheTeacherHasNotSeen(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 17)
    var batch = LossBatch(sizes: [5, 2, 6], using: &random)
    let teachers = batch.scores.map { _ in Double.random(in: -2...4, using: &random) }
    batch.teachers = teachers.enumerated().map { [1, 5, 6, 12].contains($0) ? .nan : $1 }
    var other = batch
    other.teachers = teachers
    if variant.definition.needsTeacher {
      other.mask = batch.scores.indices.map { ![1, 5, 6, 12].contains($0) }
    }
    let (found, expected) = (batch.evaluate(loss), other.evaluate(loss))
    #expect(found.value == expected.value && found.gradient == expected.gradient)
    #expect(found.gradient.contains { $0 != 0 })
    #expect(loss.needsTeacher == variant.definition.needsTeacher)
  }

  /// Labels that are all equal say nothing of an order.
  @Test(
    arguments: LossVariant.all.filter { [.pairwise, .lambda].contains($0.definition.kind) })
  func equalLabelsAreZero(variant: LossVariant) throws {
    let loss = try make(variant)
    for label in [0.0, 2] {
      let batch = LossBatch([3, -1, 0.5, 1e4], [label, label, label, label])
      let (value, gradient) = batch.evaluate(loss)
      #expect(value == 0 && gradient.allSatisfy { $0 == 0 })
    }
  }

  /// What is drawn depends on a list's place, and a list twice is a negative more for the others.
  @Test(arguments: LossVariant.all.filter { !$0.isRandom && $0.definition.name != "infonce" })
  func aListGivenTwiceIsWeightTwo(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 8)
    var batch = LossBatch(sizes: [5, 3], using: &random)
    batch.listWeights = [2, 1]
    var twice = batch
    twice.listWeights = nil
    twice.scores = batch.scores[..<5] + batch.scores
    twice.labels = batch.labels[..<5] + batch.labels
    twice.offsets = [0, 5, 10, 13]
    let (found, expected) = (batch.evaluate(loss), twice.evaluate(loss))
    #expect(distance(found.value, expected.value) < 1e-14)
    #expect(distance(found.gradient.suffix(3), expected.gradient.suffix(3)) < 1e-14)
    #expect(distance(found.gradient.prefix(5), expected.gradient.prefix(5).map { 2 * $0 }) < 1e-14)
  }

  @Test(arguments: LossVariant.all.filter { $0.definition.kind != .pointwise })
  func oneItemHasNoOrder(variant: LossVariant) throws {
    let loss = try make(variant)
    for label in [0.0, 2] {
      let (value, gradient) = LossBatch([1.5], [label]).evaluate(loss)
      #expect(value.isFinite && abs(gradient[0]) < 1e-15)
    }
  }

  /// Noise belongs to places; labels without ties are in one order, whatever is drawn.
  @Test(arguments: LossVariant.all.filter { !$0.definition.isRandom })
  func theOrderOfItemsIsNothing(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 4)
    var batch = LossBatch(sizes: [11], graded: false, using: &random)
    let plain = batch.evaluate(loss)
    let order = batch.scores.indices.shuffled(using: &random)
    batch.scores = order.map { batch.scores[$0] }
    batch.labels = order.map { batch.labels[$0] }
    let permuted = batch.evaluate(loss)
    #expect(distance(permuted.value, plain.value) < 1e-13)
    #expect(distance(permuted.gradient, order.map { plain.gradient[$0] }) < 1e-13)
  }

  /// Items with equal scores have no order among them. Only ranks, which lambda losses weigh pairs
  /// by, take them in input order.
  @Test(
    arguments: LossVariant.all.filter {
      !$0.definition.isRandom && $0.definition.kind != .lambda
    })
  func equalScoresAreAlike(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 5)
    var batch = LossBatch([1, 0, 1, 1, 0, -2, 0.5, 1], [0, 3, 1, 2, 0.5, 2.5, 1.5, -1])
    let plain = batch.evaluate(loss)
    let order = batch.scores.indices.shuffled(using: &random)
    batch.scores = order.map { batch.scores[$0] }
    batch.labels = order.map { batch.labels[$0] }
    let permuted = batch.evaluate(loss)
    #expect(distance(permuted.value, plain.value) < 1e-13)
    #expect(distance(permuted.gradient, order.map { plain.gradient[$0] }) < 1e-13)
  }

  /// A list of which all scores are equal, as a fresh model may give them.
  @Test(arguments: LossVariant.defaults) func longListsOfEqualScores(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 11)
    var batch = LossBatch(sizes: [1_000], using: &random)
    batch.scores = batch.scores.map { _ in 0.1 }
    let (value, gradient) = batch.evaluate(loss)
    #expect(value.isFinite && gradient.allSatisfy { abs($0) < 1e6 })
  }

  @Test(
    arguments: LossVariant.all.filter {
      $0.definition.isShiftInvariant
        || $0.definition.name == "cosine" && $0.options["centered"] == true
        || $0.definition.name == "infonce" && $0.options["in_batch"] == false
    })
  func onlyDifferencesCount(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 6)
    var batch = LossBatch(sizes: [6, 9], using: &random)
    let plain = batch.evaluate(loss)
    batch.scores = batch.scores.map { $0 + 2.5 }
    let shifted = batch.evaluate(loss)
    // Adding 2.5 rounds each score by up to 4e-16, which steep losses multiply by up to 20.
    #expect(distance(shifted.value, plain.value) < 1e-13)
    #expect(distance(shifted.gradient, plain.gradient) < 1e-13)
    #expect(abs(plain.gradient[..<6].reduce(0, +)) < 1e-13)
  }

  @Test(arguments: LossVariant.defaults) func aStepDownTheGradientHelps(variant: LossVariant) throws
  {
    let loss = try make(variant)
    var random = SeededRandom(state: 9)
    var batch = LossBatch(sizes: [6, 9], using: &random)
    let before = batch.evaluate(loss)
    for i in batch.scores.indices { batch.scores[i] -= 1e-4 * before.gradient[i] }
    #expect(batch.evaluate(loss).value < before.value)
  }

  /// Of 10,000 items; a loss that took more than n² time or memory would not come to an end.
  @Test(arguments: LossVariant.defaults) func longListsAreFinite(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 10)
    #if DEBUG
      let length = 1_000
    #else
      let length = 10_000
    #endif
    let batch = LossBatch(sizes: [length], using: &random)
    let result = batch.evaluate(loss)
    #expect(result.value.isFinite && result.gradient.allSatisfy(\.isFinite))
  }

  @Test(arguments: LossVariant.defaults) func aWorkspaceForgets(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 12)
    let (long, short) = (
      LossBatch(sizes: [40, 30], using: &random), LossBatch(sizes: [3, 5], using: &random)
    )
    var workspace = LossWorkspace()
    _ = long.evaluate(loss, workspace: &workspace)
    let again = short.evaluate(loss, workspace: &workspace)
    let fresh = short.evaluate(loss)
    #expect(again.value == fresh.value && again.gradient == fresh.gradient)
  }

  @Test(
    arguments: LossVariant.defaults.filter {
      ["pointwise", "pairwise", "lambda"]
        .contains($0.definition.kind.rawValue)
    })
  func anItemOfWeightZeroDrawsNothing(variant: LossVariant) throws {
    let loss = try make(variant)
    var random = SeededRandom(state: 14)
    var batch = LossBatch(sizes: [7], using: &random)
    batch.itemWeights = [1, 1, 0, 1, 1, 1, 1]
    #expect(batch.evaluate(loss).gradient[2] == 0)
  }
}
