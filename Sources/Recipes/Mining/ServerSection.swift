import Diagnostics

/// `server` of a first stage: OpenSearch, Elasticsearch, or what speaks their `_msearch`. Who asks is
/// not said here but in the environment.
public struct ServerSection: Sendable, Equatable {
  /// Where the server is, as in `https://search.example.org:9200`.
  public var url: String
  /// The index, an alias or a pattern.
  public var index: String
  /// A JSON file with the body of a query; nil for all words in title and text.
  public var body: String?
  /// The stored field with a document's id; nil for the server's own.
  public var idField: String?
  /// A file of certificates, PEM, that vouch for the server beside those of the system.
  public var certificates: String?
  /// How many queries a request holds.
  public var batch = 32
  /// How many requests are under way at a time.
  public var concurrency = 4
  /// How long a request may take, in seconds.
  public var timeout = 30.0
  /// How often a request is sent again.
  public var retries = 6

  static let keys = [
    "url", "index", "body", "id_field", "certificates", "batch", "concurrency", "timeout",
    "retries",
  ]

  init(_ section: RecipeSection) throws(Failure) {
    url = try section.required(
      "url", section.text("url", expected: "an address"),
      expected: "an address such as https://search.example.org:9200")
    index = try section.required(
      "index", section.text("index", expected: "the name of an index"),
      expected: "the name of an index of the server")
    body = try section.text("body", expected: "the path of a JSON file")
    idField = try section.text("id_field", expected: "the name of a field")
    certificates = try section.text("certificates", expected: "the path of a PEM file")
    batch = try section.integer("batch", in: 1...10_000) ?? batch
    concurrency = try section.integer("concurrency", in: 1...256) ?? concurrency
    timeout = try section.number("timeout", .within(0.001, 86_400)) ?? timeout
    retries = try section.integer("retries", in: 0...100) ?? retries
  }

  /// The section as the entries of a mapping.
  var entries: [(key: String, value: String)] {
    var entries = [("url", ResolvedText.word(url)), ("index", ResolvedText.word(index))]
    for (key, value) in [("body", body), ("id_field", idField), ("certificates", certificates)] {
      if let value { entries.append((key, ResolvedText.word(value))) }
    }
    entries.append(("batch", "\(batch)"))
    entries.append(("concurrency", "\(concurrency)"))
    entries.append(("timeout", ResolvedText.number(timeout)))
    entries.append(("retries", "\(retries)"))
    return entries.map { (key: $0.0, value: $0.1) }
  }
}

/// How an index is searched: keys beside `index` that mean something to dense ones.
public struct IndexSearchSection: Sendable, Equatable {
  /// The model that embeds queries, where it is not the one that the index names.
  public var model: String?
  /// What its products are computed in.
  public var precision = TrainingSection.Precision.auto
  /// How many lists of an IVF index are looked into; nil for as many as the index says.
  public var probes: Int?
  /// How many candidates the search in an HNSW index keeps; nil for as many as the index says.
  public var graphCandidates: Int?

  static let keys = ["model", "precision", "nprobe", "ef_search"]

  init() {}

  init(_ section: RecipeSection) throws(Failure) {
    model = try section.text("model", expected: "the path of a bi-encoder")
    precision = try section.choice("precision") ?? precision
    probes = try section.integer("nprobe", in: 1...1_000_000)
    graphCandidates = try section.integer("ef_search", in: 1...1_000_000)
  }

  /// What is not as it is anyway, as the entries of a mapping.
  var entries: [(key: String, value: String)] {
    var entries: [(key: String, value: String)] = []
    if let model { entries.append(("model", ResolvedText.word(model))) }
    if precision != .auto { entries.append(("precision", precision.rawValue)) }
    if let probes { entries.append(("nprobe", "\(probes)")) }
    if let graphCandidates { entries.append(("ef_search", "\(graphCandidates)")) }
    return entries
  }
}
