public import Diagnostics
import JSON

/// A value of a JSON object.
public enum ConfigurationValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([ConfigurationValue])
  case object([String: ConfigurationValue])

  init(_ node: JSONNode) {
    switch node.value {
    case .null: self = .null
    case .bool(let flag): self = .flag(flag)
    case .number(let text): self = .number(Double(text) ?? .nan)
    case .string(let text): self = .text(String(decoding: text, as: UTF8.self))
    case .array(let items): self = .list(items.map { ConfigurationValue($0) })
    case .object(let members):
      self = .object(
        Dictionary(
          members.map { ($0.name, ConfigurationValue($0.node)) }, uniquingKeysWith: { $1 }))
    }
  }

  /// The value as a message shows it.
  package var found: String {
    switch self {
    case .null: "null"
    case .flag(let flag): "\(flag)"
    case .number(let number): Self.written(number)
    case .text(let text): "'\(text)'"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// A label as text; `fallback` for null, and nil for a list or an object.
  package func label(else fallback: String) -> String? {
    switch self {
    case .null: fallback
    case .flag(let flag): "\(flag)"
    case .number(let number): Self.written(number)
    case .text(let text): text
    case .list, .object: nil
    }
  }

  /// A number, without a fraction if it is an integer, as in files.
  private static func written(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// Whether the value is empty: null, false, or an empty text, list or object.
  package var isEmpty: Bool {
    switch self {
    case .null: true
    case .flag(let flag): !flag
    case .number: false
    case .text(let text): text.isEmpty
    case .list(let list): list.isEmpty
    case .object(let members): members.isEmpty
    }
  }

  /// The texts of the value: itself, those of a list, or the values of an object in the order of
  /// their keys.
  package var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .list(let list): list.flatMap(\.texts)
    case .object(let members): members.sorted { $0.key < $1.key }.flatMap(\.value.texts)
    default: []
    }
  }
}

/// The keys of a JSON configuration, with typed access and errors. A null counts as absent, as in
/// files written by Python.
public struct ConfigurationKeys: Sendable {
  private let values: [String: ConfigurationValue]
  /// The file, for failures.
  public let name: String
  /// What precedes a key in failures: the keys of the objects around it, each with a point.
  private let path: String

  /// - Throws: `badData` if the bytes are not a JSON object.
  public init(_ json: [UInt8], name: String) throws(Failure) {
    self.name = name
    guard let document = try? JSONDocument(json, name: name),
      case .object(let values) = ConfigurationValue(document.root)
    else {
      throw Failure(
        .badData, "this is not a JSON object", at: Place(name),
        expected: "a model configuration, as save_pretrained writes it",
        remedy: "download or write the file again; it may be truncated")
    }
    self.values = values
    path = ""
  }

  private init(_ values: [String: ConfigurationValue], name: String, path: String) {
    (self.values, self.name, self.path) = (values, name, path)
  }

  /// The keys of an object within it; none where there is no such object.
  ///
  /// - Throws: `badData` where the value is of another type.
  package func section(_ key: String) throws(Failure) -> ConfigurationKeys {
    switch self[key] {
    case .null: return ConfigurationKeys([:], name: name, path: path + key + ".")
    case .object(let values): return ConfigurationKeys(values, name: name, path: path + key + ".")
    case let other: throw mistyped(key, other, "an object")
    }
  }

  /// Where the value of a key is, for failures.
  package func place(of key: String) -> Place { Place(name, key: path + key) }

  /// All keys, sorted.
  package var names: [String] { values.keys.sorted() }

  /// The value of a key; null if the key is absent.
  package subscript(key: String) -> ConfigurationValue { values[key] ?? .null }

  /// A text.
  ///
  /// - Throws: `badData` if the value is of a different type.
  package func string(_ key: String, default fallback: String) throws(Failure) -> String {
    switch values[key] ?? .null {
    case .null: return fallback
    case .text(let text): return text
    case let other: throw mistyped(key, other, "a string")
    }
  }

  /// True or false.
  ///
  /// - Throws: `badData` if the value is of a different type.
  package func flag(_ key: String, default fallback: Bool) throws(Failure) -> Bool {
    switch values[key] ?? .null {
    case .null: return fallback
    case .flag(let flag): return flag
    case let other: throw mistyped(key, other, "true or false")
    }
  }

  /// A number.
  ///
  /// - Throws: `badData` if it is missing without a default, or of a different type.
  package func number(_ key: String, default fallback: Double?) throws(Failure) -> Double {
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

  /// An integer in a range.
  ///
  /// - Throws: `badData` for any other value.
  package func count(
    _ key: String, default fallback: Int? = nil, least: Int = 1, most: Int = 1 << 24
  ) throws(Failure) -> Int {
    let number = try number(key, default: fallback.map(Double.init))
    guard number == number.rounded(), number >= Double(least), number <= Double(most) else {
      throw mistyped(key, .number(number), "an integer from \(least) to \(most)")
    }
    return Int(number)
  }

  /// A number in a range.
  ///
  /// - Throws: `badData` for any other value.
  package func number(
    _ key: String, default fallback: Double, in range: ClosedRange<Double>
  ) throws(Failure) -> Double {
    let number = try number(key, default: fallback)
    guard range.contains(number) else {
      throw mistyped(
        key, .number(number), "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number from 0 up to but not including 1.
  ///
  /// - Throws: `badData` for any other value.
  package func rate(_ key: String, default fallback: Float) throws(Failure) -> Float {
    let number = try number(key, default: Double(fallback))
    guard number >= 0, number < 1 else {
      throw mistyped(key, .number(number), "a rate from 0 up to but not including 1")
    }
    return Float(number)
  }

  /// The failure of a value of the wrong type.
  package func mistyped(_ key: String, _ value: ConfigurationValue, _ expected: String) -> Failure {
    Failure(
      .badData, "the value is \(value.found)", at: place(of: key), expected: expected)
  }
}
