import Options

/// `output`: the output of the job.
extension MinedOptions: Section {
  static let defaults = MinedOptions()

  static let options: [Option<MinedOptions>] = [
    .required(
      "folder", \.folder, .text("a path"), expected: "the folder the job writes",
      example: "Checkpoints/helpdesk-mined", "the folder the job writes"),
    .init(
      "formats", \.formats, .choices(),
      "the formats to write; lists is the one that data.train.lists of a recipe reads"),
    .init("texts", \.texts, .flag, "false writes only ids"),
    .optional(
      "positives", \.positives, .integer(1...1_000_000),
      "positives of a query at most, the best grades first; null for all"),
    .init(
      "batch", \.batch, .integer(1...100_000),
      "queries that are written together: the most that a crash loses"),
  ]
}

/// `report`: the contents of the report.
extension MiningReportOptions: Section {
  static let defaults = MiningReportOptions()

  static let options: [Option<MiningReportOptions>] = [
    .init("examples", \.examples, .integer(0...1000), "queries to show as examples"),
    .init(
      "probes", \.probes, .integer(0...1000),
      "candidates a query that the teacher scores before any filter"),
    .init("depths", \.depths, .ranks, "the depths at which the first stage's recall is reported"),
  ]
}
