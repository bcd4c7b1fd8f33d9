package import Autodiff
import Batches
package import Diagnostics
import ModelFiles
import Models
package import Retrieval
import Scoring

/// Embeds texts for a first stage with a bi-encoder: prompts are prepended, and texts are
/// truncated.
package final class ModelEmbedding: TextEmbedding {
  /// The dimension of an embedding.
  package let width: Int
  /// The maximum number of tokens of a text with its prompt.
  package let maximumLength: Int
  /// The prompt before a query.
  package let queryPrompt: String
  /// The prompt before a document.
  package let documentPrompt: String
  private let embedder: TextEmbedder

  /// Loads a model; parameters that are nil take the values of its files.
  ///
  /// - Throws: `Failure` if the model cannot be loaded, and `usage` for a length that exceeds its
  ///   positions.
  package init(
    _ path: String, maximumLength length: Int?, queryPrompt: String?, documentPrompt: String?,
    precision: Precision
  ) throws(Failure) {
    let model = try BiEncoder(ModelSource(path))
    let (least, most) = (
      model.tokenizer.specialTokensInSingle + 1, model.blueprint.maximumPositions
    )
    maximumLength = length ?? model.maximumLength
    guard maximumLength >= least, maximumLength <= most else {
      throw Failure(
        .usage,
        "\(maximumLength) tokens are too \(maximumLength < least ? "few" : "many") for a text",
        expected: "from \(least) to \(most) tokens, for which this model has positions",
        remedy: "change --max-length")
    }
    self.queryPrompt = queryPrompt ?? model.layout.queryPrompt
    self.documentPrompt = documentPrompt ?? model.layout.documentPrompt
    width = model.width
    embedder = TextEmbedder(model, precision: precision, scaled: model.layout.comparesCosines)
  }

  package func embed(
    _ texts: [String], as role: TextRole, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [Float] {
    let prompt = role == .query ? queryPrompt : documentPrompt
    var tokens = TokenStore()
    for text in texts {
      let whole = prompt + text
      tokens.append(
        embedder.model.layout.lowercases ? whole.lowercased() : whole,
        with: embedder.model.tokenizer)
    }
    // The result of a query must not depend on the other queries of the batch.
    let embeddings = embedder.embeddings(
      of: tokens, maximumLength: maximumLength, apart: role == .query
    ) { done, total in progress?(Double(done) / Double(total)) }
    return embeddings.values
  }
}
