import Diagnostics

/// What a model made of a text that is the same for every index: its first numbers say later
/// whether a model is the one an index was built with. Precisions change them by rounding alone.
struct Probe {
  private static let text = "which documents answer the question?"
  private static let length = 16

  let numbers: [Float]

  /// What a model makes of it.
  init(_ embedding: any TextEmbedding) throws(Failure) {
    let row = try embedding.embed([Self.text], as: .document, progress: nil)
    numbers = Array(row.prefix(Self.length))
  }

  /// What the index's model made of it; nil where the manifest does not say.
  init?(of manifest: IndexManifest) {
    guard let words = manifest.options[.probe]?.split(separator: " ") else { return nil }
    numbers = words.compactMap { Float($0) }
    if numbers.isEmpty || numbers.count != words.count { return nil }
  }

  /// As a manifest has it.
  var entry: String {
    numbers.map { "\((Double($0) * 1e5).rounded() / 1e5)" }.joined(separator: " ")
  }

  /// Rejects a model that gives the text another embedding.
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
        .badData, "the model is not the one that the index was built with",
        at: Place(folder, key: DenseOptions.Key.probe.rawValue),
        expected: "that model, and the prompts that the index names",
        remedy: "name that model, or build the index again")
    }
  }
}
