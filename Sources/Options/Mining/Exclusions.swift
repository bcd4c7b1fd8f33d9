/// Documents that never become negatives, whatever their scores.
public struct Exclusions: Sendable, Equatable {
  /// The lowest grade of a positive.
  public var minimumGrade = 1.0
  /// Whether the positives of other queries with the same words are excluded.
  public var sameText = true
  /// Whether the document with the query's own id is excluded, both as a candidate and as a
  /// positive.
  public var identicalIDs = false
  /// Whether a document with the same words as the query is excluded.
  public var queryText = true
  /// Whether a document with the same words as a positive is excluded.
  public var duplicates = true
  /// The Jaccard similarity of shingles from which a document is excluded as a near duplicate of a
  /// positive; nil for no limit.
  public var nearDuplicates: Double?
  /// The number of words per shingle.
  public var shingle = 3
  /// The path of a file of answers by query; a document that contains one of its query's answers is
  /// excluded.
  public var answers: String?
  /// A regular expression; documents that match it are excluded.
  public var pattern: String?
  /// Whether a document without text is excluded.
  public var empty = true

  /// The default: the exclusions with a negligible cost.
  public init() {}
}
