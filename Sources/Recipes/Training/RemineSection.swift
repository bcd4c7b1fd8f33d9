import Diagnostics

/// `data.remine`: chooses the hardest of the first stage's candidates, or of those in given lists, anew
/// while the model learns.
public struct RemineSection: Sendable, Equatable {
  /// The word for the model as it is at that moment.
  public static let currentModel = "current model"

  /// After how many epochs candidates are scored again.
  public var epochs = 1
  /// How many of a query's candidates lists are drawn from: those that the model scores highest.
  public var hardest = 16
  /// How far below a query's positive, as a share of its score, a candidate has to be; nil for no
  /// matter how near or above.
  public var relativeMargin: Double? = 0.05

  static let keys = ["every", "with", "hardest", "relative_margin"]

  init(_ section: RecipeSection) throws(Failure) {
    if let interval = try section.interval("every"), let node = section.node("every") {
      guard case .epochs(let epochs) = interval else {
        throw section.failure(
          "every", node, "candidates are chosen between epochs",
          expected: "an interval such as '1 epoch'")
      }
      self.epochs = epochs
    }
    let expected = "'\(Self.currentModel)'"
    if let word = try section.text("with", expected: expected), word != Self.currentModel,
      let node = section.node("with")
    {
      throw section.failure("with", node, "'with' cannot be '\(word)'", expected: expected)
    }
    hardest = try section.integer("hardest", in: 1...1_000_000) ?? hardest
    if let node = section.node("relative_margin") {
      if case .word("none", quoted: false) = node.content {
        relativeMargin = nil
      } else {
        relativeMargin = try section.number("relative_margin", .within(0, 1))
      }
    }
  }

  func write(to text: inout ResolvedText) {
    text.add("every", Interval.epochs(epochs).description)
    text.add("with", Self.currentModel)
    text.add("hardest", hardest)
    if let relativeMargin {
      text.add("relative_margin", relativeMargin)
    } else {
      text.add("relative_margin", "none")
    }
  }
}
