public import Diagnostics
import Files
import Foundation
import JSON

/// The body of a search request, with placeholders for the query and the depth.
///
/// `{{query}}`, alone or inside a longer string, is replaced by the query's text; the string
/// `{{depth}}` is replaced by a number. A query's text cannot change the structure of the body.
public struct QueryTemplate: Sendable, Equatable {
  private let value: JSONValue

  /// The default template: all words of the query, in the fields title and text.
  public static let standard = QueryTemplate(
    .object([
      "query": .object([
        "multi_match": .object([
          "query": .text("{{query}}"), "fields": .list([.text("title"), .text("text")]),
        ])
      ]),
      "size": .text("{{depth}}"), "_source": .flag(false),
    ]))

  private init(_ value: JSONValue) { self.value = value }

  /// Reads a template from a JSON file.
  ///
  /// - Throws: `missingInput`; `badData` if the file is not a JSON object or has no placeholder for
  ///   the query.
  public init(readingFrom path: String) throws(Failure) {
    let bytes = try readText(path).bytes
    let example = #"{"query": {"match": {"text": "{{query}}"}}, "size": "{{depth}}"}"#
    guard let tree = try? JSONValue(bytes.array, name: path), tree.members != nil
    else {
      throw Failure(
        .badData, "the body of a search request is not a JSON object", at: Place(path),
        expected: "a body such as \(example)")
    }
    guard tree.mentions(Self.queryPlace) else {
      throw Failure(
        .badData, "the body of a search request has no placeholder for the query", at: Place(path),
        expected: "the placeholder \(Self.queryPlace), as in \(example)")
    }
    value = tree
  }

  static let queryPlace = "{{query}}"
  static let depthPlace = "{{depth}}"

  /// The body for a query, on one line.
  func body(query: String, depth: Int) -> Data {
    let filled = value.replacing { text in
      text == Self.depthPlace
        ? .whole(depth) : .text(text.replacing(Self.queryPlace, with: query))
    }
    // Every template was read from JSON and has finite numbers.
    return Data(((try? filled.json()) ?? "").utf8)
  }
}

extension JSONValue {
  /// Whether a string in it contains `part`.
  fileprivate func mentions(_ part: String) -> Bool {
    switch self {
    case .text(let text): text.contains(part)
    case .list(let values): values.contains { $0.mentions(part) }
    case .object(let members): members.values.contains { $0.mentions(part) }
    case .null, .flag, .number, .whole: false
    }
  }

  /// The value with every string replaced by the result of `replace`.
  fileprivate func replacing(_ replace: (String) -> JSONValue) -> JSONValue {
    switch self {
    case .text(let text): replace(text)
    case .list(let values): .list(values.map { $0.replacing(replace) })
    case .object(let members): .object(members.mapValues { $0.replacing(replace) })
    case .null, .flag, .number, .whole: self
    }
  }
}
