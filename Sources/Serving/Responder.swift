import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Answers requests, whatever they ask for.
final class Responder: Sendable {
  /// What a request came to: its response, and what a line of the log says of it.
  struct Outcome {
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
  let reader: BodyReader
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

  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// Answers one request.
  func respond(
    to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let start = ContinuousClock.now
    let route = Route(path: request.head.path ?? "")
    guard let connection = connections.connection(over: channel) else {
      throw ChannelError.alreadyClosed
    }
    let taken = TakenBytes(budget)
    var outcome: Outcome
    do throws(Refusal) {
      outcome = try await answer(to: request, route, connection, taken)
    } catch {
      outcome = Outcome(reply: Reply(error, in: route.shape))
    }
    if connection.isGone {
      if !connection.isAnswered {
        metrics.noteAbandoned()
        logger.info("abandoned", metadata: ["route": "\(route.name)"])
      }
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
    // The request is no longer needed. The response is, until it is sent.
    taken.keep(outcome.reply.body.count)
    connection.hold(taken)
    try await writer.write(response: response.head, body: response.body)
  }

  private func answer(
    to request: Request, _ route: Route, _ connection: Connection, _ taken: TakenBytes
  ) async throws(Refusal) -> Outcome {
    if let token = options.token, !route.isOpen, !token.admits(request.headers[.authorization]) {
      throw Refusal(401, "no or another token; expected 'Authorization: Bearer …'")
    }
    try checkMethod(request, route)
    switch route {
    case .cohere, .inference: return try await rerank(request, route.shape, connection, taken)
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
}
