public import Diagnostics
import Foundation
import JSON

/// The settings of requests to a judge.
public struct JudgeSettings: Sendable {
  /// The address of the API, up to and without `/chat/completions`.
  public var endpoint: String
  /// The model.
  public var model: String
  /// The most tokens of an answer.
  public var maximumTokens = 300
  /// Requests at a time.
  public var concurrency = 4
  /// Seconds a request may take.
  public var timeout = 60.0
  /// Retries after a fault.
  public var retries = 4
  /// The longest wait after the first attempt and after any, in seconds.
  package var waits = (first: 0.5, longest: 60.0)

  /// Settings with defaults.
  public init(endpoint: String, model: String) {
    (self.endpoint, self.model) = (endpoint, model)
  }

  /// The environment variable of the API key.
  public static let apiKeyVariable = "LTR_JUDGE_API_KEY"

  /// The address of requests.
  ///
  /// - Throws: `badRecipe` if the endpoint is not HTTP(S) or contains a password.
  public func address() throws(Failure) -> String {
    guard var parts = URLComponents(string: endpoint), let scheme = parts.scheme,
      ["http", "https"].contains(scheme), parts.host?.isEmpty == false
    else {
      throw Failure(
        .badRecipe, "'\(endpoint)' is not the address of a judge",
        expected: "an address such as http://localhost:8000/v1")
    }
    guard parts.user == nil, parts.password == nil else {
      throw Failure(
        .badRecipe, "the judge's address contains a user name or password",
        remedy: "set \(Self.apiKeyVariable) in the environment")
    }
    while parts.path.hasSuffix("/") { parts.path.removeLast() }
    parts.path += "/chat/completions"
    (parts.query, parts.fragment) = (nil, nil)
    return parts.string ?? endpoint
  }

  /// The body of a request.
  func body(_ prompt: String) throws(Failure) -> String {
    try JSONValue.object([
      "model": .text(model), "temperature": 0, "max_tokens": .whole(maximumTokens),
      "messages": [["role": "user", "content": .text(prompt)]],
    ]).json()
  }
}

/// What one request gave.
enum JudgeReply: Sendable {
  /// The text of the answer, and the tokens that the server counted.
  case answered(String, tokens: Int)
  /// A fault that a retry may end, and the seconds that the server asks to wait.
  case faulty(String, wait: Double?)
  /// A fault of this request, which a retry would meet again.
  case rejected(String)
  /// A fault of the settings, which every other pair would meet as well.
  case refused(Failure)
}

/// The first choice's text and the tokens of a response; nil if it is not one of chat completions.
func completion(_ bytes: [UInt8]) -> (text: String, tokens: Int)? {
  guard let value = try? JSONValue(bytes, name: "answer"),
    case .list(let choices)? = value["choices"],
    case .text(let text)? = choices.first?["message"]?["content"]
  else { return nil }
  var tokens = 0
  if case .whole(let number)? = value["usage"]?["total_tokens"], number > 0 { tokens = number }
  return (text, tokens)
}
