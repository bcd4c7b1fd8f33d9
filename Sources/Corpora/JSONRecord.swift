import Diagnostics
import Files
import Foundation
import JSON

/// The parts of a BEIR record besides its id; other keys, such as `metadata`, are passed over.
struct JSONRecord: Decodable {
  var title: String?
  var text: String?

  /// Parses one record with the library's parser; what no text can hold becomes U+FFFD.
  ///
  /// - Throws: `badData` at `place`, which is asked for only then.
  static func parse(_ bytes: Bytes, at place: () -> Place) throws(Failure) -> JSONRecord {
    do {
      return try JSONLine.decode(JSONRecord.self, from: bytes)
    } catch let error as DecodingError {
      throw failure(error, Data(bytes.replacingLoneSurrogates.text.utf8), place())
    } catch {
      throw Failure(.badData, "the line is not JSON: \(error)", at: place())
    }
  }

  private static func failure(_ error: DecodingError, _ data: Data, _ place: Place) -> Failure {
    var place = place
    let expected = #"a JSON object with "_id", "text" and perhaps "title""#
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let key = context.codingPath.last?.stringValue ?? "_id"
      place.key = key
      let found = (try? JSONDecoder().decode([String: FoundValue].self, from: data))?[key]
      return Failure(
        .badData,
        "the value of '\(key)' is \(found?.description ?? "something else"), not a string",
        at: place, expected: expected)
    default:
      return notJSON(data, at: place, expected: expected)
    }
  }

  /// The failure of a line that is not JSON: its problem and its column, which the decoder does not
  /// give.
  static func notJSON(_ data: Data, at place: Place, expected: String) -> Failure {
    var failure = Failure(.badData, "the line is not JSON", at: place, expected: expected)
    do throws(Failure) {
      _ = try JSONDocument(Array(data), name: place.file)
    } catch {
      let detail = error.problem.split(separator: ": ", maxSplits: 1).last.map(String.init)
      failure.problem += detail.map { ": \($0)" } ?? ""
      failure.place?.column = error.place?.column
    }
    return failure
  }
}

/// The value of a JSON string with its quotes, or nil where it is none.
func decodedString(_ quoted: Span<UInt8>) -> String? {
  try? JSONLine.decode(String.self, from: Bytes(quoted.indices.map { quoted[$0] }))
}
