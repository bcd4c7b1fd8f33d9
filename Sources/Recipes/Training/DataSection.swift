import Diagnostics

/// `data`: what the model learns from and is measured on.
public struct DataSection: Sendable, Equatable {
  /// What to learn from.
  public var train: TrainSection
  /// Those to choose the best model by, while training.
  public var dev: DataSource?
  /// Those to measure the chosen model on, once, at the end.
  public var test: DataSource?
  /// How lists are made of them.
  public var list: ListSection
  /// How candidates are chosen anew while the model learns; nil for not.
  public var remine: RemineSection?

  static let keys = ["train", "dev", "test", "list", "remine"]

  init(_ section: RecipeSection) throws(Failure) {
    let train = try section.section("train", keys: TrainSection.keys)
    self.train = try TrainSection(
      section.required(
        "train", train, expected: "a collection, as in { collection: Data/helpdesk }"))
    if let dev = try section.section("dev", keys: DataSource.keys) {
      self.dev = try DataSource(dev, split: "dev")
    }
    if let test = try section.section("test", keys: DataSource.keys) {
      self.test = try DataSource(test, split: "test")
    }
    list = try ListSection(section.section("list", keys: ListSection.keys))
    if let remine = try section.section("remine", keys: RemineSection.keys) {
      self.remine = try RemineSection(remine)
      try requireCandidates(section)
    }
  }

  /// Only what a first stage has found, or what lists have, can be chosen from.
  private func requireCandidates(_ section: RecipeSection) throws(Failure) {
    switch train.source {
    case .lists: return
    case .judged(let source):
      if source.candidates != nil, list.negatives.contains(.candidates) { return }
    }
    throw Failure(
      .badRecipe, "there are no candidates to choose from", at: section.place(of: "remine"),
      expected: "'data.train.lists', or 'data.train.candidates' and 'candidates' among "
        + "'data.list.negatives'",
      remedy: "add them, or remove 'remine'")
  }

  func write(to text: inout ResolvedText) {
    text.section("train") { train.write(to: &$0) }
    text.section("dev", dev) { $0.write(to: &$1) }
    text.section("test", test) { $0.write(to: &$1) }
    text.section("list") { list.write(to: &$0) }
    text.section("remine", remine) { $0.write(to: &$1) }
  }
}

/// `data.dev`, `data.test`, and `data.train` without lists: judged queries of a collection.
public struct DataSource: Sendable, Equatable {
  /// The path of the collection.
  public var collection: String
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  public var encoding: String?
  /// The name of the qrels file, without its ending; the key's own name where nothing is said.
  public var split: String
  /// A run file with the first stage's candidates for the split's queries.
  public var candidates: String?
  /// How many candidates a query has at most.
  public var depth = 50
  /// Whether the candidate with the query's own id is left out.
  public var ignoreIdenticalIDs = false

  static let keys = [
    "collection", "encoding", "split", "candidates", "depth", "ignore_identical_ids",
  ]

  init(_ section: RecipeSection, split: String) throws(Failure) {
    collection = try section.required(
      "collection", section.text("collection", expected: "a path"),
      expected: "the path of a collection")
    encoding = try section.text("encoding", expected: "the name of an encoding")
    self.split = try section.text("split", expected: "the name of a qrels file") ?? split
    candidates = try section.text("candidates", expected: "the path of a run file")
    depth = try section.integer("depth", in: 1...1_000_000) ?? depth
    ignoreIdenticalIDs = try section.flag("ignore_identical_ids") ?? ignoreIdenticalIDs
  }

  func write(to text: inout ResolvedText) {
    text.add("collection", collection)
    text.add(later: "encoding", encoding)
    text.add("split", split)
    text.add("candidates", candidates)
    text.add("depth", depth)
    text.add(later: "ignore_identical_ids", ignoreIdenticalIDs)
  }
}

/// `data.list`: how the documents of a query become a list to learn from.
public struct ListSection: Sendable, Equatable {
  /// Where documents that are not positives come from.
  public enum Negatives: String, Sendable, CaseIterable {
    /// Documents judged below the minimum grade.
    case judged
    /// Candidates of the first stage that nobody judged.
    case candidates
    /// Any documents of the collection.
    case random
  }

  /// Documents in a list.
  public var size = 8
  /// Positives in a list at most.
  public var positives = 2
  /// Where the rest of the list comes from; the first goes first.
  public var negatives: [Negatives] = [.judged, .candidates]
  /// The grade from which a document is a positive.
  public var minimumGrade = 1.0

  static let keys = ["size", "positives", "negatives", "minimum_grade"]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    size =
      try section.integer(
        "size", in: 2...10_000, why: "a ranking loss compares at least two documents") ?? size
    positives =
      try section.integer(
        "positives", in: 1...(size - 1), why: "a list of \(size) needs room for a negative")
      ?? min(positives, size - 1)
    negatives = try section.choices("negatives") ?? negatives
    minimumGrade = try section.number("minimum_grade", .above(0)) ?? minimumGrade
  }

  func write(to text: inout ResolvedText) {
    text.add("size", size)
    text.add("positives", positives)
    text.add("negatives", negatives.map(\.rawValue))
    text.add("minimum_grade", minimumGrade)
  }
}
