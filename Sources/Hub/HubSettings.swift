public import Diagnostics
import Files
import Foundation
import Web

/// The hub's address, credentials and the folders of what was fetched; read from the environment
/// variables that Python's huggingface_hub reads.
public struct HubSettings: Sendable {
  /// The cache of models, which has the layout of huggingface_hub's and is shared with it.
  public var cache: String
  /// The folder of collections of the catalogue.
  public var collections: String
  /// The token of an account; nil for none. It is sent to the hub alone.
  public var token: String?
  /// The address of the hub, without a slash at its end.
  public var endpoint: String
  /// Whether nothing is asked of the network.
  public var isOffline: Bool
  /// The proxy of all requests: a host and a port; nil for none.
  public var proxy: (host: String, port: Int)?
  /// A file of certificates that are trusted as well; nil for none.
  public var certificates: String?
  /// How long a server may be silent, in seconds.
  public var timeout: Double = 60
  /// How often a request is sent again after a temporary fault.
  public var retries = 5
  /// The first wait before a request is sent again, in seconds; later ones are longer.
  public var firstWait: Double = 1
  /// The longest wait that is accepted, in seconds.
  public var longestWait: Double = 120
  /// How long another program may hold a lock without its download growing, in seconds.
  public var lockPatience: Double = 300

  /// The address of the public hub.
  static let publicHub = "https://huggingface.co"

  /// The settings of an environment.
  ///
  /// - Throws: `usage` if the hub's or the proxy's address is invalid, or the token is.
  public init(environment: [String: String]) throws(Failure) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func isSet(_ name: String) -> Bool {
      ["1", "on", "yes", "true"].contains(environment[name]?.lowercased() ?? "")
    }
    let home = value("HOME") ?? NSHomeDirectory()
    func path(_ text: String) -> String {
      text == "~" || text.hasPrefix("~/") ? home + text.dropFirst() : text
    }
    let caches = path(value("XDG_CACHE_HOME") ?? "~/.cache")
    let hub = path(value("HF_HOME") ?? caches + "/huggingface")
    cache = path(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? hub + "/hub")
    collections = path(value("LTR_HOME") ?? caches + "/ltr") + "/collections"
    isOffline = isSet("HF_HUB_OFFLINE") || isSet("TRANSFORMERS_OFFLINE")
    endpoint = try Self.address(value("HF_ENDPOINT") ?? Self.publicHub)
    token = try Self.token(
      value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
      file: isSet("HF_HUB_DISABLE_IMPLICIT_TOKEN")
        ? nil : path(value("HF_TOKEN_PATH") ?? hub + "/token"))
    certificates = value("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE").map(path)
    let without = value("no_proxy", "NO_PROXY") ?? ""
    let isSecure = endpoint.hasPrefix("https:")
    let named =
      isSecure ? value("https_proxy", "HTTPS_PROXY") : value("http_proxy", "HTTP_PROXY")
    let host = URLComponents(string: endpoint)?.host ?? ""
    if let named, !Self.omitsProxy(host, without) { proxy = try Self.proxy(named) }
  }

  private static func address(_ text: String) throws(Failure) -> String {
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
      parts.host?.isEmpty == false, parts.user == nil, parts.query == nil
    else {
      throw Failure(
        .usage, "HF_ENDPOINT is not an address: '\(text)'",
        expected: "an address such as \(publicHub)", remedy: "correct or unset HF_ENDPOINT")
    }
    var address = text
    while address.hasSuffix("/") { address.removeLast() }
    return address
  }

  private static func token(_ own: String?, file: String?) throws(Failure) -> String? {
    var (found, place) = (own, "HF_TOKEN")
    if own == nil, let file, fileKind(at: file) == .file, let bytes = try? Bytes(mapping: file) {
      (found, place) = (bytes.text, file)
    }
    guard let token = found?.trimmingCharacters(in: .whitespacesAndNewlines), !token.isEmpty
    else { return nil }
    // In a header, other characters would end the line or be rejected by every server.
    guard token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw Failure(
        .usage, "the token of the hub holds characters that no token has", at: Place(place),
        expected: "one line, such as hf_…", remedy: "copy the token from the hub's settings again")
    }
    return token
  }

  private static func omitsProxy(_ host: String, _ list: String) -> Bool {
    list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.contains { name in
      let name = name.hasPrefix(".") ? String(name.dropFirst()) : name
      return name == "*" || host == name || !name.isEmpty && host.hasSuffix("." + name)
    }
  }

  private static func proxy(_ text: String) throws(Failure) -> (host: String, port: Int) {
    let parts = URLComponents(string: text.contains("://") ? text : "http://" + text)
    guard let parts, parts.scheme == "http", let host = parts.host, !host.isEmpty,
      parts.user == nil
    else {
      throw Failure(
        .usage, "the proxy's address cannot be used: '\(text)'",
        expected: "an address such as http://proxy.example.org:3128, without a password",
        remedy: "correct the environment variable https_proxy or http_proxy")
    }
    return (host, parts.port ?? 80)
  }
}
