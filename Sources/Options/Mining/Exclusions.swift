/// What is never a negative, whatever its scores.
public struct Exclusions: Sendable, Equatable {
  /// The grade from which a judged document is a positive.
  public var minimumGrade = 1.0
  /// Whether the positives of other queries of the same words are out.
  public var sameText = true
  /// Whether the document with the query's own id is out: it is no candidate, and no positive
  /// either.
  public var identicalIDs = false
  /// Whether a document that is the query itself is out.
  public var queryText = true
  /// Whether a document of the same words as a positive is out.
  public var duplicates = true
  /// The share of runs of words that a document may have in common with a positive, and is out from
  /// there on; nil for no limit.
  public var nearDuplicates: Double?
  /// How many words a run has.
  public var shingle = 3
  /// The path of a file of answers by query; a document that holds one of its query is out.
  public var answers: String?
  /// A regular expression; a document that it is found in is out.
  public var pattern: String?
  /// Whether a document without anything to read is out.
  public var empty = true

  /// The exclusions that cost next to nothing.
  public init() {}
}
