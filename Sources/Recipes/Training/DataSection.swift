import Diagnostics
public import Options

/// `data`: training and evaluation data.
public struct DataSection: Sendable, Equatable {
  /// The training data.
  public var train = TrainSection()
  /// The queries for model selection during training.
  public var dev: TrainingSource?
  /// The queries on which the selected model is evaluated once, at the end.
  public var test: TrainingSource?
  /// The composition of training lists.
  public var list = ListOptions()
  /// The refresh of candidates during training; nil for none.
  public var remine: ReminingOptions?

  /// The sources of all data.
  public var sources: TrainingSources {
    TrainingSources(train: train.source, teacher: train.teacher, dev: dev, test: test)
  }
}

extension DataSection: Section {
  static let defaults = DataSection()

  static let options: [Option<DataSection>] = [
    .section(
      "train", \.train, required: "a collection, as in { collection: Data/helpdesk }",
      "training data"),
    .optionalSection(
      "dev", \.dev, from: TrainingSource(split: "dev"),
      "optional: data for selecting the best model"
    ).shown(),
    .optionalSection(
      "test", \.test, from: TrainingSource(split: "test"),
      "optional: data for measuring the selected model, once, at the end"
    ).shown(),
    .section("list", \.list, "how the documents of a query become a training list"),
    .optionalSection(
      "remine", \.remine,
      "before an epoch the model scores all candidates of training, or all documents of given lists, "
        + "and lists are drawn from those with the highest scores; the first epochs draw from all"),
  ]

  mutating func check(_ section: RecipeSection) throws(Failure) {
    try divide(section)
    try requireCandidates(section)
    try requireSampled(section)
  }

  /// Bands are made of candidates of a first stage, or of given lists.
  private func requireSampled(_ section: RecipeSection) throws(Failure) {
    guard list.sampling != nil, train.lists == nil else { return }
    let hasCandidates = train.candidates != nil || train.firstStage != nil
    if hasCandidates, list.negatives.contains(.candidates) { return }
    let part = try section.section("list", keys: ListOptions.keys)
    throw Failure(
      .badRecipe, "'sampling' has no candidates to divide into bands",
      at: part?.place(of: "sampling") ?? section.place(of: "list"),
      expected: "'data.train.lists', or 'data.train.candidates' and 'candidates' among "
        + "'data.list.negatives'",
      remedy: "add them, or remove 'sampling'")
  }

  /// Re-mining needs candidates of a first stage, or given lists.
  private func requireCandidates(_ section: RecipeSection) throws(Failure) {
    guard remine != nil, train.lists == nil else { return }
    let hasCandidates = train.candidates != nil || train.firstStage != nil
    if hasCandidates, list.negatives.contains(.candidates) { return }
    throw Failure(
      .badRecipe, "'remine' has no candidates to score", at: section.place(of: "remine"),
      expected: "'data.train.lists', or 'data.train.candidates' and 'candidates' among "
        + "'data.list.negatives'",
      remedy: "add them, or remove 'remine'")
  }
}

/// `data.dev` and `data.test`: judged queries of a collection.
extension TrainingSource: CollectionSection {
  static let defaults = TrainingSource(split: "")

  /// A source of a split without its collection, which is read later.
  init(split: String) { self.init(collection: "", split: split, candidates: nil) }

  static let options: [Option<TrainingSource>] = [
    .required(
      "collection", \.collection, .text("a path"), expected: "the path of a collection",
      example: "Data/helpdesk", "a folder, an archive or a table"),
    .encoding, .columns, .labels, .documents,
    .split(\.split, \.shares),
    .candidates(\.candidates, \.firstStage)
      .shown { "Checkpoints/helpdesk-bm25.\($0.split).run" },
    .init("depth", \.depth, .depth, depthMeaning),
    .init("ignore_identical_ids", \.ignoresIdenticalIDs, .flag, identicalMeaning).later(),
  ]

  mutating func check(_ section: RecipeSection) throws(Failure) {
    try section.limit(&depth, to: firstStage)
  }
}

/// Keys that `data.train` has as well, with a different meaning if there are lists.
let splitMeaning =
  "the name of a split: of a file in the collection's qrels folder, or in its column of splits"
let depthMeaning = "candidates of a query at most"
let identicalMeaning =
  "excludes the document with the query's own id, for queries that are documents of the collection "
  + "(ArguAna, Quora)"

extension ValueKind where Value == String {
  static var encoding: ValueKind { .text("the name of an encoding") }
  static var split: ValueKind { .text("the name of a qrels file") }
}

extension ValueKind where Value == Int {
  static var depth: ValueKind { .integer(1...1_000_000) }
}

/// `data.list`: the composition of training lists from a query's documents.
extension ListOptions: Section {
  static let defaults = ListOptions()

  static let options: [Option<ListOptions>] = [
    .init(
      "size", \.size, .integer(2...10_000, why: "a ranking loss compares at least two documents"),
      "documents in a list"),
    .init(
      "positives", \.positives,
      given: { list in
        .integer(1...(list.size - 1), why: "a list of \(list.size) needs room for a negative")
      }, "positives in a list at most, fewer than size"
    ).described(as: ValueKind<Int>.integer(1...9999)),
    .init(
      "negatives", \.negatives, .choices(),
      "the sources of the other documents, in turn: documents judged below the minimum grade, "
        + "candidates of the first stage without a judgment, any document; lists in a file have "
        + "their own documents"
    ),
    .init(
      "minimum_grade", \.minimumGrade, .number(.above(0)),
      "the grade from which a document is a positive"),
    .optionalSection(
      "sampling", \.sampling,
      "candidates are drawn in turn from bands of scores, the teacher's or without one the first "
        + "stage's, so that a list has easy, middling and hard ones; without this all are drawn alike"
    ).later(),
  ]

  mutating func check(_ section: RecipeSection) throws(Failure) {
    if section.node("positives") == nil { positives = min(positives, size - 1) }
  }
}

/// `data.list.sampling`: the choice among a query's candidates.
extension ListSampling: Section {
  static let defaults = ListSampling()

  static let options: [Option<ListSampling>] = [
    .init(
      "quantiles", \.quantiles, .integer(2...1000, why: "a single band is the whole list"),
      "bands of equally many candidates, from the highest scores to the lowest")
  ]
}
