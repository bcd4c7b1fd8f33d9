/// A query with its positives and the negatives that were mined for it.
public struct MinedQuery: Sendable, Equatable {
  /// The query's id.
  public var id: String
  /// Its words.
  public var text: String
  /// The positives, the highest grades first.
  public var positives: [MinedDocument]
  /// The negatives, in the order in which they were taken.
  public var negatives: [MinedDocument]
}

/// A document of a mined query.
public struct MinedDocument: Sendable, Equatable {
  /// Its id.
  public var id: String
  /// Its place in the corpus.
  public var index: Int
  /// Its grade; 0 without a judgment.
  public var label: Double
  /// Whether it is judged.
  public var isJudged: Bool
  /// What found it: a first stage's name, `judgments` for a positive, `corpus` for one drawn from
  /// all documents.
  public var source: String
  /// Its rank there, from 1, where a first stage found it.
  public var rank: Int?
  /// Its score there.
  public var score: Double?
  /// The teacher's score.
  public var teacher: Double?
}

/// A query of the report: what became of its candidates.
struct ShownQuery: Codable, Sendable, Equatable {
  struct Shown: Codable, Sendable, Equatable {
    var document: String
    var text: String
    /// Kept, why it is out, or nil where it was not needed.
    var fate: String?
    var source: String
    var rank: Int?
    var score: Double?
    var teacher: Double?
  }

  var query: String
  var text: String
  var positives: [Shown]
  var kept: [Shown]
  var rejected: [Shown]
}
