import Diagnostics

/// `batch: { lists: 8 }` or `batch: { tokens: 16384 }`, wherever it stands.
public enum BatchSection: Sendable, Equatable {
  /// So many lists.
  case lists(Int)
  /// As many lists as have no more tokens than this together.
  case tokens(Int)

  static let keys = ["lists", "tokens"]

  /// Eight lists.
  init() { self = .lists(8) }

  /// The batch of a section; the default where it has none.
  init(_ parent: RecipeSection) throws(Failure) {
    self.init()
    guard let section = try parent.section("batch", keys: Self.keys) else { return }
    let lists = try section.integer("lists", in: 1...1_000_000)
    let tokens = try section.integer("tokens", in: 1...1_000_000_000)
    switch (lists, tokens) {
    case (let lists?, nil): self = .lists(lists)
    case (nil, let tokens?): self = .tokens(tokens)
    case (nil, nil): break
    case (_?, _?):
      throw Failure(
        .badRecipe, "a batch has a number of lists and a number of tokens",
        at: section.place(of: "tokens"), expected: "one of them",
        remedy: "remove 'lists' or 'tokens'")
    }
  }

  func write(to text: inout ResolvedText) {
    switch self {
    case .lists(let lists): text.add("lists", lists)
    case .tokens(let tokens): text.add("tokens", tokens)
    }
  }
}
