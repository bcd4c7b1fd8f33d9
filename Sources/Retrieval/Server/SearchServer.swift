import AsyncHTTPClient
public import Corpora
public import Diagnostics
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// A first stage that is a search server: OpenSearch, Elasticsearch, or what speaks their `_msearch`.
///
/// Queries go out in batches, several at a time. A server that is overloaded, restarting or not to be
/// reached is asked again after a while; one that answers with half an answer too. The order of equal
/// scores is the server's.
public final class SearchServer: FirstStage {
  private let options: SearchServerOptions
  private let address: String
  private let client: HTTPClient

  /// A server, which is not asked anything yet.
  ///
  /// - Throws: `badRecipe` where the address is none; `missingInput` or `badData` where the certificates
  ///   cannot be read.
  public init(_ options: SearchServerOptions) throws(Failure) {
    self.options = options
    address = try options.multiSearchAddress()
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.decompression = .enabled(limit: .size(Self.largestAnswer))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.concurrency
    configuration.timeout = .init(
      connect: .milliseconds(Int64(1000 * min(options.timeout, 10))), read: nil)
    if let path = options.certificates {
      configuration.tlsConfiguration = try Self.trust(path)
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit { try? client.syncShutdown() }

  /// What an answer may hold, in bytes.
  private static let largestAnswer = 256 << 20

  private static func trust(_ path: String) throws(Failure) -> TLSConfiguration {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw Failure(
        .missingInput, "the file of certificates cannot be read", at: Place(path))
    }
    do {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
      return tls
    } catch {
      throw Failure(
        .badData, "the file holds no certificates", at: Place(path), expected: "certificates in PEM")
    }
  }

  public var name: String { "\(options.index) at \(options.url)" }

  public func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
    let batches = stride(from: 0, to: queries.count, by: options.batch).map {
      Array(queries[$0..<min($0 + options.batch, queries.count)])
    }
    return try waiting { [self] () async throws(Failure) in
      try await answers(to: batches, depth: depth)
    }
  }

  /// Answers all batches, a few at a time, in their order.
  private func answers(
    to batches: [[Query]], depth: Int
  ) async throws(Failure) -> [[ScoredDocument]] {
    var results = [[[ScoredDocument]]](repeating: [], count: batches.count)
    let failure: Failure? = await withTaskGroup(
      of: (Int, Result<[[ScoredDocument]], Failure>).self
    ) { group in
      var next = 0
      func begin() {
        guard next < batches.count else { return }
        let number = next
        next += 1
        group.addTask { [self] in
          do throws(Failure) {
            return (number, .success(try await answer(to: batches[number], depth: depth)))
          } catch {
            return (number, .failure(error))
          }
        }
      }
      for _ in 0..<options.concurrency { begin() }
      while let (number, result) = await group.next() {
        switch result {
        case .success(let found):
          results[number] = found
          begin()
        case .failure(let failure):
          group.cancelAll()
          return failure
        }
      }
      return nil
    }
    if let failure { throw failure }
    return results.flatMap(\.self)
  }

  /// Answers a batch: what met a busy server is asked again, the rest is kept.
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
              .badData, "the search server refuses query '\(batch[place].id)': \(text)",
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
          expected: "an answer within \(options.retries + 1) attempts",
          remedy: "see whether the server is up and how busy it is; then go on with '--resume'")
      }
      await pause(attempt, atLeast: wait)
      attempt += 1
    }
  }

  /// Waits twice as long from time to time, somewhat at random, so that many clients do not come back
  /// together; or as long as the server asks for.
  private func pause(_ attempt: Int, atLeast asked: Double?) async {
    let doubled = options.firstWait * exp2(Double(attempt))
    let seconds = max(doubled * Double.random(in: 0.5...1), asked ?? 0)
    try? await Task.sleep(for: .seconds(min(seconds, options.longestWait)))
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
    if let credentials = options.credentials {
      request.headers.add(name: "Authorization", value: credentials.header)
    }
    request.body = .bytes(MultiSearch.body(queries, depth: depth, options.template))
    let status: Int
    let data: Data
    let wait: Double?
    do {
      let response = try await client.execute(
        request, deadline: .now() + .milliseconds(Int64(1000 * options.timeout)))
      status = Int(response.status.code)
      wait = response.headers.first(name: "Retry-After").flatMap(Double.init)
      data = Data(buffer: try await response.body.collect(upTo: Self.largestAnswer))
    } catch let error as NIOTooManyBytesError {
      return .refused(
        Failure(
          .badData, "the search server's answer is larger than \(Self.largestAnswer >> 20) MiB",
          at: Place(options.url, key: options.index),
          expected: "ids and scores: \(error)", remedy: "add '\"_source\": false' to the body"))
    } catch {
      return .unavailable("\(error)", wait: nil)
    }
    if MultiSearch.isTransient(status) { return .unavailable("status \(status)", wait: wait) }
    guard status == 200 else { return .refused(refusal(status, data)) }
    let outcomes = MultiSearch.outcomes(
      in: data, count: queries.count, depth: depth, identifierField: options.identifierField)
    guard let outcomes else {
      return .refused(
        Failure(
          .badData, "the search server's answer is not one of _msearch",
          at: Place(options.url, key: options.index),
          expected: "JSON with a response for each of \(queries.count) queries",
          remedy: "check that the address is that of OpenSearch or Elasticsearch"))
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

/// Runs something asynchronous and waits for it on this thread, which must not be one of those that
/// asynchronous work runs on.
private func waiting<T: Sendable>(
  _ body: @escaping @Sendable () async throws(Failure) -> T
) throws(Failure) -> T {
  let done = DispatchSemaphore(value: 0)
  let outcome = Outcome<T>()
  Task.detached {
    let result: Result<T, Failure>
    do throws(Failure) { result = .success(try await body()) } catch { result = .failure(error) }
    outcome.result.withLock { $0 = result }
    done.signal()
  }
  done.wait()
  guard let result = outcome.result.withLock({ $0 }) else {
    preconditionFailure("nothing was waited for")
  }
  return try result.get()
}

private final class Outcome<T: Sendable>: Sendable {
  let result = Mutex<Result<T, Failure>?>(nil)
}
