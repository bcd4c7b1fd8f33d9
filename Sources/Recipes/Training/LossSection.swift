import Diagnostics
public import Ranking

/// `loss`: the loss of training: a name, a name with options, or a weighted list of them.
public struct LossSection: Sendable, Equatable {
  /// One loss of the sum.
  public struct Term: Sendable, Equatable {
    /// The name in the registry of losses.
    public var name: String
    /// The weight of its value.
    public var weight: Double
    /// All options of the loss, given or not.
    public var options: [String: OptionValue]
  }

  /// The losses, at least one, in the order of the recipe.
  public var terms: [Term]

  /// The default loss.
  static let defaultName = "lambdarank"

  /// The default loss with its default options.
  public init() { terms = Losses.all.filter { $0.name == Self.defaultName }.map { Term($0) } }

  /// Reads `loss` of a recipe.
  init(_ recipe: RecipeSection) throws(Failure) {
    let key = "loss"
    let node =
      recipe.node(key)
      ?? RecipeNode(content: .word(Self.defaultName, quoted: false), place: recipe.place)
    var nodes = [node]
    if case .list(let items) = node.content {
      guard !items.isEmpty else {
        throw recipe.failure(key, node, "'loss' is an empty list", expected: "one loss or more")
      }
      nodes = items
    }
    let terms = try recipe.each(nodes) { (node, _: [Term]) throws(Failure) in
      try Self.term(node, in: recipe, key: key)
    }
    guard let terms else {
      // What is wrong has been noted.
      self.terms = LossSection().terms
      return
    }
    guard terms.contains(where: { $0.weight > 0 }) else {
      throw recipe.failure(
        key, node, "every loss has the weight 0", expected: "one weight above 0 or more")
    }
    self.terms = terms
  }

  private static func term(
    _ node: RecipeNode, in recipe: RecipeSection, key: String
  ) throws(Failure) -> Term {
    if case .mapping(let entries) = node.content {
      // The valid keys depend on the loss, so that its name is read first.
      let named = entries.first { $0.name == "name" }?.value
      var loss: LossDefinition?
      try recipe.collect { () throws(Failure) in
        guard let named, case .word(let name, _) = named.content else {
          throw recipe.failure(
            key, named ?? node, "the loss has no name", expected: "{ name: …, options }")
        }
        loss = try find(name, named, in: recipe, key: key)
      }
      // Of a loss that does not exist, every option is known.
      let declared = loss?.options ?? Losses.all.flatMap(\.options)
      let section = try RecipeSection(
        node, path: key, keys: ["name", "weight"] + declared.map(\.name),
        problems: recipe.problems)
      var term = Term(name: loss?.name ?? defaultName, weight: 1, options: [:])
      for option in loss?.options ?? [] {
        try section.collect { () throws(Failure) in
          term.options[option.name] = try section.setting(option)
        }
      }
      try section.collect { () throws(Failure) in
        term.weight = try section.number("weight", .atLeast(0)) ?? 1
      }
      return term
    }
    guard case .word(let name, _) = node.content else {
      throw recipe.wrong(key, node, expected: "a name, { name: …, options }, or a list of these")
    }
    let loss = try find(name, node, in: recipe, key: key)
    return Term(loss)
  }

  private static func find(
    _ name: String, _ node: RecipeNode, in recipe: RecipeSection, key: String
  ) throws(Failure) -> LossDefinition {
    if let loss = Losses.all.first(where: { $0.name == name || $0.aliases.contains(name) }) {
      return loss
    }
    let names = Losses.all.map(\.name)
    var failure = recipe.failure(
      key, node, "there is no loss '\(name)'", expected: "one of \(names.joined(separator: ", "))")
    let near = nearest(to: name, in: Losses.all.flatMap { [$0.name] + $0.aliases })
    failure.remedy = near.map { "write '\($0)'" }
    throw failure
  }

  /// The losses in a resolved recipe, with every option written out.
  var written: Written {
    .list(
      terms.map { term in
        let declared = Losses.all.first { $0.name == term.name }?.options ?? []
        let options = declared.compactMap { option in
          term.options[option.name].map {
            Written.Entry(key: option.name, value: .value($0.yaml))
          }
        }
        return [
          Written.Entry(key: "name", value: .value(YAMLText.word(term.name))),
          Written.Entry(key: "weight", value: .value(YAMLText.number(term.weight))),
        ] + options
      })
  }
}

extension LossSection.Term {
  /// A loss with its default options.
  fileprivate init(_ loss: LossDefinition) {
    let options = loss.options.map { ($0.name, $0.defaultValue) }
    self.init(
      name: loss.name, weight: 1,
      options: Dictionary(options, uniquingKeysWith: { first, _ in first }))
  }
}

extension OptionValue {
  /// The value as YAML.
  var yaml: String {
    switch self {
    case .number(let value): YAMLText.number(value)
    case .text(let value): YAMLText.word(value)
    case .flag(let value): value ? "true" : "false"
    }
  }
}

extension RecipeSection {
  /// The value of an option of a loss, or its default.
  fileprivate func setting(_ option: LossOption) throws(Failure) -> OptionValue {
    let key = option.name
    let found: OptionValue? =
      switch option.kind {
      case .number(_, let range):
        try number(key, .within(range.lowerBound, range.upperBound)).map { .number($0) }
      case .whole(_, let range): try integer(key, in: range).map { .number(Double($0)) }
      case .choice(_, let words): try word(key, among: words).map { .text($0) }
      case .flag: try flag(key).map { .flag($0) }
      }
    return found ?? option.defaultValue
  }

  private func word(_ key: String, among words: [String]) throws(Failure) -> String? {
    let expected = "one of \(words.joined(separator: ", "))"
    guard let text = try text(key, expected: expected), let node = node(key) else { return nil }
    if words.contains(text) { return text }
    var failure = wrong(key, node, expected: expected)
    failure.remedy = nearest(to: text, in: words).map { "write '\($0)'" }
    throw failure
  }
}
