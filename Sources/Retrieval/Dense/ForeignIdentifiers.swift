import Diagnostics
import Files
import JSON

/// The ids of an index made by a different program, in the order of its vectors: one per line, or a
/// JSON list if the file's name ends with `.json`.
///
/// - Throws: `missingInput` or `io` if the file cannot be read, `badData` if it is not a list of
///   ids, or if an id is empty or a duplicate.
func foreignIdentifiers(in path: String) throws(Failure) -> [String] {
  let file = try readText(path)
  // Ids with U+FFFD in them would match no document.
  _ = try file.wellFormed()
  let bytes = file.bytes
  let isJSON = path.hasSuffix(".json") || path.hasSuffix(".json.gz")
  let identifiers =
    isJSON ? try listed(bytes, path) : bytes.lines.map { bytes[$0].text }
  var seen: Set<String> = []
  for (place, id) in identifiers.enumerated() {
    guard !id.isEmpty, seen.insert(id).inserted else {
      throw Failure(
        .badData, id.isEmpty ? "an id is empty" : "the id '\(id)' occurs twice",
        at: isJSON ? Place(path, key: "\(place)") : Place(path, line: place + 1),
        expected: "one id per vector, in the order of the vectors")
    }
  }
  return identifiers
}

private func listed(_ bytes: Bytes, _ path: String) throws(Failure) -> [String] {
  do {
    return try JSONReader(halves: .listed).decode([Identifier].self, from: bytes.array).map(\.text)
  } catch {
    throw Failure(
      .badData, "the file is not a list of ids", at: Place(path),
      expected: "a JSON list of strings or integers")
  }
}

/// An id, which some programs write as a number.
private struct Identifier: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    text =
      if let text = try? container.decode(String.self) { text } else {
        String(try container.decode(Int.self))
      }
  }
}
