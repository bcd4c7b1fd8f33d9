import Batches
import Diagnostics
import Foundation
import Logging
import ModelFiles
import ModelSupport
import Models
import Scoring
import Serving
import TestSupport

/// A tiny model behind a server of its own on a free port, and its scores without one.
struct ServedModel {
  let server: RerankServer
  let port: Int
  let model: CrossEncoder
  let maximumLength: Int

  /// Starts a server.
  init(
    _ tiny: TinyModel = TinyModel(), maximumLength: Int = 48, workers: Int = 2,
    longDocuments: LongDocuments = LongDocuments(), prompt: PromptChoice = PromptChoice(),
    name: String = "tiny", exits: ExitPlan? = nil, cascade: ExitCascade? = nil,
    _ change: (inout ServingOptions) -> Void = { _ in }
  ) async throws {
    model = try CrossEncoder(
      ModelSource(tiny.written()).with(prompt, .usage) { Place($0) }, seed: 1,
      exits: exits.map { .trained($0, place: Place("exits")) } ?? .none)
    self.maximumLength = maximumLength
    var options = ServingOptions()
    options.port = 0
    change(&options)
    var logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    server = RerankServer(
      model, name: name, precision: .f32, maximumLength: maximumLength,
      longDocuments: longDocuments, options: options, cascade: cascade, workers: workers,
      logger: logger)
    port = try await server.start()
  }

  /// A model that takes some seconds for a thousand long documents on one worker.
  static func slow(_ change: (inout ServingOptions) -> Void = { _ in }) async throws -> ServedModel
  {
    try await ServedModel(
      TinyModel(width: 128, layers: 6, inner: 128, positions: 512, spread: 0.05),
      maximumLength: 512, workers: 1
    ) { options in
      options.limits.bodyBytes = 16 << 20
      change(&options)
    }
  }

  /// The body of a request that keeps a slow model busy.
  static func longRequest(documents: Int = 1000) -> String {
    let text = TinyModel.text(words: 500, seed: 5)
    return #"{"query": "aa ab", "documents": ["#
      + Array(repeating: "\"\(text)\"", count: documents).joined(separator: ",") + "]}"
  }

  /// The raw scores of documents, one by one.
  func scores(_ query: String, _ documents: [String]) -> [Float] {
    let scorer = PairScorer(model, workers: 1)
    return documents.map { document in
      var tokens = PairTokens(model.tokenizer)
      let pair = Pair(
        query: tokens.append(query: query), document: tokens.append(document: document))
      return scorer.scores(of: [pair], in: tokens, maximumLength: maximumLength)[0]
    }
  }

  /// One request on a connection of its own.
  func ask(
    _ method: String, _ path: String, headers: [String: String] = [:], json: String? = nil
  ) async throws -> LoopbackClient.Answer {
    try await apart { [port] in
      try LoopbackClient.ask(port, method, path, headers: headers, json: json)
    }
  }

  /// The value of a line of `/metrics`.
  func metric(_ name: String) async throws -> Double? {
    let text = try await ask("GET", "/metrics").text
    return text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      .flatMap { Double($0.dropFirst(name.count + 1)) }
  }

  /// Waits until a line of `/metrics` has a value for which something holds.
  func waitFor(_ name: String, _ holds: (Double) -> Bool) async throws -> Bool {
    // Long enough for a machine that has much else to do.
    for _ in 0..<2400 {
      if let value = try await metric(name), holds(value) { return true }
      try await Task.sleep(for: .milliseconds(25))
    }
    return false
  }
}

/// A request as JSON.
func body(_ members: [String: Any]) throws -> String {
  String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
}

/// A token, and what clients show.
enum BearerTokenFixture {
  static let secret = "open-sesame"
  static var token: BearerToken? { BearerToken(secret) }
}
