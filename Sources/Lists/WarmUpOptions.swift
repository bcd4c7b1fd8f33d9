/// Weak supervision before training: a fresh score head learns to match from the corpus alone.
///
/// A piece of a document is the query, the document without it and its neighbours are the list, and
/// the teacher's scores of them are the labels; the training queries with their candidates are such
/// lists too. No judgment is looked at.
public struct WarmUpOptions: Sendable {
  /// What is taken as a query.
  public var queries: [PseudoQuerySource] = [.titles, .sentences, .train]
  /// How many lists are made of pieces of documents at most, and how many of training queries.
  public var lists = 2000
  /// How often the lists are gone through.
  public var passes = 1
  /// How many neighbours a list has beside the document itself.
  public var neighbours = 7
  /// What finds them.
  public var neighbourSource = NeighbourSource.words
  /// A run over the collection's queries whose scores are the labels; nil for the bi-encoder.
  public var teacherRun: String?
  /// What cosines are multiplied by to become labels.
  public var scale = 20.0
  /// What the learning rate of a score head that starts from nothing is multiplied by: it has
  /// further to go than the encoder.
  public var freshFactor = 30.0
  /// The longest pair, in tokens.
  public var maximumLength = 128

  /// The defaults.
  public init() {}
}
