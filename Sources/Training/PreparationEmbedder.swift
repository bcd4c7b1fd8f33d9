import Batches
import Models
import Scoring

/// Embeds the texts of a warm-up and of the comparison with the bi-encoder; for a forecast it notes
/// their lengths instead, and all embeddings are zeros.
final class PreparationEmbedder {
  private enum Work {
    case embedding(TextEmbedder)
    case counting(CrossEncoder)
  }

  private let work: Work
  /// The numbers of tokens of the texts that a forecast has not embedded.
  private(set) var lengths: [Int] = []

  /// An embedder that computes.
  init(_ embedder: TextEmbedder) { work = .embedding(embedder) }

  /// An embedder for a forecast, of texts as this model reads them.
  init(counting model: CrossEncoder) { work = .counting(model) }

  /// Adds a text to some that are embedded later.
  func append(_ text: String, to texts: inout TokenStore) {
    switch work {
    case .embedding(let embedder): texts.append(text, with: embedder.model.tokenizer)
    case .counting(let model): texts.append(text, with: model.tokenizer)
    }
  }

  func embeddings(
    of texts: TokenStore, maximumLength: Int,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> Embeddings {
    switch work {
    case .embedding(let embedder):
      return embedder.embeddings(of: texts, maximumLength: maximumLength, progress: progress)
    case .counting(let model):
      lengths += (0..<texts.count).map {
        min(maximumLength, texts.length(of: $0) + model.tokenizer.specialTokensInSingle)
      }
      return Embeddings(zeros: texts.count, width: model.blueprint.hiddenSize)
    }
  }
}
