package import Batches
import Lists

/// The batches of a phase in order. The next one can be prepared while workers compute the current
/// one, so that they do not wait for it.
package struct BatchFeed<Source: ItemSource> {
  private let phase: TrainingPhase
  private let source: Source
  private let anchors: AnchorScores?
  /// The lists of the next batch's epoch.
  private var lists: (epoch: Int, lists: [TrainingList])?
  /// The step of the next batch, and the number of that step's batches before it.
  private var step: Int
  private var position = 0
  private var batch: TrainingBatch<Source.Items>
  private var isReady = false

  /// The batches from a step on, in the shards of `batch`, whose contents are replaced.
  ///
  /// - Parameter anchors: the base's scores of the pairs of these batches; nil without an anchor.
  package init(
    _ phase: TrainingPhase, _ source: Source, fromStep step: Int,
    anchors: AnchorScores? = nil, into batch: TrainingBatch<Source.Items>
  ) {
    self.phase = phase
    self.source = source
    self.anchors = anchors
    self.step = step
    self.batch = batch
  }

  /// Prepares the next batch; does nothing if it is prepared, after the last one, or if its
  /// contents depend on the step that is being computed.
  package mutating func prepare() {
    guard !isReady, step < phase.steps, phase.isReady(forStep: step) else { return }
    let epoch = phase.epoch(ofStep: step)
    if lists?.epoch != epoch { lists = (epoch, phase.lists(epoch)) }
    let batches = phase.batches(ofStep: step)
    let range = batches[batches.startIndex + position]
    batch.fill(
      (lists?.lists ?? [])[range], from: source, maximumLength: phase.maximumLength,
      anchors: anchors)
    isReady = true
    position += 1
    if position == batches.count { (step, position) = (step + 1, 0) }
  }

  /// Exchanges a used batch for the next one; its memory is reused.
  package mutating func next(_ done: inout TrainingBatch<Source.Items>) {
    prepare()
    precondition(isReady, "there is no batch after the last")
    swap(&batch, &done)
    isReady = false
  }
}
