public import Autodiff
public import Tokenization

/// A model that reads a query and a document together and scores how relevant the document is:
/// an encoder with a score head, its weights, and the tokenizer that belongs to it.
public struct CrossEncoder: Sendable {
  /// The family of the model, with the sizes and settings of its configuration.
  public var architecture: any Architecture { layers.architecture }
  /// What the model computes.
  public var blueprint: Blueprint { layers.encoder.blueprint }
  /// The weights and their names; training changes them in place.
  public let parameters: Parameters
  /// From text to token ids.
  public let tokenizer: Tokenizer
  /// The files the model came with that others need: configuration and tokenizer.
  public var sidecar: ModelSidecar
  /// The names of newly initialised parameters, which the files lack: a score head's, as a rule.
  public let fresh: Set<String>
  /// The labels of a classifier that has several: their names, and what the score is of them.
  public let labels: (names: [String], scoring: String)?
  /// Notices for the user about how the model was put together.
  public let notices: [String]

  private let layers: CrossEncoderLayers

  /// A model of layers and what their parameters hold.
  package init(
    _ layers: CrossEncoderLayers, _ parameters: Parameters, tokenizer: Tokenizer,
    sidecar: ModelSidecar, fresh: Set<String> = [],
    labels: (names: [String], scoring: String)? = nil, notices: [String] = []
  ) {
    self.layers = layers
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.sidecar = sidecar
    self.fresh = fresh
    self.labels = labels
    self.notices = notices
  }

  /// The longest sequence there are positions for.
  public var maximumLength: Int { blueprint.maximumPositions }

  /// The table of words, `[vocabulary, hidden]`; a step touches few of its rows.
  package var words: Parameter { layers.encoder.embeddings.words }

  /// The scores of all sequences of a batch, `[B, 1]`: raw logits. Nothing is recorded of what is
  /// frozen from the bottom up.
  public func scores(
    _ batch: PlacedBatch, frozen: FrozenParts = FrozenParts(), on tape: inout Tape
  ) -> Value {
    let pooled = layers.encoder.pooled(batch, by: blueprint.pooling, frozen: frozen, on: &tape)
    return layers.head(pooled, identity: batch.singleRows.identity, on: &tape)
  }
}

/// The layers of a cross-encoder: an encoder and the head that makes a pooled sequence a score.
package struct CrossEncoderLayers: Sendable {
  let architecture: any Architecture
  let encoder: Encoder
  let head: ScoreHead

  /// Adds the parameters of the layers to a table, by the names of the blueprint.
  package init(_ architecture: any Architecture, in table: inout ParameterTable) {
    self.architecture = architecture
    let blueprint = architecture.blueprint
    encoder = Encoder(blueprint, in: &table)
    head = ScoreHead(blueprint, in: &table)
  }
}
