package import Corpora
package import Diagnostics
import Files

/// The ids of an index's documents, in its order: the file `ids.txt`, one id per line. The file is
/// mapped, so that memory does not grow with the ids.
struct IdentifierList: Sendable {
  /// The file's name.
  static let fileName = "ids.txt"

  private let bytes: Bytes
  /// The offset of each id, and the end of the last line.
  private let starts: [Int]

  /// Reads the ids of the index in a folder.
  ///
  /// - Throws: `missingInput` if the file does not exist, `badData` if its number of ids is not
  ///   `count`.
  init(readingFrom folder: String, count: Int) throws(Failure) {
    let path = folder + "/" + Self.fileName
    bytes = try Bytes(mapping: path)
    var starts = [0]
    // The manifest may be damaged and give too large a count.
    starts.reserveCapacity(min(count, bytes.count) + 1)
    while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: starts[starts.count - 1]) {
      starts.append(end + 1)
    }
    self.starts = starts
    guard starts.count == count + 1, starts.last == bytes.count else {
      throw Failure(
        .badData, "id count mismatch: \(starts.count - 1) ids, \(count) documents", at: Place(path),
        expected: "one id per document, each on its own line", remedy: "rebuild the index")
    }
  }

  /// The id of a document by its position in the index.
  subscript(place: Int) -> String { bytes[starts[place]..<starts[place + 1] - 1].text }

  /// The line of an id in the file.
  ///
  /// - Throws: `badData` if it contains a line break.
  static func line(_ id: String, _ source: String) throws(Failure) -> String {
    guard !id.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
      throw Failure(
        .badData, "the id \(id.debugDescription) contains a line break", at: Place(source),
        expected: "ids without line breaks", remedy: "change the id")
    }
    return id + "\n"
  }
}

extension Collection {
  /// Rejects ids that no index can store.
  ///
  /// - Throws: `badData` if an id contains a line break.
  package func requireIndexableIDs() throws(Failure) {
    for place in 0..<documentCount {
      _ = try IdentifierList.line(documentID(at: place), folder.path)
    }
  }
}
