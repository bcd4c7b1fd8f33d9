public import Diagnostics

/// The role of a text in a search: models may read queries and documents differently.
public enum TextRole: Sendable {
  /// A query.
  case query
  /// A document.
  case document
}

/// A model that turns texts into vectors whose dot products measure relevance: usually a
/// bi-encoder.
public protocol TextEmbedding {
  /// The length of an embedding.
  var width: Int { get }

  /// The embeddings of texts, one row of `width` numbers each, in their order.
  ///
  /// - Parameter progress: receives the share of the work done, possibly on different threads.
  /// - Throws: `Failure` if a text cannot be embedded.
  func embed(
    _ texts: [String], as role: TextRole, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [Float]
}
