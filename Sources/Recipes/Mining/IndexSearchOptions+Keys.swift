import Options

/// The search of an index: keys beside `index` that apply to dense ones.
extension IndexSearchOptions: Section {
  static let defaults = IndexSearchOptions()

  static let options: [Option<IndexSearchOptions>] = [
    .optional(
      "model", \.model, .text("the path of a bi-encoder"),
      "of a dense index, the model that it was built with, where that has moved"),
    .init(
      "precision", \.precision, .trainingPrecision,
      "of a dense index, precision of the model's matrix products"
    ).omittedAtDefault(),
    .optional(
      "nprobe", \.dense.probes, .integer(1...1_000_000),
      "of an IVF index, how many lists are searched"),
    .optional(
      "ef_search", \.dense.graphCandidates, .integer(1...1_000_000),
      "of an HNSW index, how many candidates the search keeps"),
  ]
}
