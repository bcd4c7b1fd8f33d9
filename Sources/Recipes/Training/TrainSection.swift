import Diagnostics

/// `data.train`: what the model learns from.
public struct TrainSection: Sendable, Equatable {
  /// The two forms it may have.
  public enum Source: Sendable, Equatable {
    /// Judged queries of a collection.
    case judged(DataSource)
    /// Lists in a file.
    case lists(ListsSource)
  }

  /// Where lists come from.
  public var source: Source
  /// A run file with a teacher's scores.
  public var teacher: String?

  static let keys = ["lists"] + DataSource.keys + ["teacher", "weights"]

  init(_ section: RecipeSection) throws(Failure) {
    teacher = try section.text("teacher", expected: "the path of a run file")
    let weights = try section.section("weights", keys: WeightsSection.keys)
    guard let file = try section.text("lists", expected: "the path of a file of lists") else {
      if weights != nil {
        throw Failure(
          .badRecipe, "weights are for clicks in lists, and there are no lists",
          at: section.place(of: "weights"), expected: "'lists', which say what was shown where",
          remedy: "give 'lists', or remove 'weights'")
      }
      _ = try section.required(
        "collection", section.node("collection"),
        expected: "the path of a collection, or 'lists' in its place")
      source = .judged(try DataSource(section, split: "train"))
      return
    }
    for key in ["split", "candidates", "depth"] where section.node(key) != nil {
      throw Failure(
        .badRecipe, "lists have no '\(key)'", at: section.place(of: key),
        expected: "'lists', or 'collection' with 'split', 'candidates' and 'depth'",
        remedy: "remove '\(key)' or 'lists'")
    }
    let collection = try section.text("collection", expected: "a path")
    if collection == nil, section.node("encoding") != nil {
      throw Failure(
        .badRecipe, "'encoding' is that of a collection's files, and there is no collection",
        at: section.place(of: "encoding"),
        expected: "lists in UTF-8, or in UTF-16 with a byte-order mark",
        remedy: "remove 'encoding', and convert the lists with iconv where they need it")
    }
    source = .lists(
      ListsSource(
        file: file, collection: collection,
        encoding: try section.text("encoding", expected: "the name of an encoding"),
        ignoreIdenticalIDs: try section.flag("ignore_identical_ids") ?? false,
        weights: try weights.map { section throws(Failure) in try WeightsSection(section) }))
  }

  func write(to text: inout ResolvedText) {
    switch source {
    case .judged(let judged):
      text.add("lists", nil as String?)
      judged.write(to: &text)
    case .lists(let lists):
      text.add("lists", lists.file)
      text.add("collection", lists.collection)
      text.add(later: "encoding", lists.encoding)
      text.add(later: "ignore_identical_ids", lists.ignoreIdenticalIDs)
    }
    text.add("teacher", teacher)
    if case .lists(let lists) = source {
      text.section("weights", lists.weights) { $0.write(to: &$1) }
    } else {
      text.add("weights", nil as String?)
    }
  }
}

/// `data.train` with `lists`: queries with their documents, as somebody has put them together.
public struct ListsSource: Sendable, Equatable {
  /// A file of JSON Lines.
  public var file: String
  /// The collection that has the texts of what the file names by id alone.
  public var collection: String?
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  public var encoding: String?
  /// Whether the document with the query's own id is left out of a list.
  public var ignoreIdenticalIDs: Bool
  /// Weights of clicked documents by where they were shown; nil for none.
  public var weights: WeightsSection?

  /// Lists in a file.
  public init(
    file: String, collection: String? = nil, encoding: String? = nil,
    ignoreIdenticalIDs: Bool = false,
    weights: WeightsSection? = nil
  ) {
    self.file = file
    self.collection = collection
    self.encoding = encoding
    self.ignoreIdenticalIDs = ignoreIdenticalIDs
    self.weights = weights
  }
}

/// `data.train.weights`: makes clicks count by how probable it was that somebody looked there.
public struct WeightsSection: Sendable, Equatable {
  /// Where the probabilities come from.
  public enum Propensities: Sendable, Equatable {
    /// (1/position)^eta.
    case power
    /// From the lists' own positions and clicks.
    case estimate
    /// From the lists, where each document has its own.
    case lists
    /// From a file of positions and propensities.
    case file(String)
  }

  /// Where the probabilities come from.
  public var propensities: Propensities
  /// The exponent of `power`.
  public var eta = 1.0
  /// The largest weight; nil for no limit.
  public var clip: Double? = 10
  /// Whether weights are divided by their mean.
  public var normalize = true

  static let keys = ["propensities", "eta", "clip", "normalize"]

  init(_ section: RecipeSection) throws(Failure) {
    let expected = "power, estimate, lists, or the path of a file of positions and propensities"
    let word = try section.required(
      "propensities", section.text("propensities", expected: expected), expected: expected)
    propensities =
      switch word {
      case "power": .power
      case "estimate": .estimate
      case "lists": .lists
      default: .file(word)
      }
    if propensities != .power, section.node("eta") != nil {
      throw Failure(
        .badRecipe, "'eta' is the exponent of 'power', and propensities are something else",
        at: section.place(of: "eta"), expected: "'propensities: power', or no 'eta'",
        remedy: "remove 'eta'")
    }
    eta = try section.number("eta", .within(0, 10)) ?? eta
    clip = try section.limit("clip", default: clip)
    normalize = try section.flag("normalize") ?? normalize
  }

  func write(to text: inout ResolvedText) {
    switch propensities {
    case .power:
      text.add("propensities", "power")
      text.add("eta", eta)
    case .estimate: text.add("propensities", "estimate")
    case .lists: text.add("propensities", "lists")
    case .file(let path): text.add("propensities", path)
    }
    if let clip { text.add("clip", clip) } else { text.add("clip", "none") }
    text.add("normalize", normalize)
  }
}

extension RecipeSection {
  /// A weight from 1 up; nil for `none`.
  fileprivate func limit(_ key: String, default value: Double?) throws(Failure) -> Double? {
    guard let node = node(key) else { return value }
    if case .word(let text, quoted: false) = node.content {
      if text == "none" { return nil }
      if let number = finite(text), number >= 1 { return number }
    }
    throw wrong(key, node, expected: "none, or a number from 1 up")
  }
}
