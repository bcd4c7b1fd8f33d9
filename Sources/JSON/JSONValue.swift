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

  /// Reads a JSON text, of whose duplicate keys the first counts; `name` is the file name in
  /// failures.
  ///
  /// - Throws: `badData` with line and column, or with the key of a value that cannot be read.
  package init(_ json: [UInt8], name: String) throws(Failure) {
    self = try JSONReader().decode(JSONValue.self, from: json, name: name)
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
  /// Reads a part of a JSON text; no other format has these kinds of values.
  package init(from decoder: any Decoder) throws {
    guard let reading = decoder as? JSONTapeReading else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a JSON value is read from JSON"))
    }
    self = try reading.tape.value(reading.place)
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
