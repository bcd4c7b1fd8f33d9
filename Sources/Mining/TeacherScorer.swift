public import Diagnostics

/// A model that says how well documents answer a query, better than a first stage can.
public protocol TeacherScorer {
  /// A text that differs where scores may: a job that was begun with another teacher does not go on
  /// with this one.
  var fingerprint: String { get }

  /// A finite score for each document, higher is better, on whatever scale the model has: for each
  /// request in order, a score for each of its documents in order.
  ///
  /// - Throws: `Failure` where the model cannot score.
  func scores(of requests: [TeacherRequest]) throws(Failure) -> [[Double]]
}

/// A query and the texts of documents to score for it.
public struct TeacherRequest: Sendable, Equatable {
  /// The query's words.
  public var query: String
  /// What the model reads of each document.
  public var documents: [String]

  /// A request.
  public init(query: String, documents: [String]) {
    self.query = query
    self.documents = documents
  }
}
