/// The user's choices for searching an index; only dense indexes have any.
public struct IndexSearchOptions: Sendable, Equatable {
  /// The model that embeds queries, if not the one that the index names.
  public var model: String?
  /// The precision of the model's matrix products.
  public var precision: PrecisionOption
  /// The effort of the search.
  public var dense: DenseSearchOptions

  /// Options of the search.
  public init(
    model: String? = nil, precision: PrecisionOption = .auto,
    dense: DenseSearchOptions = DenseSearchOptions()
  ) {
    (self.model, self.precision, self.dense) = (model, precision, dense)
  }
}

/// The effort of searching a dense index that does not compare every vector.
public struct DenseSearchOptions: Sendable, Equatable {
  /// The number of lists of an inverted index (IVF) that are searched.
  public var probes: Int?
  /// The number of candidates that the search in a graph (HNSW) retains.
  public var graphCandidates: Int?

  /// Options of the search. Nil selects a value for an index built by this program, and leaves the
  /// value of any other index unchanged.
  public init(probes: Int? = nil, graphCandidates: Int? = nil) {
    self.probes = probes
    self.graphCandidates = graphCandidates
  }
}
