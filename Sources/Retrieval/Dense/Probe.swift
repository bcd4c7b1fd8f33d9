import Diagnostics

/// The first components of a model's embedding of a fixed text. They show later whether a model is
/// the one that an index was built with. The precision of products changes them only by rounding.
struct Probe {
  private static let text = "which documents answer the question?"
  private static let length = 16

  let numbers: [Float]

  /// Computes the probe of a model.
  init(_ embedding: any TextEmbedding) throws(Failure) {
    let row = try embedding.embed([Self.text], as: .document, progress: nil)
    numbers = Array(row.prefix(Self.length))
  }

  /// The probe of the index's model; nil if the manifest has none.
  init?(of manifest: IndexManifest) {
    guard let words = manifest.options[.probe]?.split(separator: " ") else { return nil }
    numbers = words.compactMap { Float($0) }
    if numbers.isEmpty || numbers.count != words.count { return nil }
  }

  /// The probe as the manifest stores it.
  var entry: String {
    numbers.map { "\((Double($0) * 1e5).rounded() / 1e5)" }.joined(separator: " ")
  }

  /// Rejects a model with a different embedding of the text.
  func check(_ embedding: any TextEmbedding, in folder: String) throws(Failure) {
    let other = try Probe(embedding).numbers
    var (product, own, others) = (0.0, 0.0, 0.0)
    for (a, b) in zip(numbers, other) {
      product += Double(a) * Double(b)
      own += Double(a) * Double(a)
      others += Double(b) * Double(b)
    }
    let cosine = product / max((own * others).squareRoot(), 1e-30)
    guard numbers.count == other.count, cosine > 0.9 else {
      throw Failure(
        .badData, "the model differs from the one that the index was built with",
        at: Place(folder, key: DenseOptions.Key.probe.rawValue),
        expected: "the model and the prompts that are recorded in the index",
        remedy: "use that model, or rebuild the index")
    }
  }
}
