import Diagnostics
import Files
import JSON

/// The fields of a BEIR record except its id; other keys, such as `metadata`, are ignored.
struct JSONRecord: Decodable {
  var title: String?
  var text: String?

  /// Parses one record; invalid UTF-8 and half surrogate pairs become U+FFFD.
  ///
  /// - Throws: `badData` at `place`, which is evaluated only for the message.
  static func parse(_ bytes: Bytes, at place: () -> Place) throws(Failure) -> JSONRecord {
    do {
      return try JSONLine.decode(JSONRecord.self, from: bytes)
    } catch let error as DecodingError {
      throw failure(error, Array(bytes.replacingLoneSurrogates.text.utf8), place())
    } catch {
      throw Failure(.badData, "the line is not JSON: \(error)", at: place())
    }
  }

  private static func failure(
    _ error: DecodingError, _ json: [UInt8], _ place: Place
  ) -> Failure {
    var place = place
    let expected = #"a JSON object with "_id", "text" and optionally "title""#
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let key = context.codingPath.last?.stringValue ?? "_id"
      place.key = key
      let found = (try? JSONReader().decode([String: FoundValue].self, from: json))?[key]
      return Failure(
        .badData,
        "the value of '\(key)' is \(found?.description ?? "something else"), not a string",
        at: place, expected: expected)
    default:
      return notJSON(json, at: place, expected: expected)
    }
  }

  /// The failure for a line that is not valid JSON: its problem and its column, which the decoder
  /// does not report.
  static func notJSON(_ json: [UInt8], at place: Place, expected: String) -> Failure {
    var failure = Failure(.badData, "the line is not JSON", at: place, expected: expected)
    do throws(Failure) {
      _ = try JSONDocument(json, name: place.file)
    } catch {
      let detail = error.problem.split(separator: ": ", maxSplits: 1).last.map(String.init)
      failure.problem += detail.map { ": \($0)" } ?? ""
      failure.place?.column = error.place?.column
    }
    return failure
  }
}

/// The value of a JSON string given with its quotes; nil if it is not a valid string.
func decodedString(_ quoted: Span<UInt8>) -> String? {
  try? JSONLine.decode(String.self, from: Bytes(quoted.indices.map { quoted[$0] }))
}
