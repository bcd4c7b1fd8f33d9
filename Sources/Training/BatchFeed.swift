package import Batches
import Lists

/// The batches of a phase, one after the other. The next one can be made ready while workers are
/// busy with the one before, so that they do not wait for it.
package struct BatchFeed<Source: ItemSource> {
  private let phase: TrainingPhase
  private let source: Source
  /// The lists of the epoch that the next batch is of.
  private var lists: (epoch: Int, lists: [TrainingList])?
  /// The step of the next batch, and how many of that step's batches are before it.
  private var step: Int
  private var position = 0
  private var batch: TrainingBatch<Source.Items>
  private var isReady = false

  /// The batches from a step on, in the shards of `batch`, whose contents are replaced.
  package init(
    _ phase: TrainingPhase, _ source: Source, fromStep step: Int,
    into batch: TrainingBatch<Source.Items>
  ) {
    self.phase = phase
    self.source = source
    self.step = step
    self.batch = batch
  }

  /// Makes the next batch ready; does nothing where it is, after the last, or where what is in it
  /// will only be known after the step that is under way.
  package mutating func prepare() {
    guard !isReady, step < phase.steps, phase.isReady(forStep: step) else { return }
    let epoch = phase.epoch(ofStep: step)
    if lists?.epoch != epoch { lists = (epoch, phase.lists(epoch)) }
    let batches = phase.batches(ofStep: step)
    let range = batches[batches.startIndex + position]
    batch.fill((lists?.lists ?? [])[range], from: source, maximumLength: phase.maximumLength)
    isReady = true
    position += 1
    if position == batches.count { (step, position) = (step + 1, 0) }
  }

  /// Exchanges a batch that is done with for the next; its memory is used again.
  package mutating func next(_ done: inout TrainingBatch<Source.Items>) {
    prepare()
    precondition(isReady, "there is no batch after the last")
    swap(&batch, &done)
    isReady = false
  }
}
