import Diagnostics
import Foundation

/// A regular expression that texts are searched for, in the syntax of ICU.
struct Pattern {
  private let expression: NSRegularExpression

  /// - Throws: `badRecipe` where the text is no regular expression.
  init(_ text: String) throws(Failure) {
    do {
      expression = try NSRegularExpression(pattern: text)
    } catch {
      throw Failure(
        .badRecipe, "'\(text)' is no regular expression",
        expected: "such as '(?i)call us at \\d+'", remedy: "look for a bracket left open")
    }
  }

  /// Whether the expression is found anywhere in a text.
  func isFound(in text: String) -> Bool {
    expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
  }
}
