package import Options
package import Retrieval

/// How an index is opened; each kind of index takes the parts that mean something to it.
package struct IndexOpening: Sendable {
  /// Whether the index will be searched, or only described.
  package var isSearched: Bool
  /// The model of a dense index, where it is not the one that the index names.
  package var model: String?
  /// What the model's products are computed in.
  package var precision: PrecisionOption
  /// How thoroughly a dense index is searched.
  package var dense: DenseSearchOptions
  /// Checks postings that have no checksum before they are opened; nil opens them unchecked.
  package var postingsCheck: PostingsCheck?

  /// These options.
  package init(
    isSearched: Bool = true, model: String? = nil, precision: PrecisionOption = .auto,
    dense: DenseSearchOptions = DenseSearchOptions(), postingsCheck: PostingsCheck? = nil
  ) {
    (self.isSearched, self.model, self.precision) = (isSearched, model, precision)
    (self.dense, self.postingsCheck) = (dense, postingsCheck)
  }

  /// The options that were given and mean something to dense indexes alone.
  var denseOnly: [String] {
    [
      model.map { _ in "model" }, precision == .auto ? nil : "precision",
      dense.probes.map { _ in "nprobe" }, dense.graphCandidates.map { _ in "ef-search" },
    ].compactMap(\.self)
  }
}
