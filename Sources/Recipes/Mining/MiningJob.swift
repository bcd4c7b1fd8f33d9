public import Diagnostics
public import Options

/// A mining job: all settings of `ltr mine`, read from one YAML file.
public struct MiningJob: Sendable, Equatable {
  /// The path of the collection.
  public var collection = ""
  /// The encoding of the collection's files; nil for UTF-8 or that of a byte-order mark.
  public var encoding: String?
  /// How tables are read.
  public var table = TableOptions()
  /// The name of the qrels file, without its extension.
  public var split = "train"
  /// How the collection's only split is divided, of which the part for training is mined; nil for a
  /// split of its own.
  public var shares: SplitShares?
  /// The path of a judge's grades, for pairs without a human one; nil for none.
  public var verdicts: String?
  /// The sources of candidates, at least one.
  public var firstStage: [StageOptions] = []
  /// Documents that never become negatives.
  public var exclude = Exclusions()
  /// Limits on first-stage scores and ranks.
  public var filter = ScoreFilters()
  /// A cross-encoder that scores the written documents; nil for none.
  public var teacher: TeacherOptions?
  /// The selection of negatives.
  public var sample = Sampling()
  /// The output of the job.
  public var output = MinedOptions()
  /// The contents of the report.
  public var report = MiningReportOptions()

  private init() {}

  /// Reads a job.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: the file's name in failures.
  ///   - overrides: `key.path=value` each, as for `--set`; later ones take precedence.
  ///
  /// Throws `.badRecipe` with file, line, column and key for any error in the job, and `.usage` for
  /// a malformed override.
  public init(text: String, file: String, overrides: [String] = []) throws(Failure) {
    try self.init(RecipeSource(text: text, file: file, kind: .job, overrides: overrides))
  }

  /// Reads a job.
  ///
  /// - Throws: `.badRecipe` with file, line, column and key for the first mistake in the job, and with
  ///   the others in `further`.
  public init(_ source: RecipeSource) throws(Failure) { self = try source.read() }

  /// The job as YAML with every default written out, in a fixed order, without comments. Reading it
  /// gives an equal job.
  public var resolved: String { YAMLText.lines(entries(.resolved)) }

  /// The job as YAML with every default written out. If its source has several files, a comment
  /// beside each value that is not a default says where it comes from.
  public func resolved(from source: RecipeSource) -> String {
    YAMLText.lines(entries(.resolved), comment: source.origin)
  }

  /// The settings that the result depends on: the job without its output folder, and without keys
  /// that earlier versions did not have if they are at their defaults.
  public var identity: String {
    var job = self
    job.output.folder = ""
    return YAMLText.lines(job.entries(.identity))
  }

  /// The dotted paths of all keys of a job, in the order of `resolved`, except those of a first
  /// stage.
  package static let keyPaths = descriptions().flatMap { $0.paths() }
}

extension MiningJob: CollectionSection {
  static let defaults = MiningJob()

  static let options: [Option<MiningJob>] = [
    .required(
      "collection", \.collection, .text("a path"), expected: "the path of a collection",
      example: "Data/helpdesk", "a folder, an archive or a table"),
    .encoding, .columns, .labels, .documents,
    .split(\.split, \.shares).alternative(
      "split: { share: 0.8, seed: 7 }  # the part for training, as in a recipe with these shares"),
    .optional(
      "verdicts", \.verdicts, .text("the path of a qrels file"),
      "grades that 'ltr judge' gave to pairs without a human judgment: false negatives become "
        + "positives"
    ).later(),
    .custom(
      .firstStage,
      read: { (section, root) throws(Failure) in root.firstStage = try StageOptions.all(section) },
      write: { root, _ in .list(root.firstStage.map(\.entries)) }),
    .section("exclude", \.exclude, "documents that are never negatives"),
    .section(
      "filter", \.filter,
      "candidates rejected as false negatives or as too easy, by the first stage's ranks and scores"
    ),
    .optionalSection(
      "teacher", \.teacher,
      "a cross-encoder whose scores are written, for margin_mse, kl and other losses, and may reject"
    ),
    .section("sample", \.sample, "how negatives are sampled from the remaining candidates"),
    .section(
      "output", \.output, required: "a section with the folder the job writes",
      "the folder to write, and the formats"),
    .section("report", \.report, "contents of the report"),
    .extends("job"),
  ]

  mutating func check(_ job: RecipeSection) throws(Failure) {
    // As a recipe settles them that has no other data for dev and test.
    if let given = shares {
      shares?.test = given.share(of: .test)
      split = SplitShares.Part.train.rawValue
    }
    try checkQuotas(job)
    guard output.formats.contains(.teacherRun), teacher == nil else { return }
    throw Failure(
      .badRecipe, "the format 'teacher_run' needs a teacher's scores, and 'teacher' is missing",
      at: job.place(of: "output"), expected: "a section 'teacher'",
      remedy: "add 'teacher', or omit 'teacher_run'")
  }

  /// If all first stages have quotas, these must add up to at least the number of negatives.
  private func checkQuotas(_ job: RecipeSection) throws(Failure) {
    let quotas = firstStage.compactMap(\.quota)
    guard quotas.count == firstStage.count, quotas.reduce(0, +) < sample.count else { return }
    throw Failure(
      .badRecipe,
      "the quotas add up to \(quotas.reduce(0, +)), and \(sample.count) negatives are requested",
      at: job.place(of: "first_stage"), expected: "quotas that add up to 'sample.count' or more",
      remedy: "raise a quota, or omit one: its source then gives the remainder")
  }
}
