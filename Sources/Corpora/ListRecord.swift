import Diagnostics
import Files
import Foundation

/// A query with documents to learn from, as a line of a lists file has it.
///
/// Query and documents are given by their texts, by their ids in a collection, or by both: then the
/// text is what is read, and the id is what a run calls it.
public struct ListRecord: Sendable, Equatable {
  /// A document of the list.
  public struct Document: Sendable, Equatable {
    /// What a collection or a run calls it.
    public var id: String?
    /// Its title, which a model reads before the text.
    public var title: String?
    /// Its body.
    public var text: String?
    /// How relevant it is, or whether it was clicked; 0 where there is a teacher's score alone.
    public var label = 0.0
    /// A teacher's score, on whatever scale the teacher has.
    public var teacher: Double?
    /// What its part of the loss is multiplied by, 0 or more.
    public var weight: Double?
    /// Where it was shown, from 1.
    public var position: Int?
    /// How probable it was that a user looked at it, above 0 up to 1.
    public var propensity: Double?

    /// What a model reads: title and text as those of a collection's document (`Document.content`),
    /// or nil where the id alone says what to read. A title beside an id and no text is no more
    /// than a part of the document that the id names.
    public var content: String? {
      guard text != nil || id == nil else { return nil }
      guard let title else { return text }
      return Corpora.Document(id: "", title: title, text: text ?? "").content
    }
  }

  /// What a collection or a run calls the query.
  public var queryID: String?
  /// The query's words.
  public var query: String?
  /// What the list's part of the loss is multiplied by, 0 or more.
  public var weight: Double?
  /// The documents, at least one.
  public var documents: [Document]
}

extension ListRecord {
  /// What weights may be: products of some of them are to stay numbers.
  fileprivate static let weightRange = 0.0...1e6
  fileprivate static let weights = "from 0 to 1000000"

  /// Parses one line; what no text can hold becomes U+FFFD and is counted.
  ///
  /// - Throws: `badData` at `place` with the key and the problem.
  static func parse(
    _ line: Bytes, at place: Place, counting faults: inout TextFaults
  ) throws(Failure) -> ListRecord {
    do {
      return try JSONLine.decode(
        ListRecord.self, from: line, number: place.line ?? 0, counting: &faults)
    } catch let problem as ListProblem {
      var place = place
      place.key = problem.key
      throw Failure(
        .badData, problem.problem, at: place, expected: problem.expected, remedy: problem.remedy)
    } catch DecodingError.typeMismatch(_, let context) where context.codingPath.isEmpty {
      throw Failure(.badData, "the line is not a JSON object", at: place, expected: ListLines.shape)
    } catch {
      let mended = Data(line.replacingLoneSurrogates.text.utf8)
      throw JSONRecord.notJSON(mended, at: place, expected: ListLines.shape)
    }
  }
}

extension ListRecord: Decodable {
  /// Reads the object of a line; throws the problem with its key.
  public init(from decoder: any Decoder) throws {
    let keys = try ListKeys(
      decoder, known: ["query_id", "query", "weight", "documents"])
    queryID = try keys.identifier("query_id")
    query = try keys.text("query")
    weight = try keys.number("weight", ListRecord.weights) { ListRecord.weightRange.contains($0) }
    documents = try keys.documents("documents")
    guard queryID != nil || query != nil else {
      throw keys.problem("query", "the list has no query", ListLines.shape)
    }
    guard !documents.isEmpty else {
      throw keys.problem("documents", "the list has no documents", ListLines.shape)
    }
    var seen: Set<String> = []
    for document in documents {
      guard let id = document.id, !seen.insert(id).inserted else { continue }
      throw keys.problem(
        "documents", "the document '\(id)' occurs twice", "a document once in a list",
        remedy: "remove one of the two")
    }
  }
}

extension ListRecord.Document: Decodable {
  /// Reads the object of a document; throws the problem with its key.
  public init(from decoder: any Decoder) throws {
    let keys = try ListKeys(
      decoder,
      known: ["id", "title", "text", "label", "teacher", "weight", "position", "propensity"])
    id = try keys.identifier("id")
    title = try keys.text("title")
    text = try keys.text("text")
    let label = try keys.number("label", "finite, such as 0, 1 or 2.5") { _ in true }
    teacher = try keys.number("teacher", "finite") { _ in true }
    weight = try keys.number("weight", ListRecord.weights) { ListRecord.weightRange.contains($0) }
    position = try keys.number("position", "whole, from 1 up") {
      (1...1e9).contains($0) && $0 == $0.rounded()
    }.map { Int($0) }
    propensity = try keys.number("propensity", "from \(Propensities.least) to 1") {
      (Propensities.least...1).contains($0)
    }
    guard id != nil || text != nil || title != nil else {
      throw keys.problem(
        nil, "the document has no 'text', 'title' or 'id'", "what the model reads, or where it is")
    }
    guard label != nil || teacher != nil else {
      throw keys.problem(
        "label", "the document has neither a label nor a teacher's score",
        "a number such as 0, 1 or 2.5", remedy: "write 0 where it is not relevant or not known")
    }
    self.label = label ?? 0
  }
}

/// What is wrong with a list, and with which of its keys.
private struct ListProblem: Error {
  var key: String?
  var problem: String
  var expected: String?
  var remedy: String?
}

/// The keys of an object, whatever they are called.
struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { return nil }
}

/// The values of an object; every mistake has the path of its key.
private struct ListKeys {
  private let values: KeyedDecodingContainer<AnyKey>
  private let path: [any CodingKey]

  /// Keys that are not known are passed over, so that lists may carry what others need; but not
  /// what is most likely a known key with a slip of the pen.
  init(_ decoder: any Decoder, known: [String]) throws {
    path = decoder.codingPath
    do {
      values = try decoder.container(keyedBy: AnyKey.self)
    } catch let error where path.isEmpty {
      throw error
    } catch {
      throw ListProblem(
        key: Self.name(path), problem: "there is no object where a document should be",
        expected: #"an object such as {"text": "…", "label": 1}"#)
    }
    for key in values.allKeys where !known.contains(key.stringValue) {
      // One letter from "id" are also pid, did, _id: other people's keys, not slips of the pen.
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
      key: full.isEmpty ? nil : Self.name(full), problem: problem, expected: expected,
      remedy: remedy)
  }

  func text(_ key: String) throws -> String? {
    try value(key, "a text") { try $0.decodeIfPresent(String.self, forKey: $1) }
  }

  /// An id is a string or a whole number, as in collections.
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
    let expected = "a number, \(expected)"
    let number = try value(key, expected, isNumber: true) {
      try $0.decodeIfPresent(Double.self, forKey: $1)
    }
    if let number, !(number.isFinite && isRight(number)) {
      throw problem(key, "'\(key)' cannot be \(number)", expected)
    }
    return number
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

  /// `documents[3].label`.
  private static func name(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { name, key in
      if let index = key.intValue {
        name += "[\(index)]"
      } else {
        name += (name.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}
