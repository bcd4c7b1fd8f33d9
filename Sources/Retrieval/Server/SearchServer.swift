#if Network
  import AsyncHTTPClient
  public import Corpora
  public import Diagnostics
  import Foundation
  import NIOCore
  import NIOHTTP1
  import NIOSSL
  public import Options
  import Web

  /// A first stage on a search server: OpenSearch, Elasticsearch, or any server with their
  /// `_msearch`.
  ///
  /// Queries are sent in batches, several at a time. Requests are retried after a wait if the server
  /// is overloaded, restarting or unreachable, or if its response is truncated. Documents with equal
  /// scores are in the order of their ids, since the shards of an index respond in any order.
  public final class SearchServer: FirstStage, Sendable {
    private let options: SearchServerOptions
    private let template: QueryTemplate
    private let credentials: SearchCredentials?
    private let address: String
    private let client: HTTPClient

    /// A server, without a request yet.
    ///
    /// - Throws: `badRecipe` if the URL is invalid; errors of reading the body of requests;
    ///   `missingInput` or `badData` if the certificates cannot be read.
    public init(
      _ options: SearchServerOptions, credentials: SearchCredentials? = nil
    ) throws(Failure) {
      self.options = options
      self.credentials = credentials
      template =
        try options.body.map { path throws(Failure) in
          try QueryTemplate(readingFrom: path)
        } ?? .standard
      address = try options.multiSearchAddress()
      var configuration = HTTPClient.Configuration()
      configuration.redirectConfiguration = .disallow
      configuration.decompression = .enabled(limit: .size(Self.largestAnswer))
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.concurrency
      configuration.timeout = .init(
        connect: .milliseconds(Int64(1000 * min(max(options.timeout, 0.001), 10))), read: nil)
      if let path = options.certificates {
        configuration.tlsConfiguration = try TLSConfiguration.trusting(path)
      }
      client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { try? client.syncShutdown() }

    private var backoff: Backoff {
      Backoff(firstWait: options.firstWait, longestWait: options.longestWait)
    }

    /// The maximum size of a response in bytes.
    private static let largestAnswer = 256 << 20

    /// The index and the server.
    public var name: String { "\(options.index) at \(options.url)" }

    /// The server's address, the index and the body of a request.
    public var fingerprint: String {
      let body = template.body(query: QueryTemplate.queryPlace, depth: 0)
      return "\(address) \(options.identifierField ?? "") \(String(decoding: body, as: UTF8.self))"
    }

    /// The best `depth` documents of each query, with the server's scores.
    ///
    /// - Throws: `unavailable` if the server does not respond after all retries, `badData` if it
    ///   rejects a query or its response is not a list of results.
    public func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
      let batches = stride(from: 0, to: queries.count, by: options.batch).map {
        Array(queries[$0..<min($0 + options.batch, queries.count)])
      }
      return try waiting { [self] () async throws(Failure) in
        try await answers(to: batches, depth: depth)
      }
    }

    /// The response to a batch, or its failure.
    private struct BatchAnswer: Sendable {
      let number: Int
      let result: Result<[[ScoredDocument]], Failure>
    }

    /// Sends all batches, a few at a time; results are in the batches' order.
    private func answers(
      to batches: [[Query]], depth: Int
    ) async throws(Failure) -> [[ScoredDocument]] {
      let outcome = await withTaskGroup(
        of: BatchAnswer.self, returning: Result<[[ScoredDocument]], Failure>.self
      ) { group in
        var next = 0
        var found: [Int: [[ScoredDocument]]] = [:]
        while next < min(options.concurrency, batches.count) {
          add(next, of: batches, depth: depth, to: &group)
          next += 1
        }
        while let answer = await group.next() {
          switch answer.result {
          case .success(let documents): found[answer.number] = documents
          case .failure(let failure):
            group.cancelAll()
            return .failure(failure)
          }
          guard next < batches.count else { continue }
          add(next, of: batches, depth: depth, to: &group)
          next += 1
        }
        return .success(batches.indices.flatMap { found[$0] ?? [] })
      }
      return try outcome.get()
    }

    private func add(
      _ number: Int, of batches: [[Query]], depth: Int, to group: inout TaskGroup<BatchAnswer>
    ) {
      let batch = batches[number]
      group.addTask { [self] in
        do throws(Failure) {
          return BatchAnswer(
            number: number, result: .success(try await answer(to: batch, depth: depth)))
        } catch {
          return BatchAnswer(number: number, result: .failure(error))
        }
      }
    }

    /// Sends a batch: queries that failed temporarily are sent again, the other results are retained.
    private func answer(
      to batch: [Query], depth: Int
    ) async throws(Failure) -> [[ScoredDocument]] {
      var found = [[ScoredDocument]?](repeating: nil, count: batch.count)
      var attempt = 0
      while true {
        let open = batch.indices.filter { found[$0] == nil }
        var problem = ""
        var wait: Double?
        switch await send(open.map { batch[$0] }, depth: depth) {
        case .refused(let failure): throw failure
        case .unavailable(let text, let seconds): (problem, wait) = (text, seconds)
        case .answered(let outcomes):
          for (place, outcome) in zip(open, outcomes) {
            switch outcome {
            case .found(let documents): found[place] = documents
            case .busy(let text): problem = text
            case .refused(let text):
              throw Failure(
                .badData, "the search server rejects query '\(batch[place].id)': \(text)",
                at: Place(options.url, key: options.index),
                remedy: "check the index and the body of the request")
            }
          }
          if problem.isEmpty { return found.map { $0 ?? [] } }
        }
        guard attempt < options.retries else {
          throw Failure(
            .unavailable, "the search server does not answer: \(problem)",
            at: Place(options.url, key: options.index),
            expected: options.retries == 0
              ? "an answer" : "an answer within \(options.retries + 1) attempts",
            remedy: "check that the server is up and not overloaded, then continue with '--resume'")
        }
        await backoff.pause(attempt, atLeast: wait)
        attempt += 1
      }
    }

    private enum Reply {
      case answered([MultiSearch.Outcome])
      case unavailable(String, wait: Double?)
      case refused(Failure)
    }

    /// Sends queries once.
    private func send(_ queries: [Query], depth: Int) async -> Reply {
      var request = HTTPClientRequest(url: address)
      request.method = .POST
      request.headers.add(name: "Content-Type", value: "application/x-ndjson")
      request.headers.add(name: "Accept", value: "application/json")
      if let credentials {
        request.headers.add(name: "Authorization", value: credentials.header)
      }
      request.body = .bytes(MultiSearch.body(queries, depth: depth, template))
      let status: Int
      let data: Data
      let wait: Double?
      do {
        let response = try await client.execute(
          request, deadline: .now() + .milliseconds(Int64(1000 * options.timeout)))
        status = Int(response.status.code)
        wait = seconds(retryAfter: response.headers.first(name: "Retry-After"))
        data = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
      } catch let error as NIOTooManyBytesError {
        return .refused(
          Failure(
            .badData, "the search server's answer is larger than \(Self.largestAnswer >> 20) MiB",
            at: Place(options.url, key: options.index),
            expected: "ids and scores: \(error)", remedy: "add '\"_source\": false' to the body"))
      } catch {
        return .unavailable(networkProblem(error, timeout: options.timeout), wait: nil)
      }
      if isTransient(status) { return .unavailable("status \(status)", wait: wait) }
      guard status == 200 else { return .refused(refusal(status, data)) }
      let outcomes = MultiSearch.outcomes(
        in: data, count: queries.count, depth: depth, identifierField: options.identifierField)
      guard let outcomes else {
        return .refused(
          Failure(
            .badData, "the search server's answer is not a valid _msearch response",
            at: Place(options.url, key: options.index),
            expected: "JSON with a response for each of \(queries.count) queries",
            remedy: "check that an OpenSearch or Elasticsearch server runs at this address"))
      }
      return .answered(outcomes)
    }

    private func refusal(_ status: Int, _ body: Data) -> Failure {
      let text = String(decoding: body.prefix(300), as: UTF8.self)
        .split(whereSeparator: \.isNewline).joined(separator: " ")
      let remedy =
        switch status {
        case 401, 403:
          "set \(SearchCredentials.apiKeyVariable), or \(SearchCredentials.userVariable) and "
            + SearchCredentials.passwordVariable
        case 404: "check the name of the index"
        default: "check the address, the index and the body of the request"
        }
      return Failure(
        status == 401 || status == 403 ? .badRecipe : .badData,
        "the search server answers with status \(status): \(text)",
        at: Place(options.url, key: options.index), remedy: remedy)
    }
  }
#endif
