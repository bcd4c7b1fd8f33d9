package import Options
package import Retrieval

/// The options of opening an index; each kind of index uses those that apply to it.
package struct IndexOpening: Sendable {
  /// Whether the index will be searched, or only described.
  package var isSearched: Bool
  /// The search options.
  package var search: IndexSearchOptions
  /// The check of postings without a checksum before they are opened; nil opens them unchecked.
  package var postingsCheck: PostingsCheck?

  /// These options.
  package init(
    isSearched: Bool = true, search: IndexSearchOptions = IndexSearchOptions(),
    postingsCheck: PostingsCheck? = nil
  ) {
    (self.isSearched, self.search, self.postingsCheck) = (isSearched, search, postingsCheck)
  }

  /// The options that were given and apply only to dense indexes.
  var denseOnly: [String] {
    [
      search.model.map { _ in "model" }, search.precision == .auto ? nil : "precision",
      search.dense.probes.map { _ in "nprobe" },
      search.dense.graphCandidates.map { _ in "ef-search" },
    ].compactMap(\.self)
  }
}
