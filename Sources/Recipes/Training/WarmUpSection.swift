import Diagnostics

/// `warm_up`: a pass of weak supervision before training, without a single label.
///
/// A document's title, or one of its sentences, is the query; the document without it is the
/// positive; its neighbours in a first stage are the other documents of the list. The model learns
/// to spread its scores over the list as a teacher spreads its similarities.
public struct WarmUpSection: Sendable, Equatable {
  /// What serves as a query.
  public enum Query: String, Sendable, CaseIterable {
    /// The titles of documents.
    case titles
    /// Single sentences of documents.
    case sentences
    /// The training queries themselves, with their candidates; their judgments are not looked at.
    case train
  }

  /// How far the model's scores are from the teacher's.
  public enum Loss: String, Sendable, CaseIterable {
    /// The cross-entropy of the softmax of the scores against the softmax of the teacher's.
    case softmax
    /// The mean square of the difference.
    case mse
  }

  /// The word for the base model's own embeddings, where a path could stand.
  public static let biEncoder = "bi-encoder"
  /// The word for BM25 over the words of the query, where a path could stand.
  public static let words = "words"

  /// What serves as a query.
  public var queries: [Query] = [.titles, .sentences, .train]
  /// How many lists are made of pieces of documents at most, and how many of training queries.
  public var lists = 2000
  /// How often the model sees each.
  public var passes = 1
  /// Documents in a list beside the positive.
  public var neighbours = 7
  /// What finds them: `words`, `bi-encoder`, or the path of a run file.
  public var neighboursFrom = WarmUpSection.words
  /// What the model learns from: `bi-encoder`, or the path of a run file with scores.
  public var teacher = WarmUpSection.biEncoder
  /// What the teacher's scores are multiplied by; cosines lie too close together for a softmax.
  public var scale = 20.0
  /// How far the model's scores are from the teacher's.
  public var loss = Loss.softmax
  /// The most tokens of a query and a document together.
  public var maxLength = 128
  /// The peak learning rate.
  public var learningRate = 2e-4
  /// What the learning rate of a fresh score head is multiplied by.
  public var freshFactor = 30.0
  /// What an optimizer step takes.
  public var batch = BatchSection()

  static let keys = [
    "queries", "lists", "passes", "neighbours", "neighbours_from", "teacher", "scale", "loss",
    "max_length", "lr", "fresh_factor", "batch",
  ]

  init(_ section: RecipeSection) throws(Failure) {
    queries = try section.choices("queries") ?? queries
    lists = try section.integer("lists", in: 1...100_000_000) ?? lists
    passes = try section.integer("passes", in: 1...1000) ?? passes
    neighbours = try section.integer("neighbours", in: 1...1000) ?? neighbours
    let source = "'bi-encoder' or the path of a run file"
    neighboursFrom =
      try section.text("neighbours_from", expected: "'words', " + source) ?? neighboursFrom
    teacher = try section.text("teacher", expected: source) ?? teacher
    scale = try section.number("scale", .above(0)) ?? scale
    loss = try section.choice("loss") ?? loss
    maxLength = try section.integer("max_length", in: 8...8192) ?? maxLength
    learningRate = try section.number("lr", .above(0)) ?? learningRate
    freshFactor = try section.number("fresh_factor", .above(0)) ?? freshFactor
    batch = try BatchSection(section)
  }

  func write(to text: inout ResolvedText) {
    text.add("queries", queries.map(\.rawValue))
    text.add("lists", lists)
    text.add("passes", passes)
    text.add("neighbours", neighbours)
    text.add("neighbours_from", neighboursFrom)
    text.add("teacher", teacher)
    text.add("scale", scale)
    text.add("loss", loss.rawValue)
    text.add("max_length", maxLength)
    text.add("lr", learningRate)
    text.add("fresh_factor", freshFactor)
    text.section("batch") { batch.write(to: &$0) }
  }
}
