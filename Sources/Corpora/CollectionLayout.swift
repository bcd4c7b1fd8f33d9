public import Diagnostics

/// The files of judgments among those of a collection.
public enum JudgmentFiles: Sendable, Equatable {
  /// None.
  case none
  /// That of a split.
  case split(String)
  /// Those of all splits.
  case all

  /// The files among those of all splits.
  func names(_ files: [String: String]) -> [String] {
    switch self {
    case .none: []
    case .split(let split): files[split].map { [$0] } ?? []
    case .all: files.values.sorted()
    }
  }
}

/// A way to lay out a collection in a folder or in a file. To add a layout, write a file that makes
/// a `CollectionLayout`, and add an entry to `layouts`.
public struct CollectionLayout: Sendable {
  /// The established name.
  public let name: String
  /// The files by which it is recognised, for messages.
  public let files: String
  /// The file by which a collection is found below the top of an archive, plain or with `.gz`; nil
  /// for layouts that are found by the content of files.
  public let landmark: String?
  /// Whether files have this layout, if they are read in a form; nil where the form is not known,
  /// and files are not to be read.
  public let recognises: @Sendable (CollectionFiles, CollectionForm?) -> Bool
  /// The names of the files of a collection: its documents and queries, and some of the judgments.
  public let contents: @Sendable (CollectionFiles, JudgmentFiles) -> [String]
  /// Opens recognised files.
  public let open: @Sendable (CollectionFiles, CollectionForm) throws(Failure) -> Collection
  /// Reads the records of all files, past those that are wrong; nil if the layout has no records that
  /// can be told apart when one is damaged.
  let survey: (@Sendable (CollectionFiles, CollectionForm, inout FailureCollector) -> Void)?

  init(
    name: String, files: String, landmark: String?,
    recognises: @escaping @Sendable (CollectionFiles, CollectionForm?) -> Bool,
    contents: @escaping @Sendable (CollectionFiles, JudgmentFiles) -> [String],
    open: @escaping @Sendable (CollectionFiles, CollectionForm) throws(Failure) -> Collection,
    survey: (@Sendable (CollectionFiles, CollectionForm, inout FailureCollector) -> Void)? = nil
  ) {
    (self.name, self.files, self.landmark) = (name, files, landmark)
    (self.recognises, self.contents, self.open) = (recognises, contents, open)
    self.survey = survey
  }

  /// All layouts, in the order in which they are tried.
  public static let layouts: [CollectionLayout] = [.beir, .msmarco, .trec, .tables]
}
