import Dispatch
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

/// Requests with a body.
extension Responder {
  /// Reads the body and computes the response.
  func compute(
    _ request: Request, _ route: Route, _ connection: Connection, _ taken: TakenBytes
  ) async throws(Refusal) -> Outcome {
    if isStopping { throw Refusal(503, "the server is stopping", kind: .unhealthy) }
    try checkType(request)
    let bytes = try await body(of: request, taken)
    let deadline = ContinuousClock.now + options.limits.requestTimeout
    if connection.isGone { throw Refusal(499, "the client disconnected") }
    let body = try await apart { [reader] () throws(Refusal) in try reader.check(bytes) }
    metrics.noteReplacedSurrogates(body.outline.replacedSurrogates)
    var outcome: Outcome
    switch route {
    case .rerank(let rerankRoute):
      let shape = shape ?? RequestShapes.shape(of: body.keys, on: rerankRoute)
      do throws(Refusal) {
        outcome = try await rerank(body, shape, rerankRoute, connection, taken, until: deadline)
      } catch {
        throw error.told(in: shape)
      }
    case .tokenize: outcome = try await tokenize(body, taken)
    default: outcome = try await score(body, connection, taken, until: deadline)
    }
    let replaced = body.outline.replacedSurrogates
    if replaced > 0 { outcome.reply.headers.append(("x-replaced-surrogates", "\(replaced)")) }
    return outcome
  }

  private func rerank(
    _ body: BodyReader.Checked, _ shape: any RequestShape, _ route: RerankRoute,
    _ connection: Connection, _ taken: TakenBytes, until deadline: ContinuousClock.Instant
  ) async throws(Refusal) -> Outcome {
    let call = try await apart { [self] () throws(Refusal) in
      try checkTime(body, until: deadline)
      return try reader.rerank(body, in: shape)
    }
    var context = AnswerContext(model: model.name, maximumLength: model.maximumLength)
    context.route = route
    return try await answer(call, connection, taken, until: deadline) { [context] in
      shape.answer(call, $0, context)
    }
  }

  /// vLLM's `/score`: the scores of pairs, in their order.
  private func score(
    _ body: BodyReader.Checked, _ connection: Connection, _ taken: TakenBytes,
    until deadline: ContinuousClock.Instant
  ) async throws(Refusal) -> Outcome {
    let call = try await apart { [self] () throws(Refusal) in
      try checkTime(body, until: deadline)
      return try reader.score(body)
    }
    let context = AnswerContext(model: model.name, maximumLength: model.maximumLength)
    return try await answer(call, connection, taken, until: deadline) {
      json(ScoreResponse(call, $0, context))
    }
  }

  /// Scores a call and returns the response.
  private func answer(
    _ call: RerankCall, _ connection: Connection, _ taken: TakenBytes,
    until deadline: ContinuousClock.Instant,
    _ body: @escaping @Sendable (ScoringResult) -> [UInt8]
  ) async throws(Refusal) -> Outcome {
    // Memory for the response is reserved before any work is done.
    try Self.takeRoom(for: call.mostResponseBytes, in: taken)
    var scoring = call.scoring
    if let instruction = scoring.instruction {
      scoring.prompt = try await apart { [prompts] () throws(Refusal) in
        try prompts.prompt(for: instruction)
      }
    }
    let result = try await scores(scoring, connection, until: deadline)
    metrics.noteScores(result)
    var reply = Reply(try await apart { () throws(Refusal) in body(result) })
    reply.headers = [
      ("x-compute-tokens", "\(result.tokens)"), ("x-truncated-documents", "\(result.cut)"),
      ("x-split-documents", "\(result.split)"),
    ]
    return Outcome(
      reply: reply, documents: result.scores.count, tokens: result.tokens, cut: result.cut)
  }

  /// The token ids of texts.
  private func tokenize(
    _ body: BodyReader.Checked, _ taken: TakenBytes
  ) async throws(Refusal) -> Outcome {
    let model = model
    let bytes = try await apart { [reader] () throws(Refusal) -> [UInt8] in
      let request = try reader.tokenize(body)
      let tokens = request.texts.map {
        TextTokens($0, model.tokenizer, addsSpecialTokens: request.addsSpecialTokens)
      }
      // A text may have as many tokens as bytes, and each takes much more space in the response.
      let count = tokens.reduce(0) { $0 + $1.ids.count }
      try Self.takeRoom(for: count * TokenizeResponse.bytesOfToken, in: taken)
      return TokenizeResponse(
        request, tokens, model.tokenizer, maximumLength: model.maximumLength
      ).bytes
    }
    return Outcome(reply: Reply(bytes))
  }

