/// The source of pseudo-queries.
public enum PseudoQuerySource: String, Sendable, CaseIterable {
  /// A document's title.
  case titles
  /// A sentence of a document.
  case sentences
  /// The training queries instead of pseudo-queries, with the first stage's candidates as lists.
  case train
}

/// The search for a document's neighbours, the other documents of a pseudo-query's list.
public enum NeighbourSource: Sendable, Equatable {
  /// BM25 over the words of the pseudo-query: the documents that a first stage would find.
  case words
  /// The bi-encoder's cosine similarity to the pseudo-query.
  case biEncoder
  /// A run whose queries are document ids, with the neighbours of each document.
  case run(String)
}

/// Weak supervision before training: a newly initialised score head learns to match texts from the
/// corpus alone.
///
/// A piece of a document is the query, the document without that piece and its neighbours are the
/// list, and the teacher's scores of them are the labels; the training queries with their
/// candidates form such lists as well. No judgments are used.
public struct WarmUpOptions: Sendable, Equatable {
  /// The distance between the model's scores and the teacher's.
  public enum Loss: String, Sendable, CaseIterable {
    /// The cross-entropy of the softmax of the scores relative to the softmax of the teacher's.
    case softmax
    /// The mean squared difference.
    case mse
  }

  /// The sources of queries.
  public var queries: [PseudoQuerySource] = [.titles, .sentences, .train]
  /// The maximum number of lists from pieces of documents, and of lists from training queries.
  public var lists = 2000
  /// The number of passes over the lists.
  public var passes = 1
  /// The number of neighbours per list, beside the document itself.
  public var neighbours = 7
  /// The search for neighbours.
  public var neighbourSource = NeighbourSource.words
  /// A run over the collection's queries whose scores are the labels; nil for the bi-encoder's
  /// cosines.
  public var teacherRun: String?
  /// The factor from the teacher's scores to labels: the range of cosines is too narrow for a
  /// softmax.
  public var scale = 20.0
  /// The distance from the teacher's scores.
  public var loss = Loss.softmax
  /// The maximum number of tokens per pair.
  public var maximumLength = 128
  /// The peak learning rate.
  public var learningRate = 2e-4
  /// The learning-rate factor of a newly initialised score head, which is further from its optimum
  /// than the encoder.
  public var freshFactor = 30.0
  /// The batch of an optimizer step.
  public var batch = BatchSize()

  /// The default options.
  public init() {}
}
