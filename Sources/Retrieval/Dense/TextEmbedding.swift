public import Diagnostics

/// What a text is to a search: models may read queries and documents differently.
public enum TextRole: Sendable {
  /// What is searched for.
  case query
  /// What is searched through.
  case document
}

/// Something that turns texts into vectors whose scalar products say how well they go together: a
/// bi-encoder, as a rule.
public protocol TextEmbedding {
  /// The length of an embedding.
  var width: Int { get }

  /// The embeddings of texts, one row of `width` numbers each, in their order.
  ///
  /// - Parameter progress: is told what share of the work is done, perhaps from other threads.
  /// - Throws: `Failure` where a text cannot be embedded.
  func embed(
    _ texts: [String], as role: TextRole, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [Float]
}
