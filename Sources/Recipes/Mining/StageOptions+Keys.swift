import Diagnostics
package import Options

/// A first stage of a job or a recipe: one entry of `first_stage`, or `candidates`.
extension StageOptions: Section {
  static let defaults = StageOptions()

  private static let forms =
    "{ index: FOLDER }, { run: FILE }, { server: { … } } or { fuse: [ … ] }"

  static let options: [Option<StageOptions>] = [
    .optional(
      "name", \.name, .text("a name"),
      "its name in output and report; null for the name of its file or folder"),
    .init("depth", \.depth, .integer(1...1_000_000), "candidates of a query"),
    .init(
      "weight", \.weight, .number(.above(0)), "of a part of a fusion, its weight in the sum"
    ).omittedAtDefault(),
    .optional(
      "quota", \.quota, .integer(1...100_000),
      "beside other first stages, the most negatives of a query that come from it; null divides the "
        + "remainder"),
  ]

  private static let index = ValueKind<String>.text("the path of an index")
  private static let kinds = ValueKind<Build>.choice
  private static let run = ValueKind<String>.text("the path of a run file")
  private static let fusion = ValueKind<Fusion>.choice

  /// The keys of a first stage in any form.
  private static let allKeys =
    ["index", "build", "run", "server", "fuse", "by"] + keys + IndexSearchOptions.keys

  /// The section as the entries of a mapping on one line.
  var entries: [Written.Entry] {
    var entries: [Written.Entry]
    switch source {
    case .index(let path):
      entries = [.init(key: "index", value: .value(Self.index.text(path)))]
      if let build { entries.append(.init(key: "build", value: .value(Self.kinds.text(build)))) }
      entries += search.entries(.inline)
    case .run(let path): entries = [.init(key: "run", value: .value(Self.run.text(path)))]
    case .server(let server):
      entries = [.init(key: "server", value: .mapping(server.entries(.inline)))]
    case .fuse(let parts, let fusion):
      entries = [
        .init(key: "fuse", value: .list(parts.map(\.entries))),
        .init(key: "by", value: .value(Self.fusion.text(fusion))),
      ]
    }
    return entries + self.entries(.inline)
  }

  /// The section as YAML on one line.
  package var text: String { YAMLText.inline(entries) }

  /// The stages of a job: a single one, or a list.
  static func all(_ job: RecipeSection) throws(Failure) -> [StageOptions] {
    let node = try job.required("first_stage", job.node("first_stage"), expected: forms)
    let path = job.path(of: "first_stage")
    guard case .list(let items) = node.content else {
      return [
        try StageOptions(
          RecipeSection(node, path: path, keys: allKeys, problems: job.problems), among: 1,
          fused: false)
      ]
    }
    return try stages(items, path: path, job, "first_stage", fused: false) ?? []
  }

  /// The single stage at a key that has other forms as well.
  ///
  /// - Throws: `badRecipe` if the value is not a mapping of a first stage.
  static func single(_ section: RecipeSection, _ key: String, _ node: RecipeNode) throws(Failure)
    -> StageOptions
  {
    guard case .mapping = node.content else {
      throw section.wrong(key, node, expected: "the path of a run file, or \(forms)")
    }
    return try StageOptions(
      RecipeSection(
        node, path: section.path(of: key), keys: allKeys, problems: section.problems),
      among: 1, fused: false)
  }

  /// The stages of a list; nil if one of them has a mistake that has been noted.
  private static func stages(
    _ items: [RecipeNode], path: String, _ section: RecipeSection, _ key: String, fused: Bool
  ) throws(Failure) -> [StageOptions]? {
    guard !items.isEmpty else {
      throw Failure(
        .badRecipe, "'\(key)' is an empty list", at: section.place(of: key), expected: forms)
    }
    return try section.each(items) { (item, _) throws(Failure) in
      let part = try RecipeSection(item, path: path, keys: allKeys, problems: section.problems)
      return try StageOptions(part, among: items.count, fused: fused)
    }
  }

  private init(_ section: RecipeSection, among count: Int, fused: Bool) throws(Failure) {
    let names = ["index", "run", "server", "fuse"]
    let given = names.filter { section.node($0) != nil }
    guard given.count == 1, let form = given.first else {
      if given.isEmpty, let failure = section.misspelling(of: names) { throw failure }
      throw Failure(
        .badRecipe,
        given.isEmpty
          ? "the first stage is neither an index, a run, a server nor a fusion"
          : "the first stage is both '\(given[0])' and '\(given[1])'",
        at: section.place, expected: "one of \(Self.forms)")
    }
    var source = Source.run("")
    try section.collect { () throws(Failure) in source = try Self.source(form, section) }
    func refuse(_ key: String, unless allowed: Bool, _ place: String) throws(Failure) {
      guard section.node(key) != nil, !allowed else { return }
      try section.collect { () throws(Failure) in
        throw Failure(
          .badRecipe, "'\(key)' applies only \(place)", at: section.place(of: key),
          remedy: "remove '\(key)'")
      }
    }
    for key in IndexSearchOptions.keys {
      try refuse(key, unless: form == "index", "to a first stage with 'index'")
    }
    try refuse("build", unless: form == "index", "to a first stage with 'index'")
    try refuse("by", unless: form == "fuse", "to a first stage with 'fuse'")
    try refuse("weight", unless: fused, "to a part of a fusion")
    try refuse("quota", unless: !fused && count > 1, "beside other first stages")
    try self.init(section)
    self.source = source
    guard form == "index" else { return }
    search = try IndexSearchOptions(section)
    try section.collect { () throws(Failure) in
      build = try Self.kinds.read(section, "build")
    }
    if section.isIntact { try checkBuild(section) }
  }

  /// Reads the source of a stage, of the form that its only key of a source says.
  private static func source(
    _ form: String, _ section: RecipeSection
  ) throws(Failure) -> Source {
    switch form {
    case "index": return .index(try index.read(section, "index") ?? "")
    case "run": return .run(try run.read(section, "run") ?? "")
    case "server":
      return .server(
        try SearchServerOptions(
          section.required(
            "server", section.section("server", keys: SearchServerOptions.keys),
            expected: "{ url: ADDRESS, index: NAME }")))
    default:
      guard let node = section.node("fuse"), case .list(let items) = node.content, items.count > 1
      else {
        throw Failure(
          .badRecipe, "'fuse' lists fewer than two first stages", at: section.place(of: "fuse"),
          expected: "a list of two or more first stages")
      }
      var method = Fusion.rrf
      try section.collect { () throws(Failure) in
        method = try fusion.read(section, "by") ?? .rrf
      }
      let parts = try stages(
        items, path: section.path(of: "fuse"), section, "fuse", fused: true)
      return .fuse(parts ?? [], by: method)
    }
  }

  /// Embeddings need a model, and words have none.
  private func checkBuild(_ section: RecipeSection) throws(Failure) {
    switch build {
    case .dense where search.model == nil:
      throw Failure(
        .badRecipe, "'build: dense' needs a model that embeds the documents",
        at: section.place(of: "build"), expected: "'model' with the path of a bi-encoder",
        remedy: "add 'model'")
    case .bm25:
      for key in IndexSearchOptions.keys where section.node(key) != nil {
        throw Failure(
          .badRecipe, "'\(key)' does not apply to an index of words",
          at: section.place(of: key), expected: "'build: bm25' without '\(key)'",
          remedy: "remove '\(key)', or write 'build: dense'")
      }
    case .dense, nil: return
    }
  }
}
