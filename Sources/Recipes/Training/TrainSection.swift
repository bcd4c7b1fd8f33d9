import Diagnostics
public import Options

/// `data.train`: what the model learns from, judged queries of a collection or lists in a file.
public struct TrainSection: Sendable, Equatable {
  /// The two forms it may have.
  public enum Source: Sendable, Equatable {
    /// Judged queries of a collection.
    case judged(DataSource)
    /// Lists in a file.
    case lists(ListsSource)
  }

  /// A file of lists, JSON Lines; nil where the collection's judgments are learned from.
  var lists: String?
  /// The path of the collection: of the judged queries, or of the texts that lists name by id alone.
  var collection: String?
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  var encoding: String?
  /// The name of the qrels file, without its extension.
  var split = "train"
  /// A run file with the first stage's candidates for the split's queries.
  var candidates: String?
  /// How many candidates a query has at most.
  var depth = 50
  /// Whether the document with the query's own id is left out.
  var ignoreIdenticalIDs = false
  /// A run file with a teacher's scores.
  public var teacher: String?
  /// How clicks are weighted, where lists have clicks.
  var weights: ClickWeightOptions?

  /// Where lists come from.
  public var source: Source {
    if let lists {
      return .lists(
        ListsSource(
          file: lists, collection: collection, encoding: encoding,
          ignoreIdenticalIDs: ignoreIdenticalIDs, weights: weights))
    }
    var source = DataSource(split: split)
    source.collection = collection ?? ""
    source.encoding = encoding
    source.candidates = candidates
    source.depth = depth
    source.ignoreIdenticalIDs = ignoreIdenticalIDs
    return .judged(source)
  }
}

extension TrainSection: Section {
  static let defaults = TrainSection()

  static let options: [Option<TrainSection>] = [
    .optional(
      "lists", \.lists, .text("the path of a file of lists"),
      "a file of lists, in place of a collection's judgments; then there is no split, no candidates "
        + "and no depth, and collection has the texts of what the lists name by id alone"
    ).alternative("train: { lists: mined.jsonl, collection: Data/helpdesk }"),
    .optional(
      "collection", \.collection, .text("a path"), "a folder or an archive; required without lists"
    )
    .shown(as: "Data/helpdesk"),
    .optional("encoding", \.encoding, .encoding, encodingMeaning).later(),
    .init("split", \.split, .split, splitMeaning).writtenOnly { $0.lists == nil },
    .optional("candidates", \.candidates, .candidates, candidatesMeaning)
      .shown(as: "Checkpoints/helpdesk-bm25.train.run").writtenOnly { $0.lists == nil },
    .init("depth", \.depth, .depth, depthMeaning).writtenOnly { $0.lists == nil },
    .init(
      "ignore_identical_ids", \.ignoreIdenticalIDs, .flag, identicalMeaning + "; in lists too"
    ).later(),
    .optional(
      "teacher", \.teacher, .text("the path of a run file"),
      "a run file with a teacher's scores, for losses that need one"),
    .optionalSection(
      "weights", \.weights,
      "only with lists whose labels are clicks: a click at a position that few users look at counts "
        + "for more"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard lists != nil else {
      if weights != nil {
        throw Failure(
          .badRecipe, "weights are for clicks in lists, and there are no lists",
          at: section.place(of: "weights"), expected: "'lists', which say what was shown where",
          remedy: "give 'lists', or remove 'weights'")
      }
      _ = try section.required(
        "collection", collection,
        expected: "the path of a collection, or 'lists' in its place")
      return
    }
    for key in ["split", "candidates", "depth"] where section.node(key) != nil {
      throw Failure(
        .badRecipe, "lists have no '\(key)'", at: section.place(of: key),
        expected: "'lists', or 'collection' with 'split', 'candidates' and 'depth'",
        remedy: "remove '\(key)' or 'lists'")
    }
    if collection == nil, section.node("encoding") != nil {
      throw Failure(
        .badRecipe, "'encoding' is that of a collection's files, and there is no collection",
        at: section.place(of: "encoding"),
        expected: "lists in UTF-8, or in UTF-16 with a byte-order mark",
        remedy: "remove 'encoding', and convert the lists with iconv where they need it")
    }
  }
}

/// `data.train` with `lists`: queries with their documents, in a file.
public struct ListsSource: Sendable, Equatable {
  /// A file of JSON Lines.
  public var file: String
  /// The collection that has the texts of what the file names by id alone.
  public var collection: String?
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  public var encoding: String?
  /// Whether the document with the query's own id is left out of a list.
  public var ignoreIdenticalIDs: Bool
  /// Weights of clicked documents by where they were shown; nil for none.
  public var weights: ClickWeightOptions?

  /// Lists in a file.
  public init(
    file: String, collection: String? = nil, encoding: String? = nil,
    ignoreIdenticalIDs: Bool = false,
    weights: ClickWeightOptions? = nil
  ) {
    self.file = file
    self.collection = collection
    self.encoding = encoding
    self.ignoreIdenticalIDs = ignoreIdenticalIDs
    self.weights = weights
  }
}
