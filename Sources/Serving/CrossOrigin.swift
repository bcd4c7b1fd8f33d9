/// The origins whose pages may send requests from a browser (CORS, https://fetch.spec.whatwg.org).
public struct CrossOrigin: Sendable {
  private let origins: Set<String>
  private let admitsAll: Bool

  /// Origins such as `https://example.org` or `http://localhost:3000`, or `*` for all; nil if one
  /// of them is invalid.
  public init?(_ origins: [String]) {
    guard !origins.isEmpty, origins.allSatisfy(Self.isOrigin) else { return nil }
    admitsAll = origins.contains("*")
    self.origins = Set(origins.map { $0.lowercased() })
  }

  /// Whether a text is a scheme, a host and an optional port, without a path.
  private static func isOrigin(_ text: String) -> Bool {
    if text == "*" { return true }
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
      return false
    }
    let scheme = text[..<colon]
    let host = text[text.index(colon, offsetBy: 3)...]
    return !scheme.isEmpty && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      && !host.isEmpty
      && host.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/?#\\@,\"".utf8.contains($0) }
  }

  /// The headers of a response to a request with an origin.
  func headers(for origin: String?) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = admitsAll ? [] : [("vary", "Origin")]
    guard let origin, admitsAll || origins.contains(origin.lowercased()) else { return headers }
    headers.append(("access-control-allow-origin", admitsAll ? "*" : origin))
    headers.append(
      (
        "access-control-expose-headers",
        "Retry-After, X-Compute-Tokens, X-Truncated-Documents, X-Split-Documents, X-Replaced-Surrogates"
      ))
    return headers
  }

  /// The headers of the response to a preflight request.
  static func preflight(_ methods: String, _ asked: String?) -> [(name: String, value: String)] {
    [
      ("access-control-allow-methods", methods),
      ("access-control-allow-headers", asked ?? "Authorization, Content-Type"),
      ("access-control-max-age", "600"), ("allow", "\(methods), OPTIONS"),
    ]
  }
}
