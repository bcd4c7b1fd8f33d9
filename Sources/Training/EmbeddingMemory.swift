import Autodiff
import Batches
import Scoring
import Synchronization

/// Embeddings of the last runs' texts, for runs that follow each other in one process and mostly have the
/// same texts: those of a whole collection take minutes.
public final class EmbeddingMemory: Sendable {
  private struct Entry {
    var model: String
    var precision: Precision
    var maximumLength: Int
    var texts: TokenStore
    var embeddings: Embeddings

    func isOf(_ texts: TokenStore, _ maximumLength: Int) -> Bool {
      self.maximumLength == maximumLength && self.texts.hasSameTexts(as: texts)
    }
  }

  /// A run embeds documents, queries, and what a warm-up makes of the documents.
  private static let most = 4

  private let entries = Mutex<[Entry]>([])

  /// Without embeddings.
  public init() {}

  /// The embeddings of texts that were embedded before in the same way; nil if there are none. Only
  /// the same texts in the same order count, with which all bits are the same.
  func embeddings(
    of texts: TokenStore, _ maximumLength: Int, _ precision: Precision, by model: String
  ) -> Embeddings? {
    entries.withLock { entries in
      entries.first {
        $0.model == model && $0.precision == precision && $0.isOf(texts, maximumLength)
      }?.embeddings
    }
  }

  /// Keeps embeddings in place of the oldest ones.
  func keep(
    _ embeddings: Embeddings, of texts: TokenStore, _ maximumLength: Int, _ precision: Precision,
    by model: String
  ) {
    let entry = Entry(
      model: model, precision: precision, maximumLength: maximumLength, texts: texts,
      embeddings: embeddings)
    entries.withLock { entries in
      if entries.count == Self.most { entries.removeFirst() }
      entries.append(entry)
    }
  }
}
