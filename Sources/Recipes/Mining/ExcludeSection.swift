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

  static let keys = [
    "minimum_grade", "same_text", "ignore_identical_ids", "query_text", "duplicates",
    "near_duplicates", "shingle",
    "answers", "pattern", "empty",
  ]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    minimumGrade = try section.number("minimum_grade", .above(0)) ?? minimumGrade
    sameText = try section.flag("same_text") ?? sameText
    ignoreIdenticalIDs = try section.flag("ignore_identical_ids") ?? ignoreIdenticalIDs
    queryText = try section.flag("query_text") ?? queryText
    duplicates = try section.flag("duplicates") ?? duplicates
    nearDuplicates = try section.number("near_duplicates", .within(0.01, 1))
    shingle = try section.integer("shingle", in: 1...100) ?? shingle
    answers = try section.text("answers", expected: "the path of a file of answers")
    pattern = try section.text("pattern", expected: "a regular expression")
    if let pattern, (try? NSRegularExpression(pattern: pattern)) == nil {
      throw Failure(
        .badRecipe, "'\(pattern)' is no regular expression", at: section.place(of: "pattern"),
        expected: "such as '(?i)call us at \\d+', in single quotes",
        remedy: "look for a bracket left open")
    }
    empty = try section.flag("empty") ?? empty
  }

  func write(to text: inout ResolvedText) {
    text.add("minimum_grade", minimumGrade)
    text.add("same_text", sameText)
    text.add(later: "ignore_identical_ids", ignoreIdenticalIDs)
    text.add("query_text", queryText)
    text.add("duplicates", duplicates)
    text.add("near_duplicates", nearDuplicates)
    text.add("shingle", shingle)
    text.add("answers", answers)
    text.add("pattern", pattern)
    text.add("empty", empty)
  }
}
