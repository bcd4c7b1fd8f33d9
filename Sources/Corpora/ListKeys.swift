import Diagnostics
import JSON

/// A problem with a list, and its key.
struct ListProblem: Error {
  var key: String?
  var problem: String
  var expected: String?
  var remedy: String?
}

/// A key with any name.
struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { return nil }
}

/// The values of an object; every error has the path of its key.
struct ListKeys {
  private let values: KeyedDecodingContainer<AnyKey>
  private let path: [any CodingKey]

  /// Unknown keys are ignored, so that lists may carry data for other programs; but not those that
  /// are most likely a misspelt known key.
  init(_ decoder: any Decoder, known: [String]) throws {
    path = decoder.codingPath
    do {
      values = try decoder.container(keyedBy: AnyKey.self)
    } catch let error where path.isEmpty {
      throw error
    } catch {
      throw ListProblem(
        key: path.path, problem: "a document is not a JSON object",
        expected: #"an object such as {"text": "…", "label": 1}"#)
    }
    for key in values.allKeys where !known.contains(key.stringValue) {
      // One letter from "id" are also pid, did, _id: keys of other programs rather than
      // misspellings.
      let long = known.filter { $0.count > 2 }
      guard let near = nearest(to: key.stringValue, in: long), !values.contains(AnyKey(near))
      else { continue }
      throw problem(
        key.stringValue, "unknown key '\(key.stringValue)'",
        "some of \(known.joined(separator: ", "))", remedy: "write '\(near)'")
    }
  }

  func problem(
    _ key: String?, _ problem: String, _ expected: String, remedy: String? = nil
  ) -> ListProblem {
    let full = path + (key.map { [AnyKey($0)] } ?? [])
    return ListProblem(
      key: full.isEmpty ? nil : full.path, problem: problem, expected: expected,
      remedy: remedy)
  }

  func text(_ key: String) throws -> String? {
    try value(key, "a text") { try $0.decodeIfPresent(String.self, forKey: $1) }
  }

  /// An id is a string or an integer, as in collections.
  func identifier(_ key: String) throws -> String? {
    let id = try value(key, #"an id such as "d12" or 12"#) { values, key in
      if let number = try? values.decodeIfPresent(Int.self, forKey: key) {
        return "\(number)" as String?
      }
      return try values.decodeIfPresent(String.self, forKey: key)
    }
    if let id, id.isEmpty { throw problem(key, "the id is empty", #"an id such as "d12" or 12"#) }
    return id
  }

  func number(
    _ key: String, _ expected: String, where isRight: (Double) -> Bool
  ) throws -> Double? {
    let number = try value(key, expected, isNumber: true) {
      try $0.decodeIfPresent(Double.self, forKey: $1)
    }
    if let number, !(number.isFinite && isRight(number)) {
      throw problem(key, "'\(key)' cannot be \(number)", expected)
    }
    return number
  }

  /// The value at a key, read by `read`.
  func decoded<Value: Decodable>(
    _ type: Value.Type, _ key: String, _ expected: String
  ) throws -> Value? {
    try value(key, expected) { try $0.decodeIfPresent(type, forKey: $1) }
  }

  func documents(_ key: String) throws -> [ListRecord.Document] {
    try value(key, "a list of objects") {
      try $0.decodeIfPresent([ListRecord.Document].self, forKey: $1)
    } ?? []
  }

  private func value<Value>(
    _ key: String, _ expected: String, isNumber: Bool = false,
    _ read: (KeyedDecodingContainer<AnyKey>, AnyKey) throws -> Value
  ) throws -> Value {
    do {
      return try read(values, AnyKey(key))
    } catch is DecodingError {
      let found = try? values.decode(FoundValue.self, forKey: AnyKey(key))
      throw problem(
        key, "the value of '\(key)' is \(found?.description ?? "something else")", expected,
        remedy: isNumber ? found?.remedy : nil)
    }
  }
}
