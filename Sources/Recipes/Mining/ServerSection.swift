public import Options

/// `server` of a first stage: OpenSearch, Elasticsearch, or what speaks their `_msearch`. Credentials are
/// taken from the environment.
public struct ServerSection: Sendable, Equatable {
  /// Where the server is, as in `https://search.example.org:9200`.
  public var url = ""
  /// The index, an alias or a pattern.
  public var index = ""
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
}

extension ServerSection: Section {
  static let defaults = ServerSection()

  static let options: [Option<ServerSection>] = [
    .required(
      "url", \.url, .text("an address"),
      expected: "an address such as https://search.example.org:9200",
      example: "https://search.example.org:9200", "the address of the server"),
    .required(
      "index", \.index, .text("the name of an index"),
      expected: "the name of an index of the server", example: "articles",
      "the index, an alias or a pattern"),
    .optional(
      "body", \.body, .text("the path of a JSON file"),
      "a request's body, with '{{query}}' and '{{depth}}' in it; null looks for all words in title and "
        + "text"
    ).shown(as: "query.json"),
    .optional(
      "id_field", \.idField, .text("the name of a field"),
      "a stored field with the corpus's ids; null for the server's _id"
    ).shown(as: "docid"),
    .optional(
      "certificates", \.certificates, .text("the path of a PEM file"),
      "certificates that vouch for the server, beside those of the system"
    ).shown(as: "ca.pem"),
    .init("batch", \.batch, .integer(1...10_000), "queries in a request"),
    .init("concurrency", \.concurrency, .integer(1...256), "requests at a time"),
    .init("timeout", \.timeout, .number(.within(0.001, 86_400)), "seconds a request may take"),
    .init(
      "retries", \.retries, .integer(0...100),
      "of a server that is busy or away, each after twice the time"),
  ]
}

/// How an index is searched: keys beside `index` that mean something to dense ones.
public struct IndexSearchSection: Sendable, Equatable {
  /// The model that embeds queries, where it is not the one that the index names.
  public var model: String?
  /// What its products are computed in.
  public var precision = PrecisionOption.auto
  /// How many lists of an IVF index are looked into; nil for as many as the index says.
  public var probes: Int?
  /// How many candidates the search in an HNSW index keeps; nil for as many as the index says.
  public var graphCandidates: Int?
}

extension IndexSearchSection: Section {
  static let defaults = IndexSearchSection()

  static let options: [Option<IndexSearchSection>] = [
    .optional(
      "model", \.model, .text("the path of a bi-encoder"),
      "of a dense index, the model that it was built with, where that has moved"),
    .init(
      "precision", \.precision, .trainingPrecision,
      "of a dense index, what the model's products are computed in"
    ).omittedAtDefault(),
    .optional(
      "nprobe", \.probes, .integer(1...1_000_000),
      "of an IVF index, how many lists are searched"),
    .optional(
      "ef_search", \.graphCandidates, .integer(1...1_000_000),
      "of an HNSW index, how many candidates the search keeps"),
  ]
}
