import Diagnostics

/// One entry of `first_stage`: an index, a run file, a search server, or several of them put into one
/// order.
public struct StageSection: Sendable, Equatable {
  /// What finds candidates.
  public enum Source: Sendable, Equatable {
    /// The folder of an index.
    case index(String)
    /// A TREC run.
    case run(String)
    /// A search server.
    case server(ServerSection)
    /// Several in one order.
    case fuse([StageSection], by: Fusion)
  }

  /// A way to put several orders into one.
  public enum Fusion: String, Sendable, CaseIterable {
    /// The sum of weight / (60 + rank) (Cormack et al. 2009).
    case rrf
    /// The weighted sum of scores, each brought to 0…1 over a query's candidates.
    case weighted
    /// The weighted sum of scores, each less the mean of a query's candidates, over their deviation.
    case zScore = "z_score"
  }

  /// What finds candidates.
  public var source: Source
  /// How an index is searched.
  public var search = IndexSearchSection()
  /// What reports call it; nil for the name of its file or folder.
  public var name: String?
  /// How many candidates a query.
  public var depth = 100
  /// What its part of a fusion is multiplied by.
  public var weight = 1.0
  /// How many negatives of a query come from it at most, beside other first stages.
  public var quota: Int?

  static let keys =
    ["index", "run", "server", "fuse", "by", "name", "depth", "weight", "quota"]
    + IndexSearchSection.keys
  private static let forms =
    "{ index: FOLDER }, { run: FILE }, { server: { … } } or { fuse: [ … ] }"

  /// The stages of a job: one, or a list.
  static func all(_ job: RecipeSection) throws(Failure) -> [StageSection] {
    let node = try job.required("first_stage", job.node("first_stage"), expected: forms)
    let path = job.path(of: "first_stage")
    guard case .list(let items) = node.content else {
      return [try StageSection(RecipeSection(node, path: path, keys: keys), among: 1, fused: false)]
    }
    return try stages(items, path: path, job, "first_stage", fused: false)
  }

  private static func stages(
    _ items: [RecipeNode], path: String, _ section: RecipeSection, _ key: String, fused: Bool
  ) throws(Failure) -> [StageSection] {
    guard !items.isEmpty else {
      throw Failure(
        .badRecipe, "'\(key)' is an empty list", at: section.place(of: key), expected: forms)
    }
    var stages: [StageSection] = []
    for item in items {
      let part = try RecipeSection(item, path: path, keys: keys)
      stages.append(try StageSection(part, among: items.count, fused: fused))
    }
    return stages
  }

  private init(_ section: RecipeSection, among count: Int, fused: Bool) throws(Failure) {
    let given = ["index", "run", "server", "fuse"].filter { section.node($0) != nil }
    guard given.count == 1, let form = given.first else {
      throw Failure(
        .badRecipe,
        given.isEmpty
          ? "the first stage is neither an index, a run, a server nor a fusion"
          : "the first stage is both '\(given[0])' and '\(given[1])'",
        at: section.place, expected: "one of \(Self.forms)")
    }
    switch form {
    case "index":
      source = .index(try section.text("index", expected: "the path of an index") ?? "")
      search = try IndexSearchSection(section)
    case "run": source = .run(try section.text("run", expected: "the path of a run file") ?? "")
    case "server":
      source = .server(
        try ServerSection(
          section.required(
            "server", section.section("server", keys: ServerSection.keys),
            expected: "{ url: ADDRESS, index: NAME }")))
    default:
      guard let node = section.node("fuse"), case .list(let items) = node.content, items.count > 1
      else {
        throw Failure(
          .badRecipe, "there is nothing to fuse", at: section.place(of: "fuse"),
          expected: "a list of two first stages or more")
      }
      source = .fuse(
        try Self.stages(items, path: section.path(of: "fuse"), section, "fuse", fused: true),
        by: try section.choice("by") ?? .rrf)
    }
    func refuse(_ key: String, unless allowed: Bool, _ reason: String) throws(Failure) {
      guard section.node(key) != nil, !allowed else { return }
      throw Failure(
        .badRecipe, "'\(key)' has no meaning here: \(reason)", at: section.place(of: key),
        remedy: "remove '\(key)'")
    }
    for key in IndexSearchSection.keys {
      try refuse(key, unless: form == "index", "it says how an index is searched")
    }
    try refuse("by", unless: form == "fuse", "it says how first stages are fused")
    try refuse("weight", unless: fused, "it is that of a part of a fusion")
    try refuse("quota", unless: !fused && count > 1, "there are no first stages beside this one")
    name = try section.text("name", expected: "a name")
    depth = try section.integer("depth", in: 1...1_000_000) ?? depth
    weight = try section.number("weight", .above(0)) ?? weight
    quota = try section.integer("quota", in: 1...100_000)
  }

  private static func mapping(_ entries: [(key: String, value: String)]) -> String {
    "{ \(entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ")) }"
  }

  /// The section as the entries of a mapping on one line.
  var entries: [(key: String, value: String)] {
    var entries: [(key: String, value: String)] = []
    switch source {
    case .index(let path): entries = [("index", ResolvedText.word(path))] + search.entries
    case .run(let path): entries.append(("run", ResolvedText.word(path)))
    case .server(let server): entries.append(("server", Self.mapping(server.entries)))
    case .fuse(let parts, let fusion):
      let texts = parts.map { Self.mapping($0.entries) }
      entries.append(("fuse", "[\(texts.joined(separator: ", "))]"))
      entries.append(("by", fusion.rawValue))
    }
    if let name { entries.append(("name", ResolvedText.word(name))) }
    entries.append(("depth", "\(depth)"))
    if weight != 1 { entries.append(("weight", ResolvedText.number(weight))) }
    if let quota { entries.append(("quota", "\(quota)")) }
    return entries
  }
}
