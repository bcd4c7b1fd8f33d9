/// What is taken from a document as a query.
public enum PseudoQuerySource: String, Sendable, CaseIterable {
  /// Its title.
  case titles
  /// One of its sentences.
  case sentences
  /// Nothing of a document: the training queries, with the first stage's candidates as the lists.
  case train
}

/// What finds the documents beside the one a pseudo-query is from.
public enum NeighbourSource: Sendable, Equatable {
  /// BM25 over the words of the pseudo-query: what a first stage would put before the model.
  case words
  /// The bi-encoder's cosines with the pseudo-query.
  case biEncoder
  /// A run whose queries are document ids, with the neighbours of each document.
  case run(String)
}

/// Weak supervision before training: a newly initialised score head learns to match from the corpus
/// alone.
///
/// A piece of a document is the query, the document without it and its neighbours are the list, and
/// the teacher's scores of them are the labels; the training queries with their candidates are such
/// lists too. No judgment is looked at.
public struct WarmUpOptions: Sendable, Equatable {
  /// How the distance of the model's scores from the teacher's is measured.
  public enum Loss: String, Sendable, CaseIterable {
    /// The cross-entropy of the softmax of the scores against the softmax of the teacher's.
    case softmax
    /// The mean square of the difference.
    case mse
  }

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
  /// What the teacher's scores are multiplied by to become labels: cosines lie too close together
  /// for a softmax.
  public var scale = 20.0
  /// The distance from the teacher's scores.
  public var loss = Loss.softmax
  /// The longest pair, in tokens.
  public var maximumLength = 128
  /// The peak learning rate.
  public var learningRate = 2e-4
  /// What the learning rate of a newly initialised score head is multiplied by: it has further to
  /// go than the encoder.
  public var freshFactor = 30.0
  /// What an optimizer step takes.
  public var batch = BatchSize()

  /// The defaults.
  public init() {}
}
