public import Diagnostics
public import Options

/// A judging job: all settings of `ltr judge`, read from one YAML file.
public struct JudgeJob: Sendable, Equatable {
  /// The path of the collection.
  public var collection = ""
  /// The encoding of the collection's files; nil for UTF-8 or that of a byte-order mark.
  public var encoding: String?
  /// How tables are read.
  public var table = TableOptions()
  /// The split with human judgments to compare with; nil for none.
  public var split: String?
  /// The path of the run whose pairs are judged.
  public var candidates = ""
  /// Candidates per query.
  public var depth = 10
  /// The judge.
  public var judge = JudgeKeys()
  /// The most that the job may spend.
  public var budget = BudgetKeys()
  /// The folder to write.
  public var output = ""

  private init() {}

  /// Reads a job.
  ///
  /// - Throws: `.badRecipe` with file, line, column and key for the first mistake in the job, and with
  ///   the others in `further`.
  public init(_ source: RecipeSource) throws(Failure) { self = try source.read() }

  package static let keyPaths = descriptions().flatMap { $0.paths() }

  /// The job as YAML with every default written out, in a fixed order, without comments. Reading it
  /// gives an equal job.
  public var resolved: String { YAMLText.lines(entries(.resolved)) }
}

/// `judge`: an endpoint with its model, or a file of verdicts.
public struct JudgeKeys: Sendable, Equatable {
  /// The address of an OpenAI-compatible API.
  public var endpoint: String?
  /// The model.
  public var model: String?
  /// A file of verdicts, in place of an endpoint.
  public var file: String?
  /// The template of the question; nil for the default one.
  public var prompt: String?
  /// The best grade.
  public var highestGrade = 3
  /// The most tokens of an answer.
  public var maximumTokens = 300
  /// Requests at a time.
  public var concurrency = 4
  /// Seconds a request may take.
  public var timeout = 60.0
  /// Retries after a fault.
  public var retries = 4
}

/// `budget`: what a job may spend over all its runs.
public struct BudgetKeys: Sendable, Equatable {
  /// Requests; nil for no limit.
  public var requests: Int?
  /// Tokens; nil for no limit.
  public var tokens: Int?
}

extension JudgeJob: CollectionSection {
  static let defaults = JudgeJob()

  static let options: [Option<JudgeJob>] = [
    .required(
      "collection", \.collection, .text("a path"), expected: "the path of a collection",
      example: "Data/helpdesk", "a folder, an archive or a table"),
    .encoding, .columns, .labels, .documents,
    .optional(
      "split", \.split, .text("the name of a split"),
      "human judgments to compare with, where they have the same pairs; null for none"),
    .required(
      "candidates", \.candidates, .text("the path of a run"), expected: "the path of a TREC run",
      example: "Checkpoints/helpdesk-bm25.train.run", "the run whose pairs are judged"),
    .init("depth", \.depth, .integer(1...100_000), "candidates judged per query"),
    .section(
      "judge", \.judge, required: "a section with an endpoint and a model, or a file of verdicts",
      "what judges; a key of its API is read from LTR_JUDGE_API_KEY"),
    .section("budget", \.budget, "the most that the job may spend, over all its runs"),
    .required(
      "output", \.output, .text("a path"), expected: "the folder to write",
      example: "Checkpoints/helpdesk-judged", "the folder to write"),
    .extends("job"),
  ]
}

extension JudgeKeys: Section {
  static let defaults = JudgeKeys()

  static let options: [Option<JudgeKeys>] = [
    .optional(
      "endpoint", \.endpoint, .text("an address"),
      "the address of an OpenAI-compatible API, up to /v1"
    ).shown(as: "http://localhost:8000/v1"),
    .optional("model", \.model, .text("a name"), "the model, as the API calls it")
      .shown(as: "qwen3"),
    .optional(
      "file", \.file, .text("the path of a file of verdicts"),
      "verdicts of an earlier job or another program, in place of an endpoint"),
    .optional(
      "prompt", \.prompt, .text("a template"),
      "the question, with {query}, {document} and {highest}; null for the default one"),
    .init("highest_grade", \.highestGrade, .integer(1...100), "the best grade; the worst is 0"),
    .init("max_tokens", \.maximumTokens, .integer(1...1_000_000), "tokens of an answer at most"),
    .init("concurrency", \.concurrency, .integer(1...256), "requests at a time"),
    .init("timeout", \.timeout, .number(.within(0.001, 86_400)), "seconds a request may take"),
    .init(
      "retries", \.retries, .integer(0...100),
      "retries after a fault or an answer without a grade, each after twice the delay"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    if (endpoint == nil) == (file == nil) {
      throw Failure(
        .badRecipe, "the judge has \(file == nil ? "neither" : "both") 'endpoint' and 'file'",
        at: section.place(of: endpoint == nil ? "model" : "endpoint"),
        expected: "an endpoint with a model, or a file of verdicts", remedy: "give one of the two")
    }
    if endpoint != nil, model == nil {
      throw Failure(
        .badRecipe, "the judge has an endpoint and no model", at: section.place(of: "endpoint"),
        expected: "the name of a model, as 'model'")
    }
    let missing = ["{query}", "{document}"].filter { prompt?.contains($0) == false }
    if !missing.isEmpty {
      throw Failure(
        .badRecipe, "the prompt lacks \(missing.joined(separator: " and "))",
        at: section.place(of: "prompt"), expected: "a template with {query} and {document}")
    }
  }
}

extension BudgetKeys: Section {
  static let defaults = BudgetKeys()

  static let options: [Option<BudgetKeys>] = [
    .optional(
      "requests", \.requests, .integer(1...Int.max),
      "requests, retries among them; null for no limit"),
    .optional(
      "tokens", \.tokens, .integer(1...Int.max),
      "tokens of questions and answers, as the server counts; null for no limit"),
  ]
}
