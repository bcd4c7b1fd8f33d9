import Corpora
import Diagnostics
import Files
import Foundation
import JSON

/// The record of output that is safely on the disk: a line at the start of a job, and one after
/// each batch once its lines have been flushed. Bytes beyond the last recorded sizes belong to an
/// unfinished batch.
struct MiningJournal {
  /// The first line.
  struct Header: Codable, Equatable {
    /// The version of the format.
    var format = 2
    /// The hash of everything that the result depends on.
    var job: String
    /// The hash of the job's text alone.
    var text: String
    /// The queries of this part (`first`, `last`) and the number of all queries.
    var first: Int
    var last: Int
    var queries: Int
    /// The names of the output files.
    var files: [String]
    /// The checksums of corpus and queries by path; nil if unknown, as in journals of earlier
    /// versions.
    var data: [String: String]?
  }

  /// A line after a batch.
  struct Entry: Codable, Equatable {
    /// The number of the next query to mine.
    var next: Int
    /// The size of each file in bytes.
    var sizes: [String: Int]
    /// The counts since the start of the job.
    var counts: MiningCounts
    /// The numbers of texts read, and of empty ones, since the start of the job; nil in journals of
    /// earlier versions.
    var texts: [EmptyTexts]?
  }

  var header: Header
  /// The last entry; nil before the first batch.
  var last: Entry?
  /// The journal's size in bytes up to and including `last`.
  var size: Int

  /// Reads the journal up to the last intact entry whose sizes the files reach; nil if it ends
  /// before its first line is complete.
  ///
  /// - Throws: `badData` if the journal has a different format version.
  init?(
    reading path: String, size sizeOf: (String) -> Int
  ) throws(Failure) {
    let bytes = try Bytes(mapping: path)
    let reader = JSONReader()
    var header: Header?
    (last, size) = (nil, 0)
    for range in bytes.lines {
      // A line without a line end was interrupted during writing.
      guard range.upperBound < bytes.count else { break }
      let line = bytes[range].array
      guard let known = header else {
        header = try? reader.decode(Header.self, from: line)
        guard let header, header.format == 2 else {
          throw Failure(
            .badData, "the journal was written by a different version of this program",
            at: Place(path), remedy: "start over with --overwrite")
        }
        size = range.upperBound + 1
        continue
      }
      guard let entry = try? reader.decode(Entry.self, from: line),
        known.files.allSatisfy({ sizeOf($0) >= entry.sizes[$0] ?? .max })
      else { break }
      (last, size) = (entry, range.upperBound + 1)
    }
    guard let header else { return nil }
    self.header = header
  }

  /// A journal line.
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
