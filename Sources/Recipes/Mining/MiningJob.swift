public import Diagnostics
public import Options

/// A mining job: everything that says what `ltr mine` does, read from one YAML file.
public struct MiningJob: Sendable, Equatable {
  /// The path of the collection.
  public var collection = ""
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  public var encoding: String?
  /// The name of the qrels file, without its extension.
  public var split = "train"
  /// Where candidates come from, at least one.
  public var firstStage: [StageSection] = []
  /// What is never a negative.
  public var exclude = Exclusions()
  /// What is taken for a false negative, or for too easy.
  public var filter = ScoreFilters()
  /// A cross-encoder that scores what is written; nil for none.
  public var teacher: TeacherOptions?
  /// Which candidates are taken.
  public var sample = Sampling()
  /// What is written where.
  public var output = MinedOptions()
  /// What the report shows.
  public var report = MiningReportOptions()

  private init() {}

  /// Reads a job.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: what the file is called in failures.
  ///   - overrides: `key.path=value` each, as `--set` takes them; later ones win.
  ///
  /// Throws `.badRecipe` with file, line, column and key for whatever is not right, and `.usage`
  /// for an override that is none.
  public init(text: String, file: String, overrides: [String] = []) throws(Failure) {
    try self.init(
      RecipeSection(text: text, file: file, overrides: overrides, keys: Self.keys))
  }

  /// The job as YAML with every default written out, in a fixed order, without comments. It reads
  /// back as the same job.
  public var resolved: String { YAMLText.lines(entries(.resolved)) }

  /// What the result depends on: the job but for where it is written, and without the keys that
  /// earlier versions did not have, where they change nothing.
  public var identity: String {
    var job = self
    job.output.folder = ""
    return YAMLText.lines(job.entries(.identity))
  }

  /// The dotted path of every key a job can have, in the order of `resolved`; those of a first stage
  /// are not among them.
  package static let keyPaths = descriptions().flatMap { $0.paths() }
}

extension MiningJob: Section {
  static let defaults = MiningJob()

  static let options: [Option<MiningJob>] = [
    .required(
      "collection", \.collection, .text("a path"), expected: "the path of a collection",
      example: "Data/helpdesk", "a folder or an archive"),
    .optional("encoding", \.encoding, .encoding, encodingMeaning).later(),
    .init("split", \.split, .split, splitMeaning),
    .custom(
      .firstStage,
      read: { (section, root) throws(Failure) in root.firstStage = try StageSection.all(section) },
      write: { root, _ in .list(root.firstStage.map(\.entries)) }),
    .section("exclude", \.exclude, "what is never a negative"),
    .section(
      "filter", \.filter,
      "what is taken for a false negative, or for too easy, by the first stage's ranks and scores"),
    .optionalSection(
      "teacher", \.teacher,
      "a cross-encoder whose scores are written, for margin_mse, kl and other losses, and may reject"
    ),
    .section("sample", \.sample, "which of the candidates that are left are taken"),
    .section(
      "output", \.output, required: "a section with the folder the job writes",
      "what is written where"),
    .section("report", \.report, "what the report shows"),
  ]

  func check(_ job: RecipeSection) throws(Failure) {
    try checkQuotas(job)
    guard output.formats.contains(.teacherRun), teacher == nil else { return }
    throw Failure(
      .badRecipe, "the format 'teacher_run' has a teacher's scores, and there is no teacher",
      at: job.place(of: "output"), expected: "a section 'teacher'",
      remedy: "add 'teacher', or leave 'teacher_run' out")
  }

  /// Quotas have to leave room for what is wanted, and be worth something.
  private func checkQuotas(_ job: RecipeSection) throws(Failure) {
    let quotas = firstStage.compactMap(\.quota)
    guard quotas.count == firstStage.count, quotas.reduce(0, +) < sample.count else { return }
    throw Failure(
      .badRecipe,
      "the quotas add up to \(quotas.reduce(0, +)), and \(sample.count) negatives are wanted",
      at: job.place(of: "first_stage"), expected: "quotas that add up to 'sample.count' or more",
      remedy: "raise a quota, or leave one out: its source then gives what is missing")
  }
}
