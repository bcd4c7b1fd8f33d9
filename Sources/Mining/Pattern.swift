import Diagnostics
import Foundation

/// A regular expression to search texts for, in ICU syntax.
struct Pattern {
  private let expression: NSRegularExpression

  /// - Throws: `badRecipe` if the text is not a regular expression.
  init(_ text: String) throws(Failure) {
    do {
      expression = try NSRegularExpression(pattern: text)
    } catch {
      throw Failure(
        .badRecipe, "'\(text)' is not a valid regular expression",
        expected: "a pattern such as '(?i)call us at \\d+'", remedy: "check for an unclosed bracket"
      )
    }
  }

  /// The time limit for one text; expressions with catastrophic backtracking take exponential time.
  private static let patience = Duration.seconds(10)

  /// Whether the expression matches anywhere in a text.
  ///
  /// - Throws: `badRecipe` if the search exceeds the time limit.
  func isFound(in text: String) throws(Failure) -> Bool {
    let start = ContinuousClock.now
    var (isFound, isGivenUp) = (false, false)
    unsafe expression.enumerateMatches(
      in: text, options: .reportProgress, range: NSRange(text.startIndex..., in: text)
    ) { match, _, stop in
      isFound = match != nil
      isGivenUp = !isFound && ContinuousClock.now - start > Self.patience
      if isFound || isGivenUp { unsafe stop.pointee = true }
    }
    guard !isGivenUp else {
      throw Failure(
        .badRecipe,
        "matching the pattern '\(expression.pattern)' takes more than \(Self.patience) on a text",
        expected: "a pattern without catastrophic backtracking",
        remedy: "avoid nested repetitions, such as (a+)+")
    }
    return isFound
  }
}
