import AsyncHTTPClient
import Diagnostics
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Web

/// What came of a request that may succeed later.
struct TemporaryFault {
  /// The problem, as part of a sentence.
  var problem: String
  /// The status of the response; nil without one.
  var status: Int?
  /// How long the server asks to wait, in seconds.
  var wait: Double?
  /// Whether the server was not reached at all.
  var isUnreachable = false
}

/// Why a request did not succeed.
enum RequestFault: Error {
  /// It never will.
  case final(Failure)
  /// It may when it is sent again.
  case temporary(TemporaryFault)
}

/// Requests to the hub and to the servers that it refers to, with redirects and retries.
final class Requests: Sendable {
  let settings: HubSettings
  let tell: @Sendable (HubEvent) -> Void
  private let client: HTTPClient
  private static let longestChain = 10

  init(
    _ settings: HubSettings, tell: @escaping @Sendable (HubEvent) -> Void
  ) throws(Failure) {
    (self.settings, self.tell) = (settings, tell)
    var configuration = HTTPClient.Configuration()
    // Followed here, since the token must not go along to another host.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: .milliseconds(Int64(1000 * min(settings.timeout, 10))),
      read: .milliseconds(Int64(1000 * settings.timeout)))
    configuration.connectionPool.retryConnectionEstablishment = false
    if let (host, port) = settings.proxy { configuration.proxy = .server(host: host, port: port) }
    if let path = settings.certificates {
      configuration.tlsConfiguration = try TLSConfiguration.trusting(path)
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit { try? client.syncShutdown() }

  /// A response, and the headers of the redirects before it.
  struct Reply {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body
    /// Those of the redirects on the way, the first one in front.
    let earlier: [HTTPHeaders]

    /// A header of the first response that has it: the hub says in its own what it refers to.
    func first(_ name: String) -> String? {
      (earlier + [headers]).lazy.compactMap { $0.first(name: name) }.first
    }

    /// The size of the file in bytes; nil if the server does not tell one that a file may have, so
    /// that sums of sizes are numbers.
    var size: Int? {
      let text = first("X-Linked-Size") ?? headers.first(name: "Content-Length")
      return text.flatMap { Int($0) }.flatMap { (0...1 << 50).contains($0) ? $0 : nil }
    }
  }

  /// Sends a request once and follows redirects. A `HEAD` ends at a redirect to another host if the
  /// hub has said all that it asks for.
  ///
  /// - Parameter start: the first byte that is asked for.
  func send(
    _ method: HTTPMethod, _ address: String, from start: Int = 0
  ) async throws(RequestFault) -> Reply {
    guard var url = URL(string: address) else {
      throw .final(Failure(.software, "an address cannot be formed: \(address)"))
    }
    var earlier: [HTTPHeaders] = []
    for _ in 0..<Self.longestChain {
      let response = try await execute(request(method, url, from: start))
      let status = Int(response.status.code)
      guard [301, 302, 303, 307, 308].contains(status),
        let location = response.headers.first(name: "Location"),
        let next = URL(string: location, relativeTo: url)?.absoluteURL
      else {
        return Reply(
          status: status, headers: response.headers, body: response.body, earlier: earlier)
      }
      if method == .HEAD, !Self.haveOneOrigin(url, next),
        response.headers.contains(name: "X-Linked-Etag")
      {
        return Reply(status: 200, headers: response.headers, body: response.body, earlier: earlier)
      }
      guard ["http", "https"].contains(next.scheme),
        !(url.scheme == "https" && next.scheme == "http")
      else {
        throw .final(
          Failure(
            .badData, "the server refers to an address that is not encrypted", at: Place(address),
            expected: "an address with https", remedy: "check HF_ENDPOINT"))
      }
      earlier.append(response.headers)
      // So that the connection can be used again.
      _ = try? await response.body.collect(upTo: 1 << 16)
      url = next
    }
    throw .final(
      Failure(
        .badData, "the server redirects more than \(Self.longestChain) times", at: Place(address),
        remedy: "check HF_ENDPOINT"))
  }

  private func request(_ method: HTTPMethod, _ url: URL, from start: Int) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url.absoluteString)
    request.method = method
    request.headers.add(name: "User-Agent", value: "ltr")
    // Ranges and checksums are those of the bytes as they are stored.
    request.headers.add(name: "Accept-Encoding", value: "identity")
    if start > 0 { request.headers.add(name: "Range", value: "bytes=\(start)-") }
    if let token = settings.token, let hub = URL(string: settings.endpoint),
      Self.haveOneOrigin(url, hub)
    {
      request.headers.add(name: "Authorization", value: "Bearer \(token)")
    }
    return request
  }

  private static func haveOneOrigin(_ a: URL, _ b: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme == "https" ? 443 : 80) }
    return a.scheme == b.scheme && a.host()?.lowercased() == b.host()?.lowercased()
      && port(a) == port(b)
  }

  private func execute(
    _ request: HTTPClientRequest
  ) async throws(RequestFault) -> HTTPClientResponse {
    do {
      // A large file takes as long as it takes: it is silence that ends a request.
      let response = try await client.execute(request, deadline: .distantFuture)
      let status = Int(response.status.code)
      guard isTransient(status) else { return response }
      throw RequestFault.temporary(
        TemporaryFault(
          problem: "status \(status)", status: status,
          wait: seconds(retryAfter: response.headers.first(name: "Retry-After"))))
    } catch let fault as RequestFault {
      throw fault
    } catch {
      throw .temporary(fault(error))
    }
  }

  /// A network error.
  func fault(_ error: any Error) -> TemporaryFault {
    TemporaryFault(
      problem: networkProblem(error, timeout: settings.timeout),
      isUnreachable: isUnreachable(error))
  }

  /// The whole body of a response, which is small.
  func body(of reply: Reply) async throws(RequestFault) -> [UInt8] {
    do {
      return Array(try await reply.body.collect(upTo: 64 << 20).readableBytesView)
    } catch {
      throw .temporary(fault(error))
    }
  }

  /// Sends a request until it succeeds or has failed often enough.
  func retrying<Value>(
    _ server: String, _ attempt: () async throws(RequestFault) -> Value
  ) async throws(Failure) -> Value {
    var count = 0
    while true {
      do throws(RequestFault) {
        return try await attempt()
      } catch {
        switch error {
        case .final(let failure): throw failure
        case .temporary(let fault): try await pause(after: fault, count, server)
        }
        count += 1
      }
    }
  }

  /// Waits after a fault.
  ///
  /// - Parameter count: the number of faults before.
  /// - Throws: `unavailable` if this was the last attempt, or if the server asks for a longer wait
  ///   than is accepted.
  func pause(after fault: TemporaryFault, _ count: Int, _ server: String) async throws(Failure) {
    // Where nothing answers at all, waiting helps only against a short interruption.
    let retries = fault.isUnreachable ? min(settings.retries, 2) : settings.retries
    if count >= retries || (fault.wait ?? 0) > settings.longestWait {
      throw Faults.unanswered(fault, server, hasToken: settings.token != nil)
    }
    let backoff = Backoff(firstWait: settings.firstWait, longestWait: settings.longestWait)
    let seconds = backoff.wait(count, atLeast: fault.wait)
    tell(
      .note(
        "\(server): \(fault.problem); trying again"
          + (seconds >= 2 ? " in \(Int(seconds.rounded())) s" : "")))
    try? await Task.sleep(for: .seconds(seconds))
  }
}
