import Diagnostics
import Foundation

/// `exclude`: what is never a negative, whatever its scores.
public struct ExcludeSection: Sendable, Equatable {
  /// The grade from which a judged document is a positive.
  public var minimumGrade = 1.0
  /// Whether positives of other queries of the same words are out.
  public var sameText = true
  /// Whether the document with the query's own id is out.
  public var ignoreIdenticalIDs = false
  /// Whether a document that is the query itself is out.
  public var queryText = true
  /// Whether a document of the same words as a positive is out.
  public var duplicates = true
  /// From which share of runs of words in common with a positive a document is out; nil for never.
  public var nearDuplicates: Double?
  /// How many words a run has.
  public var shingle = 3
  /// A file of answers by query; a document that holds one is out.
  public var answers: String?
  /// A regular expression; a document that it is found in is out.
  public var pattern: String?
  /// Whether a document without words is out.
  public var empty = true
}

extension ExcludeSection: Section {
  static let defaults = ExcludeSection()

  static let options: [Option<ExcludeSection>] = [
    .init(
      "minimum_grade", \.minimumGrade, .number(.above(0)),
      "the grade from which a judged document is a positive"),
    .init("same_text", \.sameText, .flag, "positives of other queries of the same words"),
    .init(
      "ignore_identical_ids", \.ignoreIdenticalIDs, .flag,
      "the document with the query's own id, for queries that are documents"
    ).later(),
    .init("query_text", \.queryText, .flag, "a document that is the query itself"),
    .init("duplicates", \.duplicates, .flag, "a document of the same words as a positive"),
    .optional(
      "near_duplicates", \.nearDuplicates, .number(.within(0.01, 1)),
      "a document that shares at least this part of its runs of words with a positive, such as 0.8"),
    .init("shingle", \.shingle, .integer(1...100), "words in a run"),
    .optional(
      "answers", \.answers, .text("the path of a file of answers"),
      "a file of {\"query_id\": …, \"answers\": [\"…\"]}: documents that hold one of them"),
    .optional(
      "pattern", \.pattern, .text("a regular expression"),
      "documents that a regular expression is found in, such as '(?i)obsolete'"),
    .init("empty", \.empty, .flag, "a document without words"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard let pattern, (try? NSRegularExpression(pattern: pattern)) == nil else { return }
    throw Failure(
      .badRecipe, "'\(pattern)' is no regular expression", at: section.place(of: "pattern"),
      expected: "such as '(?i)call us at \\d+', in single quotes",
      remedy: "look for a bracket left open")
  }
}
