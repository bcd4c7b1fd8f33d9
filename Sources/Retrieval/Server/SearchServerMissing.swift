#if !Network
  public import Corpora
  public import Diagnostics
  public import Options

  /// The replacement in a program that is built without the HTTP client: none can be made.
  public final class SearchServer: FirstStage, Sendable {
    /// The name of a server; there is none.
    public let name = ""
    /// The fingerprint of a server; there is none.
    public let fingerprint = ""

    /// No server.
    ///
    /// - Throws: `unavailable`.
    public init(
      _ options: SearchServerOptions, credentials: SearchCredentials? = nil
    ) throws(Failure) {
      throw Failure(
        .unavailable, "this program was built without requests to search servers",
        at: Place(options.url, key: options.index),
        remedy: "build with the package trait Network, which is on by default")
    }

    /// The best documents; there are none.
    public func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] { [] }
  }
#endif
