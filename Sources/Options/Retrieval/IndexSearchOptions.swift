/// How an index is searched, as far as a user may choose; dense indexes alone have such options.
public struct IndexSearchOptions: Sendable, Equatable {
  /// The model that embeds queries, where it is not the one that the index names.
  public var model: String?
  /// What the model's products are computed in.
  public var precision: PrecisionOption
  /// How thoroughly the index is searched.
  public var dense: DenseSearchOptions

  /// Options.
  public init(
    model: String? = nil, precision: PrecisionOption = .auto,
    dense: DenseSearchOptions = DenseSearchOptions()
  ) {
    (self.model, self.precision, self.dense) = (model, precision, dense)
  }
}

/// How thoroughly a dense index is searched, where not every vector is compared.
public struct DenseSearchOptions: Sendable, Equatable {
  /// How many lists of an inverted index (IVF) are searched.
  public var probes: Int?
  /// How many candidates the search in a graph (HNSW) keeps.
  public var graphCandidates: Int?

  /// Options. What is nil is chosen for an index made here, and stays as it is in one made elsewhere.
  public init(probes: Int? = nil, graphCandidates: Int? = nil) {
    self.probes = probes
    self.graphCandidates = graphCandidates
  }
}
