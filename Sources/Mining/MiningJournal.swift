import Corpora
import Diagnostics
import Files
import Foundation

/// What is known to be on the disk: a line when a job begins, and one after each batch, when its
/// lines are on the disk. Lines behind the last known sizes are of a batch that was not finished.
struct MiningJournal {
  /// The first line.
  struct Header: Codable, Equatable {
    /// The version of the format.
    var format = 2
    /// What the result depends on.
    var job: String
    /// The job's text alone, in short.
    var text: String
    /// The queries of this part, and of all parts.
    var first: Int
    var last: Int
    var queries: Int
    /// The files that are written.
    var files: [String]
    /// The checksums of corpus and queries by their paths; nil where they are not known, as earlier
    /// versions left it.
    var data: [String: String]?
  }

  /// A line after a batch.
  struct Entry: Codable, Equatable {
    /// The query that comes next.
    var next: Int
    /// How many bytes each file has.
    var sizes: [String: Int]
    /// What was counted from the beginning.
    var counts: MiningCounts
    /// What was read from the beginning, and how much of it is empty; nil where earlier versions
    /// did not keep it.
    var texts: [EmptyTexts]?
  }

  var header: Header
  /// Where things stand; nil before the first batch.
  var last: Entry?
  /// How many bytes of the journal itself say so.
  var size: Int

  /// Reads the journal as far as it is whole and the files have what it says; nil where it was cut
  /// off before anything else was written.
  ///
  /// - Throws: `badData` where it is of another format.
  init?(
    reading path: String, size sizeOf: (String) -> Int
  ) throws(Failure) {
    let bytes = try Bytes(mapping: path)
    let decoder = JSONDecoder()
    var header: Header?
    (last, size) = (nil, 0)
    for range in bytes.lines {
      // A line without its end was cut off while it was written.
      guard range.upperBound < bytes.count else { break }
      let data = Data(bytes[range].array)
      guard let known = header else {
        header = try? decoder.decode(Header.self, from: data)
        guard let header, header.format == 2 else {
          throw Failure(
            .badData, "the journal of the job is of another version of this program",
            at: Place(path), remedy: "start over with --overwrite")
        }
        size = range.upperBound + 1
        continue
      }
      guard let entry = try? decoder.decode(Entry.self, from: data),
        known.files.allSatisfy({ sizeOf($0) >= entry.sizes[$0] ?? .max })
      else { break }
      (last, size) = (entry, range.upperBound + 1)
    }
    guard let header else { return nil }
    self.header = header
  }

  /// A line of the journal.
  static func line(_ value: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    } catch {
      throw Failure(.software, "the journal cannot be written: \(error)")
    }
  }
}
