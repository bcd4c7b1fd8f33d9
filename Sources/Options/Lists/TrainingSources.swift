/// Where a run of training gets its data.
public struct TrainingSources: Sendable, Equatable {
  /// What is learned from.
  public enum Origin: Sendable, Equatable {
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
}

/// What a split of a collection offers for learning and evaluating: queries with their judged
/// documents and the candidates of a first stage.
public struct TrainingSource: Sendable, Equatable {
  /// The collection's path.
  public var collection: String
  /// The name of the encoding of the collection's files; nil for UTF-8, or what a byte-order mark
  /// says.
  public var encoding: String?
  /// The split whose judgments count: the name of a qrels file, without its extension.
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

/// Lists to learn from, in a file: queries with their documents.
public struct ListSource: Sendable, Equatable {
  /// The file, JSON Lines.
  public var file: String
  /// The collection that has the texts of what is given by id alone.
  public var collection: String?
  /// The name of the encoding of the collection's files; nil for UTF-8, or what a byte-order mark
  /// says.
  public var encoding: String?
  /// Whether the document with the query's own id is left out of a list.
  public var ignoresIdenticalIDs = false
  /// Weights of clicked documents by where they were shown; nil for none.
  public var clickWeights: ClickWeightOptions?

  /// A source.
  public init(
    file: String, collection: String? = nil, clickWeights: ClickWeightOptions? = nil
  ) {
    self.file = file
    self.collection = collection
    self.clickWeights = clickWeights
  }
}
