/// The contents of a mining job's report.
public struct MiningReportOptions: Sendable, Equatable {
  /// The number of example queries.
  public var examples = 5
  /// The number of candidates per query that the teacher scores before any filter, to estimate the
  /// filters' effect.
  public var probes = 2
  /// The depths at which the first stage's recall is reported.
  public var depths = [10, 20, 50, 100, 200, 500, 1000]

  /// The default options.
  public init() {}
}
