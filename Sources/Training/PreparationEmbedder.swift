import Autodiff
import Batches
import Models
import Scoring

/// Embeds the texts of a warm-up and of the comparison with the bi-encoder; for a forecast it notes
/// their lengths instead, and all embeddings are zeros.
final class PreparationEmbedder {
  private enum Work {
    case embedding(TextEmbedder, Recollection?)
    case counting(CrossEncoder)
  }

  /// Where embeddings of earlier runs are kept, and what makes those of this run the same.
  struct Recollection {
    var memory: EmbeddingMemory
    var precision: Precision
    /// The name of the model.
    var model: String
  }

  private let work: Work
  /// The numbers of tokens of the texts that a forecast has not embedded.
  private(set) var lengths: [Int] = []

  /// An embedder that computes.
  init(_ embedder: TextEmbedder, recalling recollection: Recollection?) {
    work = .embedding(embedder, recollection)
  }

  /// An embedder for a forecast, of texts as this model reads them.
  init(counting model: CrossEncoder) { work = .counting(model) }

  /// Adds a text to some that are embedded later.
  func append(_ text: String, to texts: inout TokenStore) {
    switch work {
    case .embedding(let embedder, _): texts.append(text, with: embedder.model.tokenizer)
    case .counting(let model): texts.append(text, with: model.tokenizer)
    }
  }

  func embeddings(
    of texts: TokenStore, maximumLength: Int,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> Embeddings {
    switch work {
    case .embedding(let embedder, let known?):
      if let found = known.memory.embeddings(
        of: texts, maximumLength, known.precision, by: known.model)
      {
        return found
      }
      let made = embedder.embeddings(of: texts, maximumLength: maximumLength, progress: progress)
      known.memory.keep(made, of: texts, maximumLength, known.precision, by: known.model)
      return made
    case .embedding(let embedder, nil):
      return embedder.embeddings(of: texts, maximumLength: maximumLength, progress: progress)
    case .counting(let model):
      lengths += (0..<texts.count).map {
        min(maximumLength, texts.length(of: $0) + model.tokenizer.specialTokensInSingle)
      }
      return Embeddings(zeros: texts.count, width: model.blueprint.hiddenSize)
    }
  }
}
