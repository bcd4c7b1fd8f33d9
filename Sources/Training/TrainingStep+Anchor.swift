import Models
import Ranking

extension TrainingStep {
  /// The anchor's part of the loss, whose gradient times `scale` is added to `scoreGradients`. Weights
  /// of lists apply to it; those of items, which are of labels, do not.
  func evaluate(
    anchor: Loss, _ scores: [Double], _ batch: TrainingBatch<Model.Items>, scale: Double
  ) -> Double {
    precondition(batch.anchors.count == scores.count, "a batch without the base's scores")
    anchorGradients.removeAll(keepingCapacity: true)
    anchorGradients.append(contentsOf: repeatElement(0, count: scores.count))
    var gradients: [Double] = []
    swap(&gradients, &anchorGradients)
    defer { swap(&gradients, &anchorGradients) }
    var gradient = gradients.mutableSpan
    let value = anchor.evaluate(
      scores: scores.span, labels: batch.anchors.span, teachers: batch.anchors.span,
      offsets: batch.listOffsets.span, itemWeights: nil,
      listWeights: batch.listWeights.isEmpty ? nil : batch.listWeights.span, draw: 0,
      gradient: &gradient, workspace: &workspace)
    for i in gradient.indices { scoreGradients[i] += scale * gradient[i] }
    return value
  }
}
