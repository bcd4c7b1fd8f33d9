import Dispatch
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Answers requests, whatever they ask for.
final class Responder: Sendable {
  /// What a reranking request came to, beyond its response.
  private struct Outcome {
    var reply: Reply
    var documents = 0
    var tokens = 0
    var cut = 0
  }

  /// What the model is called.
  let model: String
  let maximumLength: Int
  let options: ServingOptions
  let queue: ScoringQueue
  let metrics: Metrics
  let connections: Connections
  let logger: Logger
  private let reader: BodyReader
  private let budget: ByteBudget
  private let stopping = Atomic<Bool>(false)

  init(
    model: String, maximumLength: Int, options: ServingOptions, queue: ScoringQueue,
    metrics: Metrics, connections: Connections, logger: Logger
  ) {
    self.model = model
    self.maximumLength = maximumLength
    self.options = options
    self.queue = queue
    self.metrics = metrics
    self.connections = connections
    self.logger = logger
    reader = BodyReader(limits: options.limits)
    budget = ByteBudget(options.limits.bytesInMemory)
  }

  /// From now on nothing new is taken on.
  func stop() { stopping.store(true, ordering: .relaxed) }

  private var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// Answers one request.
  func respond(
    to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let start = ContinuousClock.now
    let route = Route(path: request.head.path ?? "")
    guard let connection = connections.connection(over: channel) else {
      throw ChannelError.alreadyClosed
    }
    var outcome: Outcome
    do throws(Refusal) {
      outcome = try await answer(to: request, route, connection)
    } catch {
      outcome = Outcome(reply: Reply(error, in: route.shape))
    }
    if connection.isGone {
      metrics.noteAbandoned()
      logger.info("abandoned", metadata: ["route": "\(route.name)"])
      throw ChannelError.alreadyClosed
    }
    if isStopping { outcome.reply.headers.append(("connection", "close")) }
    let response = outcome.reply.response(headOnly: request.method == .head)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    metrics.noteResponse(route: route.name, status: outcome.reply.status, seconds: seconds)
    logger.info(
      "request",
      metadata: [
        "route": "\(route.name)", "status": "\(outcome.reply.status)",
        "ms": "\((seconds * 1000).rounded())", "documents": "\(outcome.documents)",
        "tokens": "\(outcome.tokens)", "truncated": "\(outcome.cut)",
      ])
    try await writer.write(response: response.head, body: response.body)
  }

  private func answer(
    to request: Request, _ route: Route, _ connection: Connection
  ) async throws(Refusal) -> Outcome {
    if let token = options.token, !route.isOpen, !token.admits(request.headers[.authorization]) {
      throw Refusal(401, "no or another token; expected 'Authorization: Bearer …'")
    }
    try checkMethod(request, route)
    switch route {
    case .cohere, .inference: return try await rerank(request, route.shape, connection)
    case .health: return Outcome(reply: Reply(json(["status": "ok"])))
    case .ready:
      if isStopping { throw Refusal(503, "the server is stopping", kind: .unhealthy) }
      return Outcome(reply: Reply(json(["status": "ready", "model": model])))
    case .metrics:
      let load = queue.load
      let text = metrics.text(
        .init(
          queuedDocuments: load.documents, queuedRequests: load.requests,
          connections: connections.count, bytesInMemory: budget.taken))
      return Outcome(reply: Reply(text, type: "text/plain; version=0.0.4; charset=utf-8"))
    case .page:
      var reply = Reply(Page.html, type: "text/html; charset=utf-8")
      reply.headers = Page.headers
      return Outcome(reply: reply)
    case .unknown:
      throw Refusal(
        404, "there is nothing here; rerank with POST /v2/rerank, /v1/rerank or /rerank")
    }
  }

  private func checkMethod(_ request: Request, _ route: Route) throws(Refusal) {
    if route == .unknown { return }
    let isRight =
      route.isRerank ? request.method == .post : request.method == .get || request.method == .head
    if isRight { return }
    let allowed = route.isRerank ? "POST" : "GET, HEAD"
    throw Refusal(
      405, "\(route.name) takes \(allowed), not \(request.method.rawValue)", allowed: allowed)
  }

  // MARK: Reranking

