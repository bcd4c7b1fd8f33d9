/// What the report of a mining job shows.
public struct MiningReportOptions: Sendable, Equatable {
  /// How many queries it shows.
  public var examples = 5
  /// How many candidates a query the teacher scores before any filter, to estimate what the filters
  /// change.
  public var probes = 2
  /// The depths at which it has the first stage's recall.
  public var depths = [10, 20, 50, 100, 200, 500, 1000]

  /// The defaults.
  public init() {}
}
