public import Files

/// Where a run of training gets its data.
public struct TrainingSources: Sendable {
  /// What is learned from.
  public enum Origin: Sendable {
    /// The judged queries of a collection.
    case judged(TrainingSource)
    /// Lists in a file.
    case lists(ListSource)
  }

  /// What is learned from.
  public var train: Origin
  /// A run file with a teacher's scores of what is learned from.
  public var teacher: String?
  /// What models are compared on.
  public var dev: TrainingSource?
  /// What the best model is measured on at the end.
  public var test: TrainingSource?

  /// Sources.
  public init(
    train: Origin, teacher: String? = nil, dev: TrainingSource? = nil,
    test: TrainingSource? = nil
  ) {
    self.train = train
    self.teacher = teacher
    self.dev = dev
    self.test = test
  }

  /// The collection that is learned from, or that lists refer to.
  package var collection: String? {
    switch train {
    case .judged(let source): source.collection
    case .lists(let source): source.collection
    }
  }

  /// Whether what is learned from leaves out documents with their query's own id.
  package var ignoresIdenticalIDs: Bool {
    switch train {
    case .judged(let source): source.ignoresIdenticalIDs
    case .lists(let source): source.ignoresIdenticalIDs
    }
  }

  /// The encoding of its files.
  package var encoding: TextEncoding? {
    switch train {
    case .judged(let source): source.encoding
    case .lists(let source): source.encoding
    }
  }
}

/// What a split of a collection offers for learning and evaluating: queries with their judged
/// documents and the candidates of a first stage.
public struct TrainingSource: Sendable {
  /// The collection's path.
  public var collection: String
  /// The encoding of the collection's files; nil for what `TextFile` does without one.
  public var encoding: TextEncoding?
  /// The split whose judgments count.
  public var split: String
  /// A run file with the first stage's candidates.
  public var candidates: String?
  /// How many candidates of a query are looked at.
  public var depth: Int
  /// Whether the candidate with the query's own id is left out.
  public var ignoresIdenticalIDs = false

  /// A source.
  public init(collection: String, split: String, candidates: String?, depth: Int = 50) {
    self.collection = collection
    self.split = split
    self.candidates = candidates
    self.depth = depth
  }
}
