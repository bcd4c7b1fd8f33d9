public import Files

/// The relevance judgments (qrels) of one split, in the order of their file.
public struct Judgments: Sendable {
  fileprivate struct Judged {
    var judgments: [Judgment] = []
    var grades: [String: Double] = [:]
  }

  /// The source, for messages.
  public let source: String
  /// The judged queries, each once, in order of first appearance.
  public private(set) var queries: [String] = []
  /// The number of judgments, not counting repetitions.
  public private(set) var count = 0
  /// The number of judgments that repeat an earlier one with the same grade.
  public private(set) var repetitionCount = 0
  private var judged: [String: Judged] = [:]

  /// The encoding faults of the file.
  public internal(set) var textFaults: TextFaults

  /// An empty set of judgments.
  public init(from source: String) {
    self.source = source
    textFaults = TextFaults(of: source)
  }

  /// Judgments in memory; if a pair is judged twice, the first grade is used.
  public init(_ judgments: some Sequence<Judgment>, from source: String) {
    self.init(from: source)
    for judgment in judgments { _ = add(judgment) }
  }

  /// A part of judgments that were read from a file with these encoding faults.
  package init(
    _ judgments: some Sequence<Judgment>, from source: String, faults: TextFaults
  ) {
    self.init(judgments, from: source)
    textFaults = faults
  }

  /// The judgments of a query in file order; empty if it was not judged. O(1).
  public func judgments(of query: String) -> [Judgment] { judged[query]?.judgments ?? [] }

  /// The grades of a query's documents; empty if it was not judged. O(1).
  public func grades(of query: String) -> [String: Double] { judged[query]?.grades ?? [:] }

  /// The grade of a document for a query; nil if the pair was not judged. O(1).
  public func grade(of document: String, for query: String) -> Double? {
    judged[query]?.grades[document]
  }

  /// Whether a query has any judgments. O(1).
  public func contains(query: String) -> Bool { judged[query] != nil }

  /// Adds a judgment. If its pair already has one, changes nothing and returns the existing grade.
  mutating func add(_ judgment: Judgment) -> Double? {
    if judged[judgment.query] == nil { queries.append(judgment.query) }
    let earlier = judged[judgment.query, default: Judged()].add(judgment)
    if earlier == nil { count += 1 } else if earlier == judgment.grade { repetitionCount += 1 }
    return earlier
  }
}

extension Judgments.Judged {
  fileprivate mutating func add(_ judgment: Judgment) -> Double? {
    if let earlier = grades[judgment.document] { return earlier }
    judgments.append(judgment)
    grades[judgment.document] = judgment.grade
    return nil
  }
}
