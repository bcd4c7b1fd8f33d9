package import Diagnostics
import Files

/// A layout in which collections or lists are written. To add one, write a file that makes a
/// `DataFormat`, and add an entry to `all`.
package struct DataFormat: Sendable {
  /// What is written.
  enum Output: Sendable {
    /// A folder with all documents and queries of a collection, and the judgments of its splits.
    case folder(
      @Sendable (CollectionSource, FolderWriter, inout Conversion) throws(Failure) -> Void)
    /// A file that begins with a head, and has lines for each list of judged documents.
    case file(@Sendable (any RecordSource) -> any RecordWriter)
  }

  /// The name by which a user chooses it.
  package let name: String
  /// What is written, in a few words.
  package let summary: String
  /// Whether it has a place for several splits.
  package let hasSplits: Bool
  let output: Output

  /// Whether a folder is written.
  package var isFolder: Bool { if case .folder = output { true } else { false } }

  init(name: String, summary: String, hasSplits: Bool = true, output: Output) {
    (self.name, self.summary, self.hasSplits, self.output) = (name, summary, hasSplits, output)
  }

  /// All formats.
  package static let all: [DataFormat] = [
    .beir, .msmarco, .trec, .csv, .tsv, .jsonLines, .lists, .sentenceTransformers, .flagEmbedding,
  ]

  /// The format with a name.
  ///
  /// - Throws: `usage` if there is none.
  package static func named(_ name: String) throws(Failure) -> DataFormat {
    if let format = all.first(where: { $0.name == name }) { return format }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no layout '\(name)' to convert to",
      expected: "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name.lowercased(), in: names).map { "write '\($0)'" })
  }
}

/// Writes the records of a source as a text.
protocol RecordWriter: Sendable {
  /// What the file begins with.
  var head: [UInt8] { get }

  /// The bytes of a list; none if the form has no place for it.
  ///
  /// - Throws: `badData` if the form cannot hold it and the user has to choose another.
  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8]
}
