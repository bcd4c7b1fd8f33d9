import Dispatch
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

/// What becomes of a request for scores.
extension Responder {
  func rerank(
    _ request: Request, _ shape: RequestShape, _ connection: Connection, _ taken: TakenBytes
  ) async throws(Refusal) -> Outcome {
    if isStopping { throw Refusal(503, "the server is stopping", kind: .unhealthy) }
    try checkType(request)
    let bytes = try await body(of: request, taken)
    let deadline = ContinuousClock.now + options.limits.requestTimeout
    if connection.isGone { throw Refusal(499, "the client is gone") }
    let call = try await apart { [reader] () throws(Refusal) in try reader.call(shape, bytes) }
    // Room for the response is taken before there is work in it.
    guard taken.take(call.mostResponseBytes) else { throw Self.memoryIsFull }
    let result = try await scores(call.scoring, connection, until: deadline)
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

  private static let memoryIsFull = Refusal(
    429, "too many requests and responses are in memory", kind: .overloaded, retryAfter: 1)

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

  private func scores(
    _ scoring: ScoringRequest, _ connection: Connection, until deadline: ContinuousClock.Instant
  ) async throws(Refusal) -> ScoringResult {
    let job: ScoringJob
    do throws(ScoringProblem) {
      job = try queue.add(scoring)
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
    case .tooLate(begun: false):
      Refusal(
        503, "the request had no turn within \(seconds) s", kind: .overloaded, retryAfter: 1)
    case .tooLate(begun: true):
      Refusal(504, "the request was not done within \(seconds) s", kind: .overloaded)
    case .abandoned: Refusal(499, "the client is gone")
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
