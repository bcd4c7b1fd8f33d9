public import Diagnostics
import Foundation
import Options

extension SearchServerOptions {
  /// The address that batches of queries are sent to.
  ///
  /// - Throws: `badRecipe` where the address is none of HTTP, or holds a password.
  func multiSearchAddress() throws(Failure) -> String {
    guard var parts = URLComponents(string: url), let scheme = parts.scheme,
      ["http", "https"].contains(scheme), parts.host?.isEmpty == false
    else {
      throw Failure(
        .badRecipe, "'\(url)' is not the address of a search server",
        expected: "an address such as https://search.example.org:9200")
    }
    guard parts.user == nil, parts.password == nil else {
      throw Failure(
        .badRecipe, "the address of the search server holds a name or password",
        expected: "an address without them; they are taken from the environment",
        remedy: "set \(SearchCredentials.userVariable) and \(SearchCredentials.passwordVariable)")
    }
    let wrong = CharacterSet(charactersIn: "/?#\\ ").union(.controlCharacters)
    guard !index.isEmpty, index.rangeOfCharacter(from: wrong) == nil, index != ".", index != ".."
    else {
      throw Failure(
        .badRecipe, "'\(index)' is not the name of an index",
        expected: "a name without spaces and slashes")
    }
    var path = parts.path
    while path.hasSuffix("/") { path.removeLast() }
    parts.path = path + "/" + index + "/_msearch"
    parts.query = nil
    parts.fragment = nil
    return parts.string ?? url
  }
}

/// The credentials of requests to a search server.
public enum SearchCredentials: Sendable, Equatable {
  /// A name and a password.
  case basic(user: String, password: String)
  /// An API key as the server shows it, encoded.
  case apiKey(String)

  /// The environment's variables that credentials are taken from.
  public static let userVariable = "LTR_SEARCH_USER"
  /// The variable of the password.
  public static let passwordVariable = "LTR_SEARCH_PASSWORD"
  /// The variable of the API key.
  public static let apiKeyVariable = "LTR_SEARCH_API_KEY"

  /// The credentials in an environment; an API key goes before a name. Nil where there are none.
  ///
  /// - Throws: `badRecipe` where there is a name without a password or the other way round.
  public init?(environment: [String: String]) throws(Failure) {
    if let key = environment[Self.apiKeyVariable], !key.isEmpty {
      self = .apiKey(key)
      return
    }
    switch (environment[Self.userVariable], environment[Self.passwordVariable]) {
    case (let user?, let password?): self = .basic(user: user, password: password)
    case (nil, nil): return nil
    case (let user, _):
      let (there, missing) =
        user == nil
        ? (Self.passwordVariable, Self.userVariable) : (Self.userVariable, Self.passwordVariable)
      throw Failure(
        .badRecipe, "the environment has \(there) and no \(missing)",
        expected: "both, or \(Self.apiKeyVariable), or none of them")
    }
  }

  /// The value of the header `Authorization`.
  var header: String {
    switch self {
    case .basic(let user, let password):
      "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    case .apiKey(let key): "ApiKey " + key
    }
  }
}
