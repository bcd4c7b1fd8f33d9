import Diagnostics
import Files
import JSON

/// The ids that come with an index made elsewhere, in the order of its vectors: one a line, or a
/// JSON list where the name of the file ends so.
///
/// - Throws: `missingInput` or `io` where the file cannot be read, `badData` where it is no list of
///   ids, or an id is empty or occurs twice.
func foreignIdentifiers(in path: String) throws(Failure) -> [String] {
  let file = try readText(path)
  // Ids with U+FFFD in them would be those of no document.
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
        expected: "one id for each vector, in their order")
    }
  }
  return identifiers
}

private func listed(_ bytes: Bytes, _ path: String) throws(Failure) -> [String] {
  do {
    return try JSONReader(halves: .listed).decode([Identifier].self, from: bytes.array).map(\.text)
  } catch {
    throw Failure(
      .badData, "this is not a list of ids", at: Place(path),
      expected: "a JSON list of strings or integers")
  }
}

/// An id, which some write as a number.
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
