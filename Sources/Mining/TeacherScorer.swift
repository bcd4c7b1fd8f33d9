public import Diagnostics

/// A model that scores the relevance of documents better than a first stage can.
public protocol TeacherScorer {
  /// A string that changes whenever scores may change: a job that was started with a different
  /// teacher cannot be resumed with this one.
  var fingerprint: String { get }

  /// For each request in order, a finite score for each of its documents in order, on the model's
  /// own scale; higher is better.
  ///
  /// - Throws: `Failure` if the model fails to score.
  func scores(of requests: [TeacherRequest]) throws(Failure) -> [[Double]]
}

/// A query and the texts of documents to score for it.
public struct TeacherRequest: Sendable, Equatable {
  /// The query's text.
  public var query: String
  /// The text of each document as the model reads it.
  public var documents: [String]

  /// A request.
  public init(query: String, documents: [String]) {
    self.query = query
    self.documents = documents
  }
}
