package import Batches
package import Lists
package import Options
package import Ranking

/// A phase of training with its own lists, loss and learning rate: the warm-up, or the training
/// proper.
///
/// The batches of all steps are known before the first step: the length of training, and thus the
/// learning rate of each step, follow from them.
package struct TrainingPhase: Sendable {
  package static let warmUpName = "warm-up"
  package static let trainingName = "training"

  package let name: String
  /// The lists of an epoch, in the order of training.
  package let lists: @Sendable (_ epoch: Int) -> [TrainingList]
  /// The refresh of candidates between epochs; nil for none.
  package let remining: Remining?
  package let loss: Loss
  /// The distance from the base's scores that is added to the loss, times its weight; nil for none.
  package let anchor: Loss?
  package let schedule: Schedule
  package let maximumLength: Int
  /// The learning-rate factor of newly initialised parameters.
  package let freshFactor: Double
  /// The number of batches whose gradients are averaged for one step.
  package let accumulate: Int
  /// The number of steps.
  package let steps: Int
  /// The batches of each epoch, as ranges of its lists. Epochs with the same division share one
  /// entry.
  private let cuts: [[Range<Int>]]
  /// The first step of each epoch, and the end of the last.
  private let starts: [Int]

  /// - Parameters:
  ///   - mostSteps: the maximum number of steps; nil for all epochs.
  ///   - source: the source of the items' lengths in units (tokens of texts).
  ///   - lists: returns the same lists whenever it is called for the same epoch.
  package init(
    name: String, epochs: Int, batch: BatchSize, accumulate: Int, loss: Loss, anchor: Loss? = nil,
    schedule: Schedule, freshFactor: Double = 1, maximumLength: Int, mostSteps: Int?,
    source: some ItemSource,
    remining: Remining? = nil, lists: @escaping @Sendable (_ epoch: Int) -> [TrainingList]
  ) {
    self.name = name
    self.loss = loss
    self.anchor = anchor
    self.schedule = schedule
    self.maximumLength = maximumLength
    self.freshFactor = freshFactor
    self.accumulate = accumulate
    self.remining = remining
    func lengths(_ lists: [TrainingList]) -> [Int] {
      lists.map { list in
        list.documents.reduce(0) {
          $0 + source.length(of: Pair(query: list.query, document: $1), maximum: maximumLength)
        }
      }
    }
    let first = lists(0)
    var cuts = [Self.cut(lengths(first), batch)]
    var starts = [0]
    for epoch in 0..<epochs where starts[starts.count - 1] < mostSteps ?? .max {
      // Epochs may draw different documents, so that batches by tokens depend on each.
      if epoch > 0, case .tokens = batch { cuts.append(Self.cut(lengths(lists(epoch)), batch)) }
      let batches = cuts[cuts.count - 1].count
      starts.append(starts[epoch] + (batches + accumulate - 1) / accumulate)
    }
    self.cuts = cuts
    self.starts = starts
    steps = min(starts[starts.count - 1], mostSteps ?? .max)
    let longest = Self.longestFirst(lengths(first), cuts[0])
    self.lists = { epoch in
      let drawn = epoch == 0 ? first : lists(epoch)
      return epoch == 0 ? longest.map { drawn[$0] } : drawn
    }
  }

  /// The number of lists per epoch.
  package var listCount: Int { cuts[0].last?.upperBound ?? 0 }

  /// Whether a step's lists can be drawn, since the candidates of its epoch have been refreshed.
  package func isReady(forStep step: Int) -> Bool {
    remining?.isReady(forEpoch: epoch(ofStep: step)) ?? true
  }

  /// The epoch a step belongs to.
  package func epoch(ofStep step: Int) -> Int {
    var epoch = 0
    while epoch + 2 < starts.count, starts[epoch + 1] <= step { epoch += 1 }
    return epoch
  }

  /// The number of epochs completed after `steps` steps, including fractions.
  package func epochs(afterSteps steps: Int) -> Double {
    guard steps > 0 else { return 0 }
    let epoch = epoch(ofStep: steps - 1)
    return Double(epoch)
      + Double(steps - starts[epoch]) / Double(max(1, starts[epoch + 1] - starts[epoch]))
  }

  /// The batches of a step, as ranges of the lists of its epoch.
  package func batches(ofStep step: Int) -> ArraySlice<Range<Int>> {
    let epoch = epoch(ofStep: step)
    let all = cuts[min(epoch, cuts.count - 1)]
    let first = (step - starts[epoch]) * accumulate
    return all[first..<min(first + accumulate, all.count)]
  }

  /// Whether an interval ends after `steps` steps.
  package func isDue(_ interval: Interval, afterSteps steps: Int) -> Bool {
    switch interval {
    case .steps(let every): return steps % every == 0
    case .epochs(let every):
      guard let epoch = starts.firstIndex(of: steps) else { return false }
      return epoch > 0 && epoch % every == 0
    }
  }

  private static func cut(_ lengths: [Int], _ batch: BatchSize) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (i, length) in lengths.enumerated() {
      let isFull =
        switch batch {
        case .lists(let count): i - start == count
        case .tokens(let most): i > start && tokens + length > most
        }
      if isFull {
        result.append(start..<i)
        (start, tokens) = (i, 0)
      }
      tokens += length
    }
    if start < lengths.count { result.append(start..<lengths.count) }
    return result
  }

  /// The order of an epoch's lists that begins with those of the batch with the most tokens, so
  /// that a step that exceeds the memory fails at once and not after hours. If batches differ in
  /// size, only those of the same size can be exchanged.
  private static func longestFirst(_ lengths: [Int], _ batches: [Range<Int>]) -> [Int] {
    var order = Array(lengths.indices)
    guard let first = batches.first else { return order }
    func tokens(_ batch: Range<Int>) -> Int { batch.reduce(0) { $0 + lengths[$1] } }
    var longest = first
    for batch in batches where batch.count == first.count && tokens(batch) > tokens(longest) {
      longest = batch
    }
    for (a, b) in zip(first, longest) where a != b { order.swapAt(a, b) }
    return order
  }
}
