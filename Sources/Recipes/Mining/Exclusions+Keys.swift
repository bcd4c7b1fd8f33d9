import Diagnostics
import Foundation
import Options

/// `exclude`: documents that never become negatives, whatever their scores.
extension Exclusions: Section {
  static let defaults = Exclusions()

  static let options: [Option<Exclusions>] = [
    .init(
      "minimum_grade", \.minimumGrade, .number(.above(0)),
      "the grade from which a judged document is a positive"),
    .init("same_text", \.sameText, .flag, "positives of other queries with the same words"),
    .init(
      "ignore_identical_ids", \.identicalIDs, .flag,
      "the document with the query's own id, for queries that are documents"
    ).later(),
    .init("query_text", \.queryText, .flag, "a document that is the query itself"),
    .init("duplicates", \.duplicates, .flag, "a document with the same words as a positive"),
    .optional(
      "near_duplicates", \.nearDuplicates, .number(.within(0.01, 1)),
      "a document that shares at least this part of its shingles with a positive, such as 0.8"),
    .init("shingle", \.shingle, .integer(1...100), "words in a shingle"),
    .optional(
      "answers", \.answers, .text("the path of a file of answers"),
      "a file of {\"query_id\": …, \"answers\": [\"…\"]}: documents that contain one of the answers"
    ),
    .optional(
      "pattern", \.pattern, .text("a regular expression"),
      "documents that match a regular expression, such as '(?i)obsolete'"),
    .init("empty", \.empty, .flag, "a document without words"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard let pattern, (try? NSRegularExpression(pattern: pattern)) == nil else { return }
    throw Failure(
      .badRecipe, "'\(pattern)' is not a valid regular expression",
      at: section.place(of: "pattern"),
      expected: "a pattern such as '(?i)call us at \\d+', in single quotes",
      remedy: "check for an unclosed bracket")
  }
}
