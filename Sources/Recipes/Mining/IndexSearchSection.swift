public import Options

/// How an index is searched: keys beside `index` that mean something to dense ones.
public struct IndexSearchSection: Sendable, Equatable {
  /// The model that embeds queries, where it is not the one that the index names.
  public var model: String?
  /// What its products are computed in.
  public var precision = PrecisionOption.auto
  /// How many lists of an IVF index are looked into; nil for as many as the index says.
  public var probes: Int?
  /// How many candidates the search in an HNSW index keeps; nil for as many as the index says.
  public var graphCandidates: Int?
}

extension IndexSearchSection: Section {
  static let defaults = IndexSearchSection()

  static let options: [Option<IndexSearchSection>] = [
    .optional(
      "model", \.model, .text("the path of a bi-encoder"),
      "of a dense index, the model that it was built with, where that has moved"),
    .init(
      "precision", \.precision, .trainingPrecision,
      "of a dense index, what the model's products are computed in"
    ).omittedAtDefault(),
    .optional(
      "nprobe", \.probes, .integer(1...1_000_000),
      "of an IVF index, how many lists are searched"),
    .optional(
      "ef_search", \.graphCandidates, .integer(1...1_000_000),
      "of an HNSW index, how many candidates the search keeps"),
  ]
}
