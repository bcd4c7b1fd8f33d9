import Diagnostics
public import Options

/// `data.train`: the training data, judged queries of a collection or lists in a file.
public struct TrainSection: Sendable, Equatable {
  /// A file of lists, JSON Lines; nil to use the collection's judgments.
  var lists: String?
  /// The path of the collection: that of the judged queries, or of the texts that lists give only
  /// by id.
  var collection: String?
  /// The encoding of the collection's files; nil for UTF-8 or that of a byte-order mark.
  var encoding: String?
  /// How tables are read.
  var table = TableOptions()
  /// The name of the qrels file, without its extension.
  var split = "train"
  /// How the collection's only split is divided, of which training has a part; nil for a split of
  /// its own.
  var shares: SplitShares?
  /// A run file with the first stage's candidates for the split's queries; with `firstStage` the
  /// file of its results, once it has been searched.
  public var candidates: String?
  /// A first stage that is searched for the candidates; nil if a run file has them.
  public var firstStage: StageOptions?
  /// The maximum number of candidates per query.
  var depth = TrainingSource.defaults.depth
  /// Whether the document with the query's own id is excluded.
  var ignoresIdenticalIDs = false
  /// A run file with a teacher's scores; with `teacherModel` the file of its scores, once it has
  /// scored the training pairs.
  public var teacher: String?
  /// A model that scores the training pairs; nil if a run file has a teacher's scores, and without a
  /// teacher.
  public var teacherModel: ModelTeacherOptions?
  /// The weights of clicks, if lists have clicks.
  var weights: ClickWeightOptions?

  /// The source of training lists.
  public var source: TrainingSources.Origin {
    if let lists {
      var source = ListSource(file: lists, collection: collection, clickWeights: weights)
      source.encoding = encoding
      source.table = table
      source.ignoresIdenticalIDs = ignoresIdenticalIDs
      return .lists(source)
    }
    var source = TrainingSource(
      collection: collection ?? "", split: split, candidates: candidates, depth: depth)
    source.encoding = encoding
    source.table = table
    source.ignoresIdenticalIDs = ignoresIdenticalIDs
    source.firstStage = firstStage
    source.shares = shares
    return .judged(source)
  }
}

extension TrainSection: CollectionSection {
  static let defaults = TrainSection()

  static let options: [Option<TrainSection>] = [
    .optional(
      "lists", \.lists, .text("the path of a file of lists"),
      "a file of lists, in place of a collection's judgments; split, candidates and depth then do "
        + "not apply, and collection has the texts of queries and documents that the lists name "
        + "only by id"
    ).alternative("train: { lists: mined.jsonl, collection: Data/helpdesk }"),
    .optional(
      "collection", \.collection, .text("a path"),
      "a folder, an archive or a table; required without lists"
    )
    .shown(as: "Data/helpdesk"),
    .encoding, .columns, .labels, .documents,
    .split(\.split, \.shares).alternative(sharesAlternative)
      .writtenOnly { $0.lists == nil },
    .candidates(\.candidates, \.firstStage)
      .shown(as: "Checkpoints/helpdesk-bm25.train.run").alternative(candidatesAlternative)
      .writtenOnly { $0.lists == nil },
    .init("depth", \.depth, .depth, depthMeaning).writtenOnly { $0.lists == nil },
    .init(
      "ignore_identical_ids", \.ignoresIdenticalIDs, .flag, identicalMeaning + "; in lists too"
    ).later(),
    .teacher(\.teacher, \.teacherModel).alternative(teacherAlternative),
    .optionalSection(
      "weights", \.weights,
      "only with lists whose labels are clicks: a click at a position that few users examine gets "
        + "a larger weight"),
  ]

  mutating func check(_ section: RecipeSection) throws(Failure) {
    try section.limit(&depth, to: firstStage)
    guard lists != nil else {
      if weights != nil {
        throw Failure(
          .badRecipe, "'weights' applies only to clicks in lists, and 'lists' is missing",
          at: section.place(of: "weights"),
          expected: "'lists', with the positions at which documents were shown",
          remedy: "give 'lists', or remove 'weights'")
      }
      _ = try section.required(
        "collection", collection,
        expected: "the path of a collection, or 'lists' in its place")
      return
    }
    if teacherModel != nil {
      throw Failure(
        .badRecipe, "a teacher by model cannot be combined with 'lists'",
        at: section.place(of: "teacher"),
        expected: "lists with a teacher's scores in them, or a run file with its scores",
        remedy: "mine the lists with 'teacher: { model: … }' in the job, which writes its scores")
    }
    for key in ["split", "candidates", "depth"] where section.node(key) != nil {
      throw Failure(
        .badRecipe, "'\(key)' cannot be combined with 'lists'", at: section.place(of: key),
        expected: "'lists', or 'collection' with 'split', 'candidates' and 'depth'",
        remedy: "remove '\(key)' or 'lists'")
    }
    if collection == nil, section.node("encoding") != nil {
      throw Failure(
        .badRecipe, "'encoding' applies only to a collection, and 'collection' is missing",
        at: section.place(of: "encoding"),
        expected: "lists in UTF-8, or in UTF-16 with a byte-order mark",
        remedy: "remove 'encoding', and convert the lists with iconv where they need it")
    }
  }
}
