public import Diagnostics
import Files
import Foundation

/// The body of a search request, with places for the query and the depth.
///
/// A text `{{query}}`, alone or inside a longer one, becomes the query's words; the whole text
/// `{{depth}}` becomes a number. Nothing that a query holds can change the form of the body.
public struct QueryTemplate: Sendable, Equatable {
  private let value: JSONTree

  /// The template that a server is asked with where nobody gives one: all words of the query, in the
  /// fields title and text.
  public static let standard = QueryTemplate(
    .object([
      "query": .object([
        "multi_match": .object([
          "query": .text("{{query}}"), "fields": .array([.text("title"), .text("text")]),
        ])
      ]),
      "size": .text("{{depth}}"), "_source": .bool(false),
    ]))

  private init(_ value: JSONTree) { self.value = value }

  /// Reads a template from a file of JSON.
  ///
  /// - Throws: `missingInput`; `badData` where the file is no JSON object or has no place for the query.
  public init(readingFrom path: String) throws(Failure) {
    let bytes = try readText(path).bytes
    let example = #"{"query": {"match": {"text": "{{query}}"}}, "size": "{{depth}}"}"#
    guard let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(bytes.array)),
      case .object = tree
    else {
      throw Failure(
        .badData, "the body of a search request is not a JSON object", at: Place(path),
        expected: "a body such as \(example)")
    }
    guard tree.mentions(Self.queryPlace) else {
      throw Failure(
        .badData, "the body of a search request has no place for the query", at: Place(path),
        expected: "the text \(Self.queryPlace) somewhere in it, as in \(example)")
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Every tree came from JSON and has finite numbers.
    return (try? encoder.encode(filled)) ?? Data()
  }
}

/// Any JSON.
indirect enum JSONTree: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case whole(Int)
  case text(String)
  case array([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      // Whole numbers stay as they are: ids may be larger than a Double tells apart.
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONTree].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// Whether a text in it contains `part`.
  func mentions(_ part: String) -> Bool {
    switch self {
    case .text(let text): text.contains(part)
    case .array(let values): values.contains { $0.mentions(part) }
    case .object(let members): members.values.contains { $0.mentions(part) }
    case .null, .bool, .number, .whole: false
    }
  }

  /// The same with every text replaced by what `replace` makes of it.
  func replacing(_ replace: (String) -> JSONTree) -> JSONTree {
    switch self {
    case .text(let text): replace(text)
    case .array(let values): .array(values.map { $0.replacing(replace) })
    case .object(let members): .object(members.mapValues { $0.replacing(replace) })
    case .null, .bool, .number, .whole: self
    }
  }
}
