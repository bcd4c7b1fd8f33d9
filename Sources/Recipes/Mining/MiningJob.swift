public import Diagnostics

/// A mining job: everything that says what `ltr mine` does, read from one YAML file.
public struct MiningJob: Sendable, Equatable {
  /// The path of the collection.
  public var collection: String
  /// The encoding of the collection's files; nil for UTF-8, or what a byte-order mark says.
  public var encoding: String?
  /// The name of the qrels file, without its ending.
  public var split = "train"
  /// Where candidates come from, at least one.
  public var firstStage: [StageSection]
  /// What is never a negative.
  public var exclude: ExcludeSection
  /// What is taken for a false negative, or for too easy.
  public var filter: FilterSection
  /// A cross-encoder that scores what is written; nil for none.
  public var teacher: TeacherSection?
  /// Which candidates are taken.
  public var sample: SampleSection
  /// What is written where.
  public var output: MinedSection
  /// What the report shows.
  public var report: MiningReportSection

  static let keys = [
    "collection", "encoding", "split", "first_stage", "exclude", "filter", "teacher", "sample",
    "output",
    "report",
  ]

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
    let job = try RecipeSection(text: text, file: file, overrides: overrides, keys: Self.keys)
    collection = try job.required(
      "collection", job.text("collection", expected: "a path"),
      expected: "the path of a collection")
    encoding = try job.text("encoding", expected: "the name of an encoding")
    split = try job.text("split", expected: "the name of a qrels file") ?? split
    firstStage = try StageSection.all(job)
    exclude = try ExcludeSection(job.section("exclude", keys: ExcludeSection.keys))
    filter = try FilterSection(job.section("filter", keys: FilterSection.keys))
    if let section = try job.section("teacher", keys: TeacherSection.keys) {
      teacher = try TeacherSection(section)
    }
    sample = try SampleSection(job.section("sample", keys: SampleSection.keys))
    output = try MinedSection(
      job.required(
        "output", job.section("output", keys: MinedSection.keys),
        expected: "a section with the folder the job writes"))
    report = try MiningReportSection(job.section("report", keys: MiningReportSection.keys))
    try checkQuotas(job)
    if output.formats.contains(.teacherRun), teacher == nil {
      throw Failure(
        .badRecipe, "the format 'teacher_run' has a teacher's scores, and there is no teacher",
        at: job.place(of: "output"), expected: "a section 'teacher'",
        remedy: "add 'teacher', or leave 'teacher_run' out")
    }
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

  /// The job as YAML with every default written out, in a fixed order, without comments. It reads
  /// back as the same job.
  public var resolved: String { text(ResolvedText(), folder: output.folder) }

  /// What the result depends on: the job but for where it is written, and without the keys that
  /// earlier versions did not have, where they change nothing.
  public var identity: String { text(ResolvedText(isIdentity: true), folder: "") }

  private func text(_ start: ResolvedText, folder: String) -> String {
    var text = start
    text.add("collection", collection)
    text.add(later: "encoding", encoding)
    text.add("split", split)
    text.list("first_stage") { text in
      for stage in firstStage { text.item(stage.entries) }
    }
    text.section("exclude") { exclude.write(to: &$0) }
    text.section("filter") { filter.write(to: &$0) }
    text.section("teacher", teacher) { $0.write(to: &$1) }
    text.section("sample") { sample.write(to: &$0) }
    text.section("output") { output.write(to: &$0, folder: folder) }
    text.section("report") { report.write(to: &$0) }
    return text.text
  }

  /// The dotted path of every key a job can have, in the order of `resolved`; those of a first stage
  /// are not among them.
  public static let keyPaths: [String] = {
    func under(_ path: String, _ keys: [String]) -> [String] {
      [path] + keys.map { "\(path).\($0)" }
    }
    return ["collection", "encoding", "split", "first_stage"]
      + under("exclude", ExcludeSection.keys)
      + under("filter", FilterSection.keys) + under("teacher", TeacherSection.keys)
      + under("sample", SampleSection.keys) + under("output", MinedSection.keys)
      + under("report", MiningReportSection.keys)
  }()
}
