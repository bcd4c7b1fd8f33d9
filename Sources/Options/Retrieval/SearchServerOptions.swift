/// How a search server is reached and asked: OpenSearch, Elasticsearch, or another server with their
/// `_msearch`.
public struct SearchServerOptions: Sendable, Equatable {
  /// Where the server is, as in `https://search.example.org:9200`, with a path before the API's where
  /// it has one.
  public var url: String
  /// The index, or an alias or pattern that the server understands.
  public var index: String
  /// The path of a JSON file with the body of a request; nil for all words in title and text.
  public var body: String?
  /// The stored field that holds a document's id; nil for the server's own `_id`.
  public var identifierField: String?
  /// A file of certificates, PEM, that vouch for the server beside those of the system.
  public var certificates: String?
  /// How many queries a request holds.
  public var batch = 32
  /// How many requests are under way at a time.
  public var concurrency = 4
  /// How long a request may take, in seconds.
  public var timeout = 30.0
  /// How often a request is sent again that met an overloaded, restarting or unreachable server.
  public var retries = 6
  /// How long is waited before the first of them, in seconds; each further time twice as long.
  public var firstWait = 0.5
  /// How long is waited at most, in seconds.
  public var longestWait = 30.0

  /// An index of a server.
  public init(url: String, index: String) {
    (self.url, self.index) = (url, index)
  }
}