  private static let memoryIsFull = Refusal(
    429, "too many requests and responses are in memory", kind: .overloaded, retryAfter: 1)

  /// Reserves memory for a response.
  private static func takeRoom(for bytes: Int, in taken: TakenBytes) throws(Refusal) {
    if taken.take(bytes) { return }
    if taken.mayTake(bytes) { throw memoryIsFull }
    throw Refusal(
      413,
      "the response may have \(bytes) bytes, which exceeds the memory limit by itself; send fewer "
        + "documents at a time")
  }

  private func checkType(_ request: Request) throws(Refusal) {
    let parts = (request.headers[.contentType] ?? "").lowercased().split(separator: ";")
      .map { $0.filter { !$0.isWhitespace } }
    let isJSON = parts.first.map { $0 == "application/json" || $0.hasSuffix("+json") } ?? false
    let charset = parts.first { $0.hasPrefix("charset=") }?.dropFirst(8)
      .filter { $0 != "\"" }
    // Go's client, and therefore Weaviate, sends no content type by default.
    guard isJSON || parts.isEmpty, charset.map({ $0 == "utf-8" || $0 == "utf8" }) ?? true else {
      throw Refusal(415, "expected 'Content-Type: application/json' in UTF-8")
    }
    if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
      throw Refusal(
        415,
        "compressed bodies are not accepted, but this one has the encoding '\(coding)'")
    }
  }

  /// The bytes of a body, up to the limit.
  private func body(of request: Request, _ taken: TakenBytes) async throws(Refusal) -> [UInt8] {
    let most = options.limits.bodyBytes
    let tooLarge = Refusal(413, "the body has more than \(most) bytes")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw tooLarge
    }
    var bytes: [UInt8] = []
    do {
      for try await part in request.body {
        guard bytes.count + part.readableBytes <= most else { throw tooLarge }
        guard taken.take(part.readableBytes) else { throw Self.memoryIsFull }
        bytes.append(contentsOf: part.readableBytesView)
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal(400, "the request ended before its body did")
    }
    return bytes
  }

  /// Refuses a request that cannot be completed in time before its body is decoded, if that can be
  /// determined: an overloaded server should not spend time on requests that it refuses.
  private func checkTime(
    _ body: BodyReader.Checked, until deadline: ContinuousClock.Instant
  ) throws(Refusal) {
    guard let texts = body.outline.longestList,
      !body.outline.keys.contains(where: { $0.hasPrefix("max_tokens") }),
      let problem = queue.problem(ofTexts: texts, by: deadline)
    else { return }
    throw refusal(problem)
  }

  private func scores(
    _ scoring: ScoringRequest, _ connection: Connection, until deadline: ContinuousClock.Instant
  ) async throws(Refusal) -> ScoringResult {
    let job: ScoringJob
    do throws(ScoringProblem) {
      job = try queue.add(scoring, by: deadline)
    } catch {
      throw refusal(error)
    }
    connection.whenGone { [queue] in queue.end(job) { _ in .abandoned } }
    let timeout = connection.channel.eventLoop.scheduleTask(
      in: TimeAmount(deadline - .now)
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
    let seconds = options.limits.requestTimeout.inSeconds
    return switch problem {
    case .queueFull(let retryAfter):
      Refusal(
        429, "too many documents wait to be scored", kind: .overloaded, retryAfter: retryAfter)
    case .noTime(let retryAfter):
      Refusal(
        429,
        "too many documents wait to be scored: the request would not finish within \(seconds) s",
        kind: .overloaded, retryAfter: retryAfter)
    case .tooMuch(let needed):
      Refusal(
        413,
        "the request would take about \(needed) s, and \(seconds) s are allowed; "
          + "send fewer documents at a time")
    case .tooLate(begun: false):
      Refusal(
        503, "scoring of the request did not start within \(seconds) s", kind: .overloaded,
        retryAfter: 1)
    case .tooLate(begun: true):
      Refusal(504, "the request was not finished within \(seconds) s", kind: .overloaded)
    case .abandoned: Refusal(499, "the client disconnected")
    case .tooLong(let document, let tokens):
      Refusal(
        413,
        "document \(document) and the query have \(tokens) tokens together; at most "
          + "\(model.maximumLength) are read, and the request disables truncation")
    case .notFinite(let document):
      Refusal(500, "the model's score of document \(document) is not finite", kind: .backend)
    case .stopping: Refusal(503, "the server is stopping", kind: .unhealthy)
    }
  }

  /// Runs a long operation outside the network's threads.
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
