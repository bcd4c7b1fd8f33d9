#if Serving
  import ArgumentParser
  import Serving

  /// The limits of `ltr serve`.
  struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The most documents of a request.", valueName: "count"))
    var maxDocuments = ServingLimits().documents

    @Option(help: ArgumentHelp("The most bytes of a request's body.", valueName: "bytes"))
    var maxBody = ServingLimits().bodyBytes

    @Option(help: ArgumentHelp("The most bytes of a query or a document.", valueName: "bytes"))
    var maxText = ServingLimits().textBytes

    @Option(
      help: ArgumentHelp(
        "The most documents that may wait to be scored, of all requests; further requests get status 429.",
        valueName: "count"))
    var maxQueue = ServingLimits().queuedDocuments

    @Option(
      help: ArgumentHelp(
        "The most bytes of the bodies of all requests and responses in memory; further requests "
          + "get status 429. A parsed body takes a few times its bytes.",
        valueName: "bytes"))
    var maxMemory = ServingLimits().bytesInMemory

    @Option(
      help: ArgumentHelp(
        "The most open connections; beyond this limit, only /health, /ready and /metrics are "
          + "answered. Without it, \(ServingLimits().connections), or as many as the limit on "
          + "file descriptors allows.",
        valueName: "count"))
    var maxConnections: Int?

    @Option(
      help: ArgumentHelp(
        "How long scoring a request may take once it is received; a request that would take longer is refused at once (429).",
        valueName: "seconds"))
    var requestTimeout = 60.0

    @Option(
      help: ArgumentHelp(
        "How long a client may take to send a request, and to take a response.",
        valueName: "seconds"))
    var readTimeout = 20.0

    @Option(
      help: ArgumentHelp(
        "How long a connection stays open between requests.", valueName: "seconds"))
    var idleTimeout = 75.0

    @Option(
      help: ArgumentHelp(
        "How long requests may take to end when the server is stopped.", valueName: "seconds"))
    var shutdownTimeout = 30.0

    func validate() throws {
      for (name, count) in [
        ("documents", maxDocuments), ("body", maxBody), ("text", maxText), ("queue", maxQueue),
        ("memory", maxMemory), ("connections", maxConnections ?? 1),
      ] {
        guard (1...1 << 40).contains(count) else {
          throw ValidationError("--max-\(name) must be 1 or more, and no more than 2^40.")
        }
      }
      for (name, seconds) in [
        ("request", requestTimeout), ("read", readTimeout), ("idle", idleTimeout),
        ("shutdown", shutdownTimeout),
      ] {
        guard seconds > 0, seconds <= 86_400 else {
          throw ValidationError("--\(name)-timeout must be above 0 and at most 86,400 seconds.")
        }
      }
      guard maxQueue >= maxDocuments else {
        throw ValidationError(
          "--max-queue must be at least --max-documents: a request of that size could never be "
            + "accepted.")
      }
      let response = ServingLimits.mostResponseBytes(documents: maxDocuments)
      guard maxMemory >= maxBody + response else {
        throw ValidationError(
          "--max-memory must be at least --max-body and \(response) bytes for the response: a "
            + "request of that size could never be accepted."
        )
      }
    }

    /// The limits from the options.
    var limits: ServingLimits {
      var limits = ServingLimits()
      limits.documents = maxDocuments
      limits.bodyBytes = maxBody
      limits.textBytes = maxText
      limits.queuedDocuments = maxQueue
      limits.bytesInMemory = maxMemory
      if let maxConnections { limits.connections = maxConnections }
      limits.requestTimeout = .seconds(requestTimeout)
      limits.readTimeout = .seconds(readTimeout)
      limits.idleTimeout = .seconds(idleTimeout)
      limits.shutdownTimeout = .seconds(shutdownTimeout)
      return limits
    }
  }
#endif
