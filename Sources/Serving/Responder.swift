import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Answers requests on all routes.
final class Responder: Sendable {
  /// The outcome of a request: its response, and its log entry.
  struct Outcome {
    var reply: Reply
    var documents = 0
    var tokens = 0
    var cut = 0
  }

  /// The description of the model.
  let model: ModelDescription
  let workers: Int
  let options: ServingOptions
  let queue: ScoringQueue
  let metrics: Metrics
  let connections: Connections
  let logger: Logger
  let reader: BodyReader
  /// The prompts of requests with an instruction.
  let prompts: InstructionPrompts
  /// The shape of all rerank requests; nil if it depends on their routes and keys.
  let shape: (any RequestShape)?
  private let budget: ByteBudget
  private let stopping = Atomic<Bool>(false)

  init(
    model: ModelDescription, workers: Int, passages: Int, options: ServingOptions,
    queue: ScoringQueue, metrics: Metrics, connections: Connections, logger: Logger
  ) {
    self.model = model
    self.workers = workers
    self.options = options
    self.queue = queue
    self.metrics = metrics
    self.connections = connections
    self.logger = logger
    reader = BodyReader(
      limits: options.limits, sequenceTokens: model.maximumLength, passages: passages,
      takesInstruction: InstructionPrompts.takesInstruction(model.tokenizer))
    prompts = InstructionPrompts(model.tokenizer, queue.model)
    shape = options.requestShape
    budget = ByteBudget(options.limits.bytesInMemory)
  }

  /// Refuses all further requests.
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
      outcome = Outcome(reply: Reply(error, on: route, forced: shape))
    }
    if let crossOrigin = options.crossOrigin {
      outcome.reply.headers += crossOrigin.headers(for: request.headers[.origin])
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
    // The memory of the request is no longer needed; that of the response is, until it is sent.
    taken.keep(outcome.reply.body.count)
    connection.hold(taken)
    try await writer.write(response: response.head, body: response.body)
  }

  private func answer(
    to request: Request, _ route: Route, _ connection: Connection, _ taken: TakenBytes
  ) async throws(Refusal) -> Outcome {
    if let reply = preflight(request, route) { return Outcome(reply: reply) }
    if let token = options.token, !route.isOpen, !token.admits(request.headers[.authorization]) {
      throw Refusal(401, "missing or invalid bearer token; expected 'Authorization: Bearer …'")
    }
    try checkMethod(request, route)
    switch route {
    case .rerank, .score, .tokenize: return try await compute(request, route, connection, taken)
    default: return Outcome(reply: try report(on: route))
    }
  }

  /// The response of a route about the server.
  private func report(on route: Route) throws(Refusal) -> Reply {
    switch route {
    case .models: return Reply(model.models(queuedDocuments: queue.load.documents))
    case .info: return Reply(model.info(workers: workers))
    case .meta: return Reply(model.meta())
    case .health: return Reply(json(["status": "ok"]))
    case .wellKnownLive: return .empty
    case .ready, .wellKnownReady:
      if isStopping { throw Refusal(503, "the server is stopping", kind: .unhealthy) }
      if route == .wellKnownReady { return .empty }
      return Reply(json(["status": "ready", "model": model.name]))
    case .metrics:
      let load = queue.load
      let text = metrics.text(
        .init(
          queuedDocuments: load.documents, queuedRequests: load.requests,
          queuedSeconds: load.seconds,
          connections: connections.count, bytesInMemory: budget.taken))
      return Reply(text, type: "text/plain; version=0.0.4; charset=utf-8")
    case .page:
      let html = Page.html(model, takesInstruction: reader.takesInstruction)
      var reply = Reply(html, type: "text/html; charset=utf-8")
      reply.headers = Page.headers
      return reply
    case .rerank, .score, .tokenize, .unknown:
      throw Refusal(404, "unknown route; this server has \(Route.all)")
    }
  }

  /// The response to a browser's preflight request for a page of a different origin.
  private func preflight(_ request: Request, _ route: Route) -> Reply? {
    if case .unknown = route { return nil }
    guard options.crossOrigin != nil, request.method == .options else { return nil }
    var reply = Reply.empty
    reply.headers = CrossOrigin.preflight(
      route.methods, request.headers[.accessControlRequestHeaders])
    return reply
  }

  private func checkMethod(_ request: Request, _ route: Route) throws(Refusal) {
    if case .unknown = route { return }
    let isRight =
      route.takesBody ? request.method == .post : request.method == .get || request.method == .head
    if isRight { return }
    throw Refusal(
      405, "expected \(route.methods) on this route, not \(request.method.rawValue)",
      allowed: route.methods)
  }
}
