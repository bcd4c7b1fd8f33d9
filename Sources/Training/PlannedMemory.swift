import Autodiff
package import Batches
package import Models
import Tensors

/// The memory that a run takes beside what is resident once model and data have been read, from the
/// sizes of its buffers.
package struct PlannedMemory {
  /// That of training steps: averages of the optimizer, gradients and activations of all workers.
  package let step: Int
  /// That of embedding the documents: a second encoder, and the embeddings.
  package let embedding: Int
  /// What the end of a run takes while the memory of the steps is still held: the best weights are
  /// read beside those of the model, and its files are put together.
  package let ending: Int

  package init<Model: RankingModel, Source: ItemSource>(
    _ model: Model, _ options: StepOptions, _ data: TrainingData<Source>
  ) where Source.Items == Model.Items {
    let workers = max(1, options.workers ?? Workers.cores)
    let table = model.parameters.table
    let weights = table.entries.reduce(0) {
      $0 + $1.parameter.shape.count * MemoryLayout<Float>.stride
    }
    let fixed =
      fixedBytes(
        model, options.precision, workers: workers, averages: options.averages) - weights
    // The largest batch of an epoch is its first one.
    let units = data.phases.map { phase in
      let first = phase.batches(ofStep: 0).first ?? 0..<0
      return phase.lists(0)[first].reduce(0) { sum, list in
        list.documents.reduce(sum) {
          $0
            + data.source.length(
              of: Pair(query: list.query, document: $1), maximum: phase.maximumLength)
        }
      }
    }
    let together = min(units.max() ?? 0, options.sliceTokens.map { $0 * workers } ?? .max)
    step =
      max(fixed, 0) + together
      * model.activationBytes(options.precision, layersPerSegment: options.layersPerSegment)
    ending = 2 * weights
    let reduced = options.precision == .bf16 ? weights / 2 : 0
    embedding =
      data.embeddedLengths.isEmpty
      ? 0 : weights + reduced + data.embeddedLengths.count * data.embeddingWidth * 4
  }
}
