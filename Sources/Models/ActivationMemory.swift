public import Autodiff

extension EncoderConfiguration {
  /// The memory that recording a forward pass and walking it back takes for each token, in bytes,
  /// from above: what the tape keeps of every layer, and room for the gradients of one.
  public func activationBytes(_ precision: Precision) -> Int {
    let (width, inner, word) = (hiddenSize, innerSize, MemoryLayout<Float>.stride)
    // Queries, keys and values; attention's result; two results of products, two of LayerNorm.
    var layer = (3 * width + width + 2 * width + 2 * width + heads + 2) * word
    var product = inner * word
    if precision == .bf16 {
      // The products' three inputs once more, rounded, and the inner values only so.
      layer += 3 * width * word / 2
      product = inner * word / 2
    }
    let gradients = 8 * width * word
    // Freed blocks do not always fit what is asked for next: a tenth is lost between them.
    return (layers * (layer + product) + gradients) * 11 / 10
  }
}
