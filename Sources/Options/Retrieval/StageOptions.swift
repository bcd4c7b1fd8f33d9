/// A first stage, as recipes, jobs and command lines declare it: an index, a run file, a search
/// server, or a fusion of several.
public struct StageOptions: Sendable, Equatable {
  /// The source of candidates.
  public enum Source: Sendable, Equatable {
    /// The folder of an index.
    case index(String)
    /// A TREC run.
    case run(String)
    /// A search server.
    case server(SearchServerOptions)
    /// A fusion of several stages.
    case fuse([StageOptions], by: Fusion)
  }

  /// A method of fusing several rankings.
  public enum Fusion: String, Sendable, CaseIterable {
    /// The sum of weight / (60 + rank) (Cormack et al. 2009).
    case rrf
    /// The weighted sum of scores, each scaled to 0…1 over a query's candidates.
    case weighted
    /// The weighted sum of scores, each standardised over a query's candidates: minus the mean,
    /// divided by the standard deviation.
    case zScore = "z_score"
  }

  /// A kind of index that is built where it is missing.
  public enum Build: String, Sendable, CaseIterable {
    /// Words, ranked by BM25, with the defaults of `ltr index build`.
    case bm25
    /// Embeddings of a bi-encoder.
    case dense
  }

  /// The source of candidates.
  public var source = Source.run("")
  /// The options of an index's search.
  public var search = IndexSearchOptions()
  /// The kind of index to build where its folder does not exist; nil to build none.
  public var build: Build?
  /// The name in reports; nil for the name of its file or folder.
  public var name: String?
  /// The number of candidates per query.
  public var depth = 100
  /// The weight in a fusion.
  public var weight = 1.0
  /// The maximum number of negatives per query from this stage, if there are other first stages.
  public var quota: Int?

  /// A first stage.
  public init(_ source: Source = .run(""), depth: Int = 100, weight: Double = 1) {
    (self.source, self.depth, self.weight) = (source, depth, weight)
  }

  /// The folders of its indexes, in the order of the fusion.
  public var indexes: [String] {
    switch source {
    case .index(let folder): [folder]
    case .run, .server: []
    case .fuse(let parts, _): parts.flatMap(\.indexes)
    }
  }
}
