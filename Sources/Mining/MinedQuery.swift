/// A query with its positives and its mined negatives.
public struct MinedQuery: Sendable, Equatable {
  /// The query's id.
  public var id: String
  /// Its text.
  public var text: String
  /// The positives in descending order of grade.
  public var positives: [MinedDocument]
  /// The negatives, in the order of their selection.
  public var negatives: [MinedDocument]
}

/// A document of a mined query.
public struct MinedDocument: Sendable, Equatable {
  /// Its id.
  public var id: String
  /// Its position in the corpus.
  public var index: Int
  /// Its grade; 0 without a judgment.
  public var label: Double
  /// Whether it has a judgment.
  public var isJudged: Bool
  /// Its source: a first stage's name, `judgments` for a positive, `corpus` for a document drawn
  /// from the whole corpus.
  public var source: String
  /// Its rank in the first stage, from 1; nil if no first stage found it.
  public var rank: Int?
  /// Its score in the first stage.
  public var score: Double?
  /// The teacher's score.
  public var teacher: Double?
}

/// One query of the report, with the outcome of each candidate.
struct ShownQuery: Codable, Sendable, Equatable {
  struct Shown: Codable, Sendable, Equatable {
    var document: String
    var text: String
    /// `kept`, the reason for a rejection, or nil if the candidate was not needed.
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
