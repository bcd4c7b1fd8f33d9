package import Options
package import Retrieval

/// How an index is opened; each kind of index takes the parts that mean something to it.
package struct IndexOpening: Sendable {
  /// Whether the index will be searched, or only described.
  package var isSearched: Bool
  /// How it is searched.
  package var search: IndexSearchOptions
  /// Checks postings that have no checksum before they are opened; nil opens them unchecked.
  package var postingsCheck: PostingsCheck?

  /// These options.
  package init(
    isSearched: Bool = true, search: IndexSearchOptions = IndexSearchOptions(),
    postingsCheck: PostingsCheck? = nil
  ) {
    (self.isSearched, self.search, self.postingsCheck) = (isSearched, search, postingsCheck)
  }

  /// The options that were given and mean something to dense indexes alone.
  var denseOnly: [String] {
    [
      search.model.map { _ in "model" }, search.precision == .auto ? nil : "precision",
      search.dense.probes.map { _ in "nprobe" },
      search.dense.graphCandidates.map { _ in "ef-search" },
    ].compactMap(\.self)
  }
}
