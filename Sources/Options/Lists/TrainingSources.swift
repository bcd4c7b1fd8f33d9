/// The data of a training run.
public struct TrainingSources: Sendable, Equatable {
  /// The source of training lists.
  public enum Origin: Sendable, Equatable {
    /// The judged queries of a collection.
    case judged(TrainingSource)
    /// Lists in a file.
    case lists(ListSource)
  }

  /// The source of training lists.
  public var train: Origin
  /// A run file with a teacher's scores of the training documents.
  public var teacher: String?
  /// Whether there will be such a run, of a model that has not scored the documents yet: for a
  /// forecast, in which all its scores are 0.
  public var awaitsTeacher = false
  /// The data for model selection.
  public var dev: TrainingSource?
  /// The data on which the best model is evaluated at the end.
  public var test: TrainingSource?

  /// The data of a run.
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

/// A split of a collection for training or evaluation: queries with their judged documents and the
/// candidates of a first stage.
public struct TrainingSource: Sendable, Equatable {
  /// The collection's path.
  public var collection: String
  /// The name of the encoding of the collection's files; nil for UTF-8 or that of a byte-order
  /// mark.
  public var encoding: String?
  /// How tables are read.
  public var table = TableOptions()
  /// The split with the judgments: the name of a qrels file, without its extension; with `shares`
  /// the part of the division, `train`, `dev` or `test`.
  public var split: String
  /// How the collection's only split is divided, of which this is a part; nil for a split of its
  /// own.
  public var shares: SplitShares?
  /// A run file with the first stage's candidates; with `firstStage` the file of its results, once
  /// it has been searched.
  public var candidates: String?
  /// A first stage that is searched for the candidates; nil if a run file has them.
  public var firstStage: StageOptions?
  /// The number of candidates used per query.
  public var depth: Int
  /// Whether the candidate with the query's own id is excluded.
  public var ignoresIdenticalIDs = false

  /// A split with its candidates.
  public init(collection: String, split: String, candidates: String?, depth: Int = 50) {
    self.collection = collection
    self.split = split
    self.candidates = candidates
    self.depth = depth
  }
}

/// Training lists in a file: queries with their documents.
public struct ListSource: Sendable, Equatable {
  /// The file, JSON Lines.
  public var file: String
  /// The collection with the texts of documents and queries that the lists give only by id.
  public var collection: String?
  /// The name of the encoding of the collection's files; nil for UTF-8 or that of a byte-order
  /// mark.
  public var encoding: String?
  /// How tables are read: the lists, if they are one.
  public var table = TableOptions()
  /// Whether the document with the query's own id is excluded from a list.
  public var ignoresIdenticalIDs = false
  /// Weights of clicked documents by their positions; nil for none.
  public var clickWeights: ClickWeightOptions?

  /// Lists in a file.
  public init(
    file: String, collection: String? = nil, clickWeights: ClickWeightOptions? = nil
  ) {
    self.file = file
    self.collection = collection
    self.clickWeights = clickWeights
  }
}
