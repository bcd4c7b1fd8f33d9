package import Corpora
package import Diagnostics
import Files

/// The ids of the documents of an index, in its order: the file `ids.txt`, an id a line. The file
/// is mapped, so that memory does not grow with the ids.
struct IdentifierList: Sendable {
  /// What the file is called.
  static let fileName = "ids.txt"

  private let bytes: Bytes
  /// Where each id starts, and where the one after the last would.
  private let starts: [Int]

  /// Reads the ids of the index in a folder.
  ///
  /// - Throws: `missingInput` where there is no such file, `badData` where it holds more or fewer.
  init(readingFrom folder: String, count: Int) throws(Failure) {
    let path = folder + "/" + Self.fileName
    bytes = try Bytes(mapping: path)
    var starts = [0]
    // The description may be damaged, and announce more than there is.
    starts.reserveCapacity(min(count, bytes.count) + 1)
    while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: starts[starts.count - 1]) {
      starts.append(end + 1)
    }
    self.starts = starts
    guard starts.count == count + 1, starts.last == bytes.count else {
      throw Failure(
        .badData, "there are \(starts.count - 1) ids for \(count) documents", at: Place(path),
        expected: "an id a line for each document", remedy: "build the index again")
    }
  }

  /// The id of a document by its place in the index.
  subscript(place: Int) -> String { bytes[starts[place]..<starts[place + 1] - 1].text }

  /// An id as it stands in the file.
  ///
  /// - Throws: `badData` where it holds the end of a line.
  static func line(_ id: String, _ source: String) throws(Failure) -> String {
    guard !id.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
      throw Failure(
        .badData, "the id \(id.debugDescription) holds the end of a line", at: Place(source),
        expected: "ids without line ends", remedy: "change it")
    }
    return id + "\n"
  }
}

extension Collection {
  /// Refuses ids that no index can hold.
  ///
  /// - Throws: `badData` where an id holds the end of a line.
  package func requireIndexableIDs() throws(Failure) {
    for place in 0..<documentCount {
      _ = try IdentifierList.line(documentID(at: place), folder.path)
    }
  }
}
