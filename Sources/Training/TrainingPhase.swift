package import Batches
package import Lists
package import Options
package import Ranking

/// A stretch of training with lists, loss and learning rate of its own: the warm-up, or training
/// itself.
///
/// What every step takes is known before the first: how long training lasts, and so the learning
/// rate of each step, follows from it.
package struct TrainingPhase: Sendable {
  package static let warmUpName = "warm-up"
  package static let trainingName = "training"

  package let name: String
  /// The lists of an epoch, in the order in which they are gone through.
  package let lists: @Sendable (_ epoch: Int) -> [TrainingList]
  /// How candidates are refreshed between epochs; nil where they are not.
  package let remining: Remining?
  package let loss: Loss
  package let schedule: Schedule
  package let maximumLength: Int
  /// What the learning rate of parameters that started from nothing is multiplied by.
  package let freshFactor: Double
  /// Batches whose gradients are averaged for one step.
  package let accumulate: Int
  /// How many steps there are.
  package let steps: Int
  /// The batches of each epoch, as ranges of its lists. Epochs that are cut alike share one entry.
  private let cuts: [[Range<Int>]]
  /// The first step of each epoch, and the end of the last.
  private let starts: [Int]

  /// - Parameters:
  ///   - mostSteps: where the phase ends early; nil for all epochs.
  ///   - source: says how many units (tokens of texts) items have.
  ///   - lists: gives the same lists whenever it is asked for the same epoch.
  package init(
    name: String, epochs: Int, batch: BatchSize, accumulate: Int, loss: Loss, schedule: Schedule,
    freshFactor: Double = 1, maximumLength: Int, mostSteps: Int?, source: some ItemSource,
    remining: Remining? = nil, lists: @escaping @Sendable (_ epoch: Int) -> [TrainingList]
  ) {
    self.name = name
    self.loss = loss
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
      // Epochs may draw other documents, so cutting by tokens must look at each.
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

  /// Lists an epoch.
  package var listCount: Int { cuts[0].last?.upperBound ?? 0 }

  /// Whether a step's lists can be drawn: whether the candidates of its epoch are refreshed.
  package func isReady(forStep step: Int) -> Bool {
    remining?.isReady(forEpoch: epoch(ofStep: step)) ?? true
  }

  /// The epoch a step belongs to.
  package func epoch(ofStep step: Int) -> Int {
    var epoch = 0
    while epoch + 2 < starts.count, starts[epoch + 1] <= step { epoch += 1 }
    return epoch
  }

  /// How many epochs are over after so many steps, parts included.
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

  /// Whether something is due after so many steps.
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
  /// that a step that does not fit into memory fails at once and not after hours. Where batches
  /// differ in size, only those of the same size can change places.
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
