import Batches
import Foundation
import Lists
import ModelSupport
import Models
import Options
import Ranking
import Testing
import Training

@Suite struct TrainingPhaseTests {
  private func phase(
    _ training: TinyTraining, _ batch: BatchSize, epochs: Int = 3, accumulate: Int = 1,
    mostSteps: Int? = nil
  ) throws -> TrainingPhase {
    let lists = training.lists
    return TrainingPhase(
      name: "p", epochs: epochs, batch: batch, accumulate: accumulate, loss: try Loss("softmax"),
      schedule: Schedule(peak: 1), maximumLength: 48, mostSteps: mostSteps,
      source: training.tokens, lists: { epoch in lists.reordered(seed: 1, epoch: epoch) })
  }

  private func tokens(_ training: TinyTraining, _ lists: ArraySlice<TrainingList>) -> Int {
    lists.reduce(0) { sum, list in
      list.documents.reduce(sum) {
        $0 + training.tokens.length(of: Pair(query: list.query, document: $1), maximum: 48)
      }
    }
  }

  /// Whatever the batch, every list comes once an epoch, and steps, epochs and intervals agree.
  @Test(
    arguments: [BatchSize.lists(5), .lists(100), .tokens(1), .tokens(600), .tokens(100_000)],
    [1, 3])
  func everyListOnceAnEpoch(_ batch: BatchSize, _ accumulate: Int) throws {
    let training = try TinyTraining()
    let phase = try phase(training, batch, accumulate: accumulate)
    #expect(phase.listCount == training.lists.count)
    var seen: [Int: [TrainingList]] = [:]
    var ends: [Int] = []
    for step in 0..<phase.steps {
      let epoch = phase.epoch(ofStep: step)
      let lists = phase.lists(epoch)
      let batches = phase.batches(ofStep: step)
      #expect((1...accumulate).contains(batches.count))
      for range in batches {
        switch batch {
        case .lists(let count): #expect((1...count).contains(range.count))
        case .tokens(let most):
          #expect(range.count == 1 || tokens(training, lists[range]) <= most || epoch == 0)
        }
        seen[epoch, default: []] += lists[range]
      }
      if phase.isDue(.epochs(1), afterSteps: step + 1) { ends.append(step + 1) }
      #expect(phase.isDue(.steps(2), afterSteps: step + 1) == ((step + 1) % 2 == 0))
    }
    #expect(ends.count == 3 && ends.last == phase.steps)
    #expect(ends.map { phase.epochs(afterSteps: $0) } == [1, 2, 3])
    #expect(
      !phase.isDue(.epochs(2), afterSteps: ends[0]) && phase.isDue(.epochs(2), afterSteps: ends[1]))
    for epoch in 0..<3 {
      let lists = seen[epoch] ?? []
      #expect(Set(lists.map(\.query)) == Set(training.lists.map(\.query)))
      #expect(lists.count == training.lists.count)
    }
    #expect(try self.phase(training, batch, mostSteps: 2).steps == min(2, phase.steps))
  }

  /// Of the first epoch's batches of the usual size, none has more tokens than the first.
  @Test func theLongestBatchIsFirst() throws {
    let training = try TinyTraining()
    let phase = try phase(training, .lists(2))
    let lists = phase.lists(0)
    let sizes = (0..<phase.steps / 3).flatMap { step in
      phase.batches(ofStep: step).filter { $0.count == 2 }.map { tokens(training, lists[$0]) }
    }
    #expect(sizes.count > 3 && sizes[0] == sizes.max())
    #expect(Set(sizes).count > 1)
  }

  /// A feed gives the batches of the steps in their order, from any step on, made ready before or
  /// not.
  @Test(arguments: [BatchSize.lists(5), .tokens(600)], [0, 4])
  func feed(_ size: BatchSize, _ first: Int) throws {
    let training = try TinyTraining()
    let phase = try phase(training, size, accumulate: 2)
    struct Contents: Equatable {
      var labels: [Double]
      var offsets: [Int]
      var ids: [[Int32]]

      init(_ batch: TrainingBatch<PackedBatch>) {
        labels = batch.labels
        offsets = batch.listOffsets
        ids = batch.shards.map(\.ids)
      }
    }
    var expected: [Contents] = []
    for step in first..<phase.steps {
      let lists = phase.lists(phase.epoch(ofStep: step))
      for range in phase.batches(ofStep: step) {
        var batch = TrainingBatch<PackedBatch>(workers: 2)
        batch.fill(lists[range], from: training.tokens, maximumLength: 48)
        expected.append(Contents(batch))
      }
    }
    #expect(expected.count > 2)
    for prepares in [false, true] {
      var feed = BatchFeed(
        phase, training.tokens, fromStep: first, into: TrainingBatch(workers: 2))
      var batch = TrainingBatch<PackedBatch>(workers: 2)
      let found = expected.map { _ in
        feed.next(&batch)
        if prepares { feed.prepare() }
        return Contents(batch)
      }
      #expect(found == expected)
    }
  }
}
