import AsyncHTTPClient
package import Diagnostics
import Foundation
import NIOCore
import NIOPosix
package import NIOSSL

/// Whether a request may succeed when it is sent again after a response with this status.
package func isTransient(_ status: Int) -> Bool {
  [408, 429, 500, 502, 503, 504].contains(status)
}

/// How long a response asks to wait, from the value of its `Retry-After`, in seconds; nil without a
/// number, and for one that is negative or more than a year.
package func seconds(retryAfter value: String?) -> Double? {
  value.flatMap { Double($0) }.flatMap { (0...31_536_000).contains($0) ? $0 : nil }
}

/// The waits between the attempts of a request.
package struct Backoff: Sendable {
  /// The longest wait after the first attempt, in seconds.
  package var firstWait: Double
  /// The longest wait after any attempt, in seconds.
  package var longestWait: Double

  /// Waits of these lengths.
  package init(firstWait: Double, longestWait: Double) {
    (self.firstWait, self.longestWait) = (firstWait, longestWait)
  }

  /// The wait after an attempt (from 0), in seconds: twice as long with each attempt, with random
  /// variation so that many clients do not return at the same time, or as long as the server asks.
  package func wait(_ attempt: Int, atLeast asked: Double?) -> Double {
    let doubled = firstWait * exp2(Double(attempt))
    return min(max(doubled * Double.random(in: 0.5...1), asked ?? 0), longestWait)
  }

  /// Waits after an attempt.
  package func pause(_ attempt: Int, atLeast asked: Double?) async {
    try? await Task.sleep(for: .seconds(wait(attempt, atLeast: asked)))
  }
}

/// A network error as text for the user; `timeout` is the number of seconds that was waited.
package func networkProblem(_ error: any Error, timeout: Double) -> String {
  if let error = error as? IOError { return unsafe String(cString: strerror(error.errnoCode)) }
  if let error = error as? NIOConnectionError {
    guard let first = error.connectionErrors.first else {
      return "the address of '\(error.host)' was not found"
    }
    return "\(error.host):\(error.port): \(networkProblem(first.error, timeout: timeout))"
  }
  guard let error = error as? HTTPClientError else { return "\(error)" }
  return switch error {
  case .deadlineExceeded, .connectTimeout, .readTimeout:
    "no answer within \(timeout) s"
  case .remoteConnectionClosed: "the server closed the connection before its answer was complete"
  default: "\(error)"
  }
}

/// Whether an error says that a server cannot be reached at all.
package func isUnreachable(_ error: any Error) -> Bool {
  // Of an address without a name, there is the error of the only connection.
  if let code = (error as? IOError)?.errnoCode {
    return [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ETIMEDOUT].contains(code)
  }
  return error is NIOConnectionError || (error as? HTTPClientError) == .connectTimeout
}

extension TLSConfiguration {
  /// The usual configuration of a client, which also trusts the certificates in a file.
  ///
  /// - Throws: `missingInput` if the file cannot be read, `badData` if it holds no certificates.
  package static func trusting(_ path: String) throws(Failure) -> TLSConfiguration {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw Failure(
        .missingInput, "the certificate file cannot be read", at: Place(path))
    }
    do {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
      return tls
    } catch {
      throw Failure(
        .badData, "the file holds no certificates", at: Place(path),
        expected: "certificates in PEM format"
      )
    }
  }
}
