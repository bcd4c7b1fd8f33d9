public import Autodiff
package import Diagnostics
public import Tokenization

/// A model that reads a query and a document together and scores the document's relevance: an
/// encoder with a score head, its weights, and its tokenizer.
public struct CrossEncoder: Sendable {
  /// The family of the model, with the sizes and settings of its configuration.
  public var architecture: any Architecture { layers.architecture }
  /// The head in modules of sentence-transformers; nil for the family's own head.
  public var modularHead: ModularHead? { layers.modularHead }
  /// The computation of the model.
  public var blueprint: Blueprint { layers.encoder.blueprint }
  /// The weights and their names; training changes them in place.
  public let parameters: Parameters
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The model's configuration and tokenizer files, for exports and checkpoints.
  public var sidecar: ModelSidecar
  /// The names of newly initialised parameters, which the files lack: usually those of the score
  /// head.
  public let fresh: Set<String>
  /// The labels of a classifier with several outputs: their names, and the definition of the score.
  public let labels: (names: [String], scoring: String)?
  /// Notices for the user about how the model was loaded.
  public let notices: [String]
  /// The early exits; nil for none.
  public private(set) var exits: ExitPlan?
  /// The names of the parameters of exits' own heads that were made for training.
  let newExitParameters: Set<String>

  let layers: CrossEncoderLayers

  /// A model of layers and their parameters.
  package init(
    _ layers: CrossEncoderLayers, _ parameters: Parameters, tokenizer: Tokenizer,
    sidecar: ModelSidecar, fresh: Set<String> = [],
    labels: (names: [String], scoring: String)? = nil, notices: [String] = [],
    exits: ExitPlan? = nil, newExitParameters: Set<String> = []
  ) {
    precondition(exits?.layers ?? [] == layers.exits.map(\.layer), "a plan of other exits")
    self.layers = layers
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.sidecar = sidecar
    self.fresh = fresh
    self.labels = labels
    self.notices = notices
    self.exits = exits
    self.newExitParameters = newExitParameters
  }

  /// Replaces what is known of the exits' scores, here and among the model's files.
  ///
  /// - Throws: `software` for a number that is not finite.
  package mutating func describe(_ exits: ExitPlan) throws(Failure) {
    precondition(exits.layers == self.exits?.layers, "a plan of other exits")
    self.exits = exits
    sidecar.files[ExitPlan.fileName] = Array(try exits.json().utf8)
  }

  /// The maximum number of tokens per sequence.
  public var maximumLength: Int { blueprint.maximumPositions }

  /// The token embeddings, `[vocabulary, hidden]`; a step reads few of their rows.
  package var words: Parameter { layers.encoder.embeddings.words }

  /// The scores of all sequences of a batch, `[B, 1]`: raw logits. Layers that are frozen from the
  /// bottom up are not recorded.
  public func scores(
    _ batch: PlacedBatch, frozen: FrozenParts = FrozenParts(), on tape: inout Tape
  ) -> Value {
    let pooled: Value
    if let decoder = layers.decoder {
      let states = layers.encoder.states(batch, frozen: frozen, on: &tape)
      pooled = decoder(states, batch, frozen: frozen, on: &tape)
    } else {
      pooled = layers.encoder.pooled(batch, by: blueprint.pooling, frozen: frozen, on: &tape)
    }
    return layers.head(pooled, identity: batch.singleRows.identity, on: &tape)
  }

  /// Computes once more what `scores` computed in a segment of the tape.
  func recompute(
    _ segment: Int, from x: Value, _ batch: PlacedBatch, on tape: inout Tape
  ) -> Value {
    layers.encoder.recompute(segment, from: x, batch, on: &tape)
  }
}

/// The layers of a cross-encoder: an encoder, perhaps the first step of a decoder behind it, and the
/// head that turns a pooled sequence, or the decoder's state, into a score.
package struct CrossEncoderLayers: Sendable {
  let architecture: any Architecture
  let modularHead: ModularHead?
  var encoder: Encoder
  let decoder: FirstStep?
  let head: ScoreHead
  /// The heads of exits, from the bottom up.
  var exits: [ExitHead] = []

  /// The computation of a model of a family, with a head of modules in place of the family's own.
  package static func blueprint(
    _ architecture: any Architecture, head: ModularHead?
  ) -> Blueprint {
    head.map { architecture.blueprint.with($0) } ?? architecture.blueprint
  }

  /// Adds the parameters of the layers to a table, under the names of the blueprint.
  ///
  /// - Parameter head: a head of modules; nil for the family's own.
  package init(
    _ architecture: any Architecture, head modular: ModularHead? = nil,
    in table: inout ParameterTable
  ) {
    self.architecture = architecture
    modularHead = modular
    let blueprint = Self.blueprint(architecture, head: modular)
    let encoder = Encoder(blueprint, in: &table)
    self.encoder = encoder
    decoder = blueprint.decoder.map {
      FirstStep($0, of: blueprint, words: encoder.embeddings.words, in: &table)
    }
    head = ScoreHead(blueprint, in: &table)
  }
}