  private func rerank(
    _ request: Request, _ shape: RequestShape, _ connection: Connection
  ) async throws(Refusal) -> Outcome {
    if isStopping { throw Refusal(503, "the server is stopping", kind: .unhealthy) }
    try checkType(request)
    let taken = Taken(budget)
    defer { withExtendedLifetime(taken) {} }
    let bytes = try await body(of: request, taken)
    if connection.isGone { throw Refusal(499, "the client is gone") }
    let call = try await apart { [reader] () throws(Refusal) in try reader.call(shape, bytes) }
    let result = try await scores(call.scoring, connection)
    metrics.noteScores(result)
    let body = try await apart { [model, maximumLength] () throws(Refusal) in
      shape.body(
        call, result, model: call.model ?? model, id: UUID().uuidString.lowercased(),
        maximumLength: maximumLength)
    }
    var reply = Reply(body)
    reply.headers = [
      ("x-compute-tokens", "\(result.tokens)"), ("x-truncated-documents", "\(result.cut)"),
      ("x-split-documents", "\(result.split)"),
    ]
    return Outcome(
      reply: reply, documents: result.scores.count, tokens: result.tokens, cut: result.cut)
  }

  private func checkType(_ request: Request) throws(Refusal) {
    let parts = (request.headers[.contentType] ?? "").lowercased().split(separator: ";")
      .map { $0.filter { !$0.isWhitespace } }
    let isJSON = parts.first.map { $0 == "application/json" || $0.hasSuffix("+json") } ?? false
    let charset = parts.first { $0.hasPrefix("charset=") }?.dropFirst(8)
      .filter { $0 != "\"" }
    guard isJSON, charset.map({ $0 == "utf-8" || $0 == "utf8" }) ?? true else {
      throw Refusal(415, "expected 'Content-Type: application/json' in UTF-8")
    }
    if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
      throw Refusal(415, "bodies are taken without compression, not with '\(coding)'")
    }
  }

  /// The bytes of a body, as many as are allowed.
  private func body(of request: Request, _ taken: Taken) async throws(Refusal) -> [UInt8] {
    let most = options.limits.bodyBytes
    let tooLarge = Refusal(413, "the body has more than \(most) bytes")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw tooLarge
    }
    var bytes: [UInt8] = []
    do {
      for try await part in request.body {
        guard bytes.count + part.readableBytes <= most else { throw tooLarge }
        guard taken.take(part.readableBytes) else {
          throw Refusal(
            429, "too many requests are in memory", kind: .overloaded, retryAfter: 1)
        }
        bytes.append(contentsOf: part.readableBytesView)
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal(400, "the request ended before its body did")
    }
    return bytes
  }

  private func scores(
    _ scoring: ScoringRequest, _ connection: Connection
  ) async throws(Refusal) -> ScoringResult {
    let job: ScoringJob
    do throws(ScoringProblem) {
      job = try queue.add(scoring)
    } catch {
      throw refusal(error)
    }
    connection.whenGone { [queue] in queue.end(job) { _ in .abandoned } }
    let timeout = connection.channel.eventLoop.scheduleTask(
      in: TimeAmount(options.limits.requestTimeout)
    ) { [queue] in
      queue.end(job) { .tooLate(begun: $0) }
    }
    let outcome = await queue.result(of: job)
    timeout.cancel()
    connection.whenGone(nil)
    switch outcome {
    case .success(let result): return result
    case .failure(let problem): throw refusal(problem)
    }
  }

  private func refusal(_ problem: ScoringProblem) -> Refusal {
    let seconds = options.limits.requestTimeout.components.seconds
    return switch problem {
    case .queueFull(let retryAfter):
      Refusal(
        429, "too many documents wait to be scored", kind: .overloaded, retryAfter: retryAfter)
    case .tooLate(begun: false):
      Refusal(
        503, "the request had no turn within \(seconds) s", kind: .overloaded, retryAfter: 1)
    case .tooLate(begun: true):
      Refusal(504, "the request was not done within \(seconds) s", kind: .overloaded)
    case .abandoned: Refusal(499, "the client is gone", kind: .backend)
    case .tooLong(let document, let tokens):
      Refusal(
        413,
        "document \(document) and the query have \(tokens) tokens together; "
          + "at most \(maximumLength) are read, and the request says not to truncate")
    case .notFinite(let document):
      Refusal(500, "the model's score of document \(document) is no number", kind: .backend)
    case .stopping: Refusal(503, "the server is stopping", kind: .unhealthy)
    }
  }

  /// Does something that takes a while apart from the threads that everybody waits for.
  private func apart<Value: Sendable>(
    _ work: @escaping @Sendable () throws(Refusal) -> Value
  ) async throws(Refusal) -> Value {
    let result: Result<Value, Refusal> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: Result { () throws(Refusal) in try work() })
      }
    }
    return try result.get()
  }
}

/// The bytes that one request has taken of a budget, given back when it ends, however it ends.
private final class Taken: Sendable {
  private let budget: ByteBudget
  private let bytes = Mutex(0)

  init(_ budget: ByteBudget) { self.budget = budget }

  deinit { budget.give(bytes.withLock(\.self)) }

  func take(_ count: Int) -> Bool {
    guard budget.take(count) else { return false }
    bytes.withLock { $0 += count }
    return true
  }
}
