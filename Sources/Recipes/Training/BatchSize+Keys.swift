import Diagnostics
import Options

/// `batch: { lists: 8 }` or `batch: { tokens: 16384 }`, in every section with a batch.
extension BatchSize: Section {
  static let defaults = BatchSize()

  static let options: [Option<BatchSize>] = [
    .optional(
      "lists", \.listCount, .integer(1...1_000_000), "lists in a batch"
    ).writtenOnly { $0.listCount != nil },
    .optional(
      "tokens", \.tokenCount, .integer(1...1_000_000_000),
      "in place of lists: as many lists as fit in this number of tokens"
    ).writtenOnly { $0.tokenCount != nil },
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard section.node("lists") != nil, section.node("tokens") != nil else { return }
    throw Failure(
      .badRecipe, "'lists' cannot be combined with 'tokens'",
      at: section.place(of: "tokens"), expected: "one of them",
      remedy: "remove 'lists' or 'tokens'")
  }

  private var listCount: Int? {
    get { if case .lists(let count) = self { count } else { nil } }
    set { if let newValue { self = .lists(newValue) } }
  }

  private var tokenCount: Int? {
    get { if case .tokens(let count) = self { count } else { nil } }
    set { if let newValue { self = .tokens(newValue) } }
  }
}
