#if Network
  import Corpora
  import Foundation
  import JSON
  import Web

  /// Requests and responses of `_msearch` in OpenSearch and Elasticsearch.
  enum MultiSearch {
    /// The outcome of one query of a response.
    enum Outcome {
      case found([ScoredDocument])
      /// A temporary failure: a retry may succeed.
      case busy(String)
      /// A permanent failure.
      case refused(String)
    }

    /// The body of a request: two lines per query.
    static func body(_ queries: [Query], depth: Int, _ template: QueryTemplate) -> Data {
      var data = Data()
      for query in queries {
        // Replicas of an index order equal scores differently: with this preference the same one
        // answers every time.
        data.append(contentsOf: "{\"preference\":\"ltr\"}\n".utf8)
        data.append(template.body(query: query.text, depth: depth))
        data.append(UInt8(ascii: "\n"))
      }
      return data
    }

    /// The outcomes of `count` queries; nil if the bytes are not a response of `_msearch`.
    static func outcomes(
      in data: Data, count: Int, depth: Int, identifierField: String?
    ) -> [Outcome]? {
      guard let answer = try? JSONReader().decode(Answer.self, from: Array(data)),
        answer.responses.count == count
      else { return nil }
      return answer.responses.map { $0.outcome(depth: depth, identifierField) }
    }

    private struct Answer: Decodable { let responses: [Response] }

    private struct Response: Decodable {
      struct Hits: Decodable { let hits: [Hit] }
      struct Shards: Decodable { let failed: Int? }

      let status: Int?
      let error: JSONValue?
      let hits: Hits?
      let timedOut: Bool?
      let shards: Shards?

      enum CodingKeys: String, CodingKey {
        case status, error, hits
        case timedOut = "timed_out"
        case shards = "_shards"
      }

      func outcome(depth: Int, _ identifierField: String?) -> Outcome {
        if let error {
          let message = "\(error.reason ?? "an error without a reason")"
          return isTransient(status ?? 400) ? .busy(message) : .refused(message)
        }
        // Partial results look complete and are not: different documents would be mined.
        if timedOut == true { return .busy("the search timed out on the server") }
        if let failed = shards?.failed, failed > 0 { return .busy("\(failed) shards failed") }
        guard let hits else { return .refused("an answer without hits") }
        var seen: Set<String> = []
        var found: [ScoredDocument] = []
        for hit in hits.hits.prefix(depth) {
          guard let id = hit.identifier(identifierField) else {
            return .refused(
              identifierField.map { "a hit without the field '\($0)'" } ?? "a hit without an id")
          }
          guard let score = hit._score, score.isFinite else {
            return .refused(
              "document '\(id)' has no score: the request body does not sort by score")
          }
          if seen.insert(id).inserted { found.append(ScoredDocument(document: id, score: score)) }
        }
        // Equal scores would be in the order in which the shards of the index happened to respond.
        return .found(
          found.sorted {
            $0.score != $1.score
              ? $0.score > $1.score
              : $0.document.utf8.lexicographicallyPrecedes($1.document.utf8)
          })
      }
    }

    private struct Hit: Decodable {
      let _id: String?
      let _score: Double?
      let fields: [String: JSONValue]?
      let _source: JSONValue?

      func identifier(_ field: String?) -> String? {
        guard let field else { return _id }
        if case .list(let values)? = fields?[field] { return values.first?.word }
        if case .object(let members)? = _source { return members[field]?.word }
        return nil
      }
    }
  }

  extension JSONValue {
    /// A string, or an integer as a string.
    fileprivate var word: String? {
      switch self {
      case .text(let text): text
      case .whole(let number): String(number)
      default: nil
      }
    }

    /// The reason in a server's error.
    fileprivate var reason: String? {
      switch self {
      case .text(let text): return text
      case .object(let members):
        if case .list(let causes)? = members["root_cause"], let cause = causes.first?.reason {
          return cause
        }
        let type = members["type"]?.word
        let reason = members["reason"]?.word
        return [type, reason].compactMap(\.self).joined(separator: ": ")
      default: return nil
      }
    }
  }
#endif
