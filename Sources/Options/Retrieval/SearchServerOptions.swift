/// The address and settings of a search server: OpenSearch, Elasticsearch, or any other server with
/// their `_msearch`.
public struct SearchServerOptions: Sendable, Equatable {
  /// The server's URL, as in `https://search.example.org:9200`, with the path before the API's if
  /// there is one.
  public var url: String
  /// The index, or an alias or pattern that the server understands.
  public var index: String
  /// The path of a JSON file with the body of a request; nil to match all words in title and text.
  public var body: String?
  /// The stored field that holds a document's id; nil for the server's own `_id`.
  public var identifierField: String?
  /// A PEM file of certificates that are trusted in addition to the system's.
  public var certificates: String?
  /// The number of queries per request.
  public var batch = 32
  /// The number of concurrent requests.
  public var concurrency = 4
  /// The time limit of a request, in seconds.
  public var timeout = 30.0
  /// The maximum number of retries of a request after an overloaded, restarting or unreachable
  /// server.
  public var retries = 6
  /// The wait before the first retry, in seconds; it doubles with each further retry.
  public var firstWait = 0.5
  /// The longest wait, in seconds.
  public var longestWait = 30.0

  /// The options of an index on a server.
  public init(url: String, index: String) {
    (self.url, self.index) = (url, index)
  }
}
