public import Diagnostics
import Foundation
import Options

extension SearchServerOptions {
  /// The URL that batches of queries are sent to.
  ///
  /// - Throws: `badRecipe` if the URL is not HTTP(S) or contains a password.
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
        .badRecipe, "the address of the search server contains a user name or password",
        expected: "an address without credentials, which are read from the environment",
        remedy: "set \(SearchCredentials.userVariable) and \(SearchCredentials.passwordVariable)")
    }
    let wrong = CharacterSet(charactersIn: "/?#\\ ").union(.controlCharacters)
    guard !index.isEmpty, index.rangeOfCharacter(from: wrong) == nil, index != ".", index != ".."
    else {
      throw Failure(
        .badRecipe, "'\(index)' is not a valid index name",
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
  /// A user name and a password.
  case basic(user: String, password: String)
  /// An API key in the encoded form that the server displays.
  case apiKey(String)

  /// The environment variable of the user name.
  public static let userVariable = "LTR_SEARCH_USER"
  /// The environment variable of the password.
  public static let passwordVariable = "LTR_SEARCH_PASSWORD"
  /// The environment variable of the API key.
  public static let apiKeyVariable = "LTR_SEARCH_API_KEY"

  /// The credentials in an environment; an API key has priority over a user name. Nil if there are
  /// none.
  ///
  /// - Throws: `badRecipe` if there is a user name without a password or vice versa.
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
        .badRecipe, "the environment variable \(there) is set, but \(missing) is not",
        expected: "both variables, \(Self.apiKeyVariable) instead, or none of the three")
    }
  }

  /// The value of the `Authorization` header.
  var header: String {
    switch self {
    case .basic(let user, let password):
      "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    case .apiKey(let key): "ApiKey " + key
    }
  }
}
