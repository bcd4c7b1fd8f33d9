public import Diagnostics
import Files
import Foundation
import JSON

/// What an index says of itself: the file `index.json` in its folder.
public struct IndexManifest: Codable, Sendable, Equatable {
  /// What the file is called.
  public static let fileName = "index.json"
  /// The version of the format that this program writes and reads.
  static let currentFormat = 1
  /// As many as documents can be numbered in the postings.
  private static let mostDocuments = Int(UInt32.max)

  /// The version of the format.
  public var format = Self.currentFormat
  /// The kind of index, as `ltr index build --kind` names it.
  public var kind: String
  /// How many documents are in it.
  public var documents: Int
  /// The checksum of the documents in their order: see `CorpusChecksum`.
  public var checksum: String
  /// How it was made: what the kind makes of it, by name.
  public var options: [String: String]

  /// A description of an index.
  public init(kind: String, documents: Int, checksum: String, options: [String: String]) {
    self.kind = kind
    self.documents = documents
    self.checksum = checksum
    self.options = options
  }

  /// Reads the manifest of the index in a folder.
  ///
  /// - Throws: `missingInput` where there is no index, `badData` where the file is not what it
  ///   should be or of a later format.
  public init(readingFrom folder: String) throws(Failure) {
    let path = folder + "/" + Self.fileName
    guard fileKind(at: path) == .file else {
      throw Failure(
        .missingInput, "there is no index in the folder", at: Place(folder),
        expected: "a folder that 'ltr index build' wrote, with a file \(Self.fileName)",
        remedy: "build one with 'ltr index build'")
    }
    let bytes = try readFile(path)
    do {
      self = try JSONReader().decode(IndexManifest.self, from: bytes.array)
    } catch {
      throw Failure(
        .badData, "the description of the index is not readable", at: Place(path),
        remedy: "rebuild the index")
    }
    guard (0...Self.mostDocuments).contains(documents) else {
      throw Failure(
        .badData, "the index says that it holds \(documents) documents", at: Place(path),
        expected: "0 to \(Self.mostDocuments)", remedy: "rebuild the index")
    }
    guard format == Self.currentFormat else {
      throw Failure(
        .badData, "the index has format \(format), which this program does not read",
        at: Place(path), expected: "format \(Self.currentFormat)",
        remedy: "rebuild the index, or use the program that wrote it")
    }
  }

  /// The file's text.
  package var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Nothing in it is a number that JSON cannot say.
    let data = (try? encoder.encode(self)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
