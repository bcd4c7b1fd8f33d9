#if Network
  import AsyncHTTPClient
  import Diagnostics
  import Foundation
  import NIOCore
  import Web

  /// Sends requests to an OpenAI-compatible endpoint.
  final class JudgeClient: Sendable {
    private let settings: JudgeSettings
    private let address: String
    private let key: String?
    private let client: HTTPClient

    /// The maximum size of a response in bytes.
    private static let largestAnswer = 4 << 20

    init(_ settings: JudgeSettings, key: String?) throws(Failure) {
      self.settings = settings
      self.key = key
      address = try settings.address()
      var configuration = HTTPClient.Configuration()
      // A redirection would carry the key elsewhere.
      configuration.redirectConfiguration = .disallow
      configuration.decompression = .enabled(limit: .size(Self.largestAnswer))
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
      client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { try? client.syncShutdown() }

    /// Sends a request once.
    func send(_ body: String) async -> JudgeReply {
      var request = HTTPClientRequest(url: address)
      request.method = .POST
      request.headers.add(name: "Content-Type", value: "application/json")
      if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
      request.body = .bytes(Array(body.utf8))
      do {
        let response = try await client.execute(
          request, deadline: .now() + .milliseconds(Int64(1000 * settings.timeout)))
        let status = Int(response.status.code)
        let wait = seconds(retryAfter: response.headers.first(name: "Retry-After"))
        let data = Array(
          try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        if isTransient(status) { return .faulty("status \(status)", wait: wait) }
        if [401, 403, 404].contains(status) { return .refused(refusal(status)) }
        // Such as a document that is longer than the model's context.
        guard status == 200 else { return .rejected("status \(status)") }
        guard let (text, tokens) = completion(data) else {
          return .faulty("an answer that is not one of chat completions", wait: nil)
        }
        return .answered(text, tokens: tokens)
      } catch {
        return .faulty(networkProblem(error, timeout: settings.timeout), wait: nil)
      }
    }

    /// Waits after an attempt.
    func pause(_ attempt: Int, atLeast asked: Double?) async {
      await Backoff(firstWait: settings.waits.first, longestWait: settings.waits.longest)
        .pause(attempt, atLeast: asked)
    }

    /// The body of a refusal is not repeated: some servers write the key into it.
    private func refusal(_ status: Int) -> Failure {
      Failure(
        .badRecipe,
        "the judge answers with status \(status)", at: Place(settings.endpoint),
        remedy: status == 404
          ? "check the endpoint, which often ends with /v1, and the model"
          : "set \(JudgeSettings.apiKeyVariable) in the environment")
    }
  }
#endif
