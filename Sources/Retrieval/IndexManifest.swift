public import Diagnostics
import Files
import Foundation
import JSON

/// The description of an index: the file `index.json` in its folder.
public struct IndexManifest: Codable, Sendable, Equatable {
  /// The file's name.
  public static let fileName = "index.json"
  /// The version of the format that this program reads and writes.
  static let currentFormat = 1
  /// The largest number of documents that the postings can number.
  private static let mostDocuments = Int(UInt32.max)

  /// The version of the format.
  public var format = Self.currentFormat
  /// The kind of index, as `ltr index build --kind` names it.
  public var kind: String
  /// The number of documents.
  public var documents: Int
  /// The checksum of the documents in their order: see `CorpusChecksum`.
  public var checksum: String
  /// The options that it was built with, by name; they depend on the kind.
  public var options: [String: String]

  /// A manifest.
  public init(kind: String, documents: Int, checksum: String, options: [String: String]) {
    self.kind = kind
    self.documents = documents
    self.checksum = checksum
    self.options = options
  }

  /// Reads the manifest of the index in a folder.
  ///
  /// - Throws: `missingInput` if there is no index, `badData` if the file is malformed or of a
  ///   later format.
  public init(readingFrom folder: String) throws(Failure) {
    let path = folder + "/" + Self.fileName
    guard fileKind(at: path) == .file else {
      throw Failure(
        .missingInput, "the folder contains no index", at: Place(folder),
        expected: "a folder written by 'ltr index build', with the file \(Self.fileName)",
        remedy: "build an index with 'ltr index build'")
    }
    let bytes = try readFile(path)
    do {
      self = try JSONReader().decode(IndexManifest.self, from: bytes.array)
    } catch {
      throw Failure(
        .badData, "the manifest of the index is invalid", at: Place(path),
        remedy: "rebuild the index")
    }
    guard (0...Self.mostDocuments).contains(documents) else {
      throw Failure(
        .badData, "the manifest has the invalid document count \(documents)", at: Place(path),
        expected: "0 to \(Self.mostDocuments)", remedy: "rebuild the index")
    }
    guard format == Self.currentFormat else {
      throw Failure(
        .badData, "unsupported index format \(format)",
        at: Place(path), expected: "format \(Self.currentFormat)",
        remedy: "rebuild the index, or use the version of ltr that wrote it")
    }
  }

  /// The file's text.
  package var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // It contains no number that JSON cannot express.
    let data = (try? encoder.encode(self)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
