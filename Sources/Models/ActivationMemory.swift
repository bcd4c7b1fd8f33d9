public import Autodiff

extension Blueprint {
  /// The memory that recording a forward pass and the backward pass take for each token, in bytes,
  /// from above: what the tape keeps of every layer, and room for the gradients of one.
  public func activationBytes(_ precision: Precision) -> Int {
    let word = MemoryLayout<Float>.stride
    let kept = layers.reduce(0) { $0 + $1.activationBytes(precision, width: hiddenSize) }
    let widest = layers.map(\.attention.projectedColumns).max() ?? 0
    let gradients = (5 * hiddenSize + max(widest, 3 * hiddenSize)) * word
    // Freed blocks do not always fit what is asked for next: a tenth is lost between them.
    return (kept + gradients) * 11 / 10
  }
}

extension LayerBlueprint {
  /// What is kept of a layer for each token.
  fileprivate func activationBytes(_ precision: Precision, width: Int) -> Int {
    let word = MemoryLayout<Float>.stride
    // Queries, keys and values; attention's result; two results of products, two of norms.
    let context = attention.heads * attention.headWidth
    var layer = (attention.projectedColumns + context + 4 * width + attention.heads + 2) * word
    var product = feedForward.innerColumns * word
    if precision == .bf16 {
      // The products' three inputs once more, rounded, and the inner values only so.
      layer += (2 * width + context) * word / 2
      product = product / 2
    }
    return layer + product
  }
}

extension AttentionBlueprint {
  /// The columns of queries, keys and values together.
  var projectedColumns: Int { (heads + 2 * keyValueHeads) * headWidth }
}

extension FeedForwardBlueprint {
  /// The columns in front of the activation: those of the gate and of what it multiplies together.
  var innerColumns: Int {
    switch up {
    case .plain: down.inputs
    case .gated, .joined: 2 * down.inputs
    }
  }
}
