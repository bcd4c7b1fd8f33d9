package import Diagnostics
import Foundation

/// A JSON value of any kind, for files whose keys are not all known here, and for results that are
/// put together as they come. Objects are written with sorted keys, so equal values are equal
/// bytes.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// Reads a JSON text; `name` is the file name in failures.
  package init(_ json: [UInt8], name: String) throws(Failure) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(json))
    } catch {
      throw Failure(
        .badData, "this is not JSON", at: Place(name),
        remedy: "fetch or write the file again; it may have been cut short")
    }
  }

  /// The shortest decimal that is this `Float`: 0.1 and not 0.10000000149.
  package static func decimal(_ value: Float) -> JSONValue {
    .number(Double("\(value)") ?? Double(value))
  }

  /// The members of an object, or nil where this is none.
  package var members: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The value of a key of an object; nil where it is not there or null.
  package subscript(_ key: String) -> JSONValue? {
    guard let value = members?[key], value != .null else { return nil }
    return value
  }

  /// The value as a number, or nil where it is none.
  package var double: Double? {
    switch self {
    case .whole(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// The value as JSON, over several lines where `isPretty`, without a line end behind it.
  ///
  /// - Throws: `software` for a number that is not finite, which JSON cannot express.
  package func json(isPretty: Bool = false) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      throw Failure(.software, "a result cannot be written as JSON: \(error)")
    }
  }
}

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    // Scalars first: a container of another kind is refused by an error, which costs time.
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let flag = try? single.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? single.decode(Int.self) {
      // Integers stay as they are: ids may be larger than a Double tells apart.
      self = .whole(whole)
    } else if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let text = try? single.decode(String.self) {
      self = .text(text)
    } else if var list = try? decoder.unkeyedContainer() {
      var values: [JSONValue] = []
      while !list.isAtEnd { values.append(try list.decode(JSONValue.self)) }
      self = .list(values)
    } else {
      let object = try decoder.container(keyedBy: AnyKey.self)
      var members: [String: JSONValue] = [:]
      for key in object.allKeys {
        members[key.stringValue] = try object.decode(JSONValue.self, forKey: key)
      }
      self = .object(members)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: AnyKey.self)
      for (key, value) in members {
        try container.encode(value, forKey: AnyKey(stringValue: key))
      }
    case .list(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .flag(let flag): try flag.encode(to: encoder)
    case .whole(let whole): try whole.encode(to: encoder)
    case .number(let number): try number.encode(to: encoder)
    case .text(let text): try text.encode(to: encoder)
    }
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int) { self = .whole(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .flag(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}
