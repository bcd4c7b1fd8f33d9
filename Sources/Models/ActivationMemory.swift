public import Autodiff

extension Blueprint {
  /// An upper bound on the memory per token, in bytes, of recording a forward pass and of the
  /// backward pass: the tape's values of every layer, and the gradients of one layer. Of segments
  /// only the inputs are stored, and the values of one at a time.
  public func activationBytes(_ precision: Precision, layersPerSegment: Int? = nil) -> Int {
    let word = MemoryLayout<Float>.stride
    let bytes = layers.map { $0.activationBytes(precision, width: hiddenSize) }
    var kept = bytes.reduce(0, +)
    if let count = layersPerSegment, count < layers.count {
      let starts = stride(from: 0, to: layers.count, by: count)
      kept = starts.map { bytes[$0..<min($0 + count, layers.count)].reduce(0, +) }.max() ?? 0
      kept += ((layers.count + count - 1) / count) * hiddenSize * word
    }
    kept += decoder?.activationBytes(precision, width: hiddenSize) ?? 0
    let widest = layers.map(\.attention.projectedColumns).max() ?? 0
    let gradients = (5 * hiddenSize + max(widest, 3 * hiddenSize)) * word
    // A tenth is lost to fragmentation, since freed blocks do not always fit the next request.
    return (kept + gradients) * 11 / 10
  }
}

extension LayerBlueprint {
  /// The bytes per token that the tape stores for a layer.
  fileprivate func activationBytes(_ precision: Precision, width: Int) -> Int {
    let word = MemoryLayout<Float>.stride
    // Queries, keys and values; the output of attention; the outputs of two products and of two
    // norms.
    let context = attention.heads * attention.headWidth
    var layer = (attention.projectedColumns + context + 4 * width + attention.heads + 2) * word
    // Norms of the results of sublayers read what they normalise again.
    for norm in [attention.outputNorm, feedForward.outputNorm] where norm != nil {
      layer += (width + 2) * word
    }
    var product = feedForward.innerColumns * word
    if precision == .bf16 {
      // In addition the inputs of three products, rounded to bfloat16; the inner values are stored
      // only in bfloat16.
      layer += (2 * width + context) * word / 2
      product = product / 2
    }
    // The gathered rows of a convolution and their products; input, sum, activation and norm.
    let convolved = convolution.map { (2 * $0.width + 6) * width * word } ?? 0
    return layer + product + convolved + positionBytes(precision, width: width)
  }

  /// The bytes that the tape stores for relative positions: a sequence of n tokens needs fewer than
  /// 2n rows of them, and a batch no more than its longest sequence.
  private func positionBytes(_ precision: Precision, width: Int) -> Int {
    guard case .disentangled(let parts) = attention.positions else { return 0 }
    // Rows after dropout, their rounded copy, and their projections.
    let word = MemoryLayout<Float>.stride
    let columns = width + (parts.terms - 1) * attention.heads * attention.headWidth
    return 2 * (columns * word + (precision == .bf16 ? width * word / 2 : 0))
  }
}

extension FirstStepBlueprint {
  /// The least number of tokens of a pair in a prompt, which the bound below assumes.
  private static let tokensOfPair = 4

  /// The bytes per token of the encoder that the tape stores for the decoder: in every layer the keys
  /// and values of all tokens, and its own row of each sequence; and the gradient of the states.
  fileprivate func activationBytes(_ precision: Precision, width: Int) -> Int {
    let word = MemoryLayout<Float>.stride
    let bytes = layers.map { layer in
      let cross = layer.crossAttention
      let found = 2 * cross.keyValueHeads * cross.headWidth * word
      let row = 2 * cross.projectedColumns + 10 * width + 2 * layer.feedForward.innerColumns
      return found + (precision == .bf16 ? width * word / 2 : 0) + row * word / Self.tokensOfPair
    }
    let widest = layers.map { 2 * $0.crossAttention.keyValueHeads * $0.crossAttention.headWidth }
    return bytes.reduce(0, +) + (width + (widest.max() ?? 0)) * word
  }
}

extension AttentionBlueprint {
  /// The number of columns of queries, keys and values together.
  var projectedColumns: Int { (heads + 2 * keyValueHeads) * headWidth }
}

extension FeedForwardBlueprint {
  /// The number of columns before the activation: those of the gate and of its counterpart
  /// together.
  var innerColumns: Int {
    switch up {
    case .plain: down.inputs
    case .gated, .joined, .joinedGateLast: 2 * down.inputs
    }
  }
}
