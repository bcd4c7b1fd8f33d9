import Diagnostics
import Files
import JSON

/// A query with documents to train on, from one line of a lists file.
///
/// Query and documents are given by their texts, by their ids in a collection, or by both: then the
/// text is used, and the id identifies it in runs.
public struct ListRecord: Sendable, Equatable {
  /// A document of the list.
  public struct Document: Sendable, Equatable {
    /// Its id in a collection or run.
    public var id: String?
    /// Its title, which precedes the text in the model's input.
    public var title: String?
    /// Its body.
    public var text: String?
    /// Its relevance grade, or 1 if it was clicked; 0 if it has only a teacher's score.
    public var label = 0.0
    /// A teacher's score, on any scale.
    public var teacher: Double?
    /// The weight of its part of the loss, 0 or more.
    public var weight: Double?
    /// The position at which it was shown, from 1.
    public var position: Int?
    /// The probability that a user examined it, above 0 up to 1.
    public var propensity: Double?

    /// The model's input: title and text, as of a collection's document (`Document.content`); nil
    /// if only the id is given. A title beside an id without a text is not used, as the document
    /// that the id names includes it.
    public var content: String? {
      guard text != nil || id == nil else { return nil }
      guard let title else { return text }
      return Corpora.Document(id: "", title: title, text: text ?? "").content
    }
  }

  /// The id of the query in a collection or run.
  public var queryID: String?
  /// The text of the query.
  public var query: String?
  /// The weight of the list's part of the loss, 0 or more.
  public var weight: Double?
  /// The documents, at least one.
  public var documents: [Document]
}

extension ListRecord {
  /// The allowed range of weights; products of several weights must stay finite.
  fileprivate static let weightRange = 0.0...1e6
  fileprivate static let weights = "a number from 0 to 1000000"

  /// Parses one line; invalid UTF-8 and half surrogate pairs become U+FFFD and are counted.
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
      let mended = Array(line.replacingLoneSurrogates.text.utf8)
      throw JSONRecord.notJSON(mended, at: place, expected: ListLines.shape)
    }
  }
}

extension ListRecord: Decodable {
  /// Decodes the object of a line; errors name the key.
  public init(from decoder: any Decoder) throws {
    if let shape = try ListShape.shape(of: decoder) {
      self = try shape.read(decoder)
      return
    }
    let keys = try ListKeys(
      decoder, known: ["query_id", "query", "weight", "documents"])
    queryID = try keys.identifier("query_id")
    query = try keys.text("query")
    weight = try keys.number("weight", ListRecord.weights) { ListRecord.weightRange.contains($0) }
    documents = try keys.documents("documents")
    guard queryID != nil || query != nil else {
      throw keys.problem("query", "the list has no query", ListLines.shape)
    }
    try requireDocuments(keys)
  }

  /// Rejects a list without documents, or with one twice.
  func requireDocuments(_ keys: ListKeys) throws {
    guard !documents.isEmpty else {
      throw keys.problem("documents", "the list has no documents", ListLines.shape)
    }
    var seen: Set<String> = []
    for document in documents {
      guard let id = document.id, !seen.insert(id).inserted else { continue }
      throw keys.problem(
        "documents", "the document '\(id)' occurs twice", "each document once in a list",
        remedy: "remove one of the two")
    }
  }
}

extension ListRecord.Document: Decodable {
  /// Decodes the object of a document; errors name the key.
  public init(from decoder: any Decoder) throws {
    let keys = try ListKeys(
      decoder,
      known: ["id", "title", "text", "label", "teacher", "weight", "position", "propensity"])
    id = try keys.identifier("id")
    title = try keys.text("title")
    text = try keys.text("text")
    let label = try keys.number("label", "a finite number such as 0, 1 or 2.5") { _ in true }
    teacher = try keys.number("teacher", "a finite number") { _ in true }
    weight = try keys.number("weight", ListRecord.weights) { ListRecord.weightRange.contains($0) }
    position = try keys.number("position", "an integer from 1 up") {
      (1...1e9).contains($0) && $0 == $0.rounded()
    }.map { Int($0) }
    propensity = try keys.number("propensity", "a number from \(Propensities.least) to 1") {
      (Propensities.least...1).contains($0)
    }
    guard id != nil || text != nil || title != nil else {
      throw keys.problem(
        nil, "the document has no 'text', 'title' or 'id'",
        "a text for the model, or the id of a document of the collection")
    }
    guard label != nil || teacher != nil else {
      throw keys.problem(
        "label", "the document has neither a label nor a teacher's score",
        "a number such as 0, 1 or 2.5",
        remedy: "write label 0 if the document is not relevant or not judged")
    }
    self.label = label ?? 0
  }
}
