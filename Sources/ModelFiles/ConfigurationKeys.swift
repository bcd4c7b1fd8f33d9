import Diagnostics
import Foundation

/// A value of a JSON object.
enum ConfigurationValue: Decodable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([ConfigurationValue])
  case object([String: ConfigurationValue])

  init(from decoder: any Decoder) throws {
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let flag = try? single.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let text = try? single.decode(String.self) {
      self = .text(text)
    } else if let list = try? single.decode([ConfigurationValue].self) {
      self = .list(list)
    } else {
      self = .object(try single.decode([String: ConfigurationValue].self))
    }
  }

  var found: String {
    switch self {
    case .null: "null"
    case .flag(let flag): "\(flag)"
    case .number(let number): Self.written(number)
    case .text(let text): "'\(text)'"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// A value that names something, as text; `fallback` for null, and nil for a list or an object.
  func label(else fallback: String) -> String? {
    switch self {
    case .null: fallback
    case .flag(let flag): "\(flag)"
    case .number(let number): Self.written(number)
    case .text(let text): text
    case .list, .object: nil
    }
  }

  /// Integers without a fraction, as files have them.
  private static func written(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// Whether it says nothing: null, false, or an empty text, list or object.
  var isEmpty: Bool {
    switch self {
    case .null: true
    case .flag(let flag): !flag
    case .number: false
    case .text(let text): text.isEmpty
    case .list(let list): list.isEmpty
    case .object(let members): members.isEmpty
    }
  }

  /// The texts in it: itself, those of a list, or the values of an object by their keys.
  var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .list(let list): list.flatMap(\.texts)
    case .object(let members): members.sorted { $0.key < $1.key }.flatMap(\.value.texts)
    default: []
    }
  }
}

/// The keys of a JSON configuration, with the errors that go with them. A null counts as absent, as
/// in files that Python wrote.
struct ConfigurationKeys {
  private let values: [String: ConfigurationValue]
  /// The file, for failures.
  let name: String

  init(_ json: [UInt8], name: String) throws(Failure) {
    self.name = name
    do {
      values = try JSONDecoder().decode([String: ConfigurationValue].self, from: Data(json))
    } catch {
      throw Failure(
        .badData, "this is not a JSON object", at: Place(name),
        expected: "a model configuration, as save_pretrained writes it")
    }
  }

  /// All keys, sorted.
  var names: [String] { values.keys.sorted() }

  /// The value of a key; null where there is no such key.
  subscript(key: String) -> ConfigurationValue { values[key] ?? .null }

  func string(_ key: String, default fallback: String) throws(Failure) -> String {
    switch values[key] ?? .null {
    case .null: return fallback
    case .text(let text): return text
    case let other: throw mistyped(key, other, "a string")
    }
  }

  func flag(_ key: String, default fallback: Bool) throws(Failure) -> Bool {
    switch values[key] ?? .null {
    case .null: return fallback
    case .flag(let flag): return flag
    case let other: throw mistyped(key, other, "true or false")
    }
  }

  func number(_ key: String, default fallback: Double?) throws(Failure) -> Double {
    switch values[key] ?? .null {
    case .number(let number): return number
    case .null:
      if let fallback { return fallback }
      throw Failure(
        .badData, "the key '\(key)' is missing", at: Place(name),
        remedy: "take the config.json that belongs to the weights")
    case let other: throw mistyped(key, other, "a number")
    }
  }

  func count(
    _ key: String, default fallback: Int? = nil, least: Int = 1, most: Int = 1 << 24
  ) throws(Failure) -> Int {
    let number = try number(key, default: fallback.map(Double.init))
    guard number == number.rounded(), number >= Double(least), number <= Double(most) else {
      throw mistyped(key, .number(number), "a whole number from \(least) to \(most)")
    }
    return Int(number)
  }

  func number(
    _ key: String, default fallback: Double, in range: ClosedRange<Double>
  ) throws(Failure) -> Double {
    let number = try number(key, default: fallback)
    guard range.contains(number) else {
      throw mistyped(
        key, .number(number), "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func rate(_ key: String, default fallback: Float) throws(Failure) -> Float {
    let number = try number(key, default: Double(fallback))
    guard number >= 0, number < 1 else {
      throw mistyped(key, .number(number), "a rate from 0 up to but not including 1")
    }
    return Float(number)
  }

  func mistyped(_ key: String, _ value: ConfigurationValue, _ expected: String) -> Failure {
    Failure(
      .badData, "the value is \(value.found)", at: Place(name, key: key), expected: expected)
  }
}
