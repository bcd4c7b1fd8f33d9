public import Autodiff
public import Batches

/// A model that scores the items of lists and is trained by their ranking: from packed items to
/// scores on a tape.
///
/// Training, evaluation and checkpoints use only this interface of a model. Cross-encoders over
/// texts conform to it, and so do models over feature vectors.
public protocol RankingModel: Sendable {
  /// The input of the model.
  associatedtype Items: PackedItems

  /// The weights and their names; training changes them in place.
  var parameters: Parameters { get }
  /// The names of newly initialised parameters, which the files of the model lack.
  var fresh: Set<String> { get }
  /// The names of the parameters that learn at the rate of newly initialised ones; `fresh` unless a
  /// model says otherwise.
  var learnsAsNew: Set<String> { get }
  /// The small files beside the weights, by name; a checkpoint stores them as texts.
  var files: [String: [UInt8]] { get }

  /// A lookup table, `[rows, columns]`, of which a batch reads few rows and which no product reads:
  /// only rows with a gradient are summed and updated. Nil if there is none, or if the table has a
  /// second use, such as an output layer tied to it.
  var lookupTable: Parameter? { get }
  /// The rows of that table that items look up, in their order, with repetitions.
  func lookupRows(of items: Items) -> [Int32]
  /// The row that all items look up besides; nil unless a model says otherwise.
  var commonLookupRow: Int32? { get }

  /// Whether a parameter belongs to one of the parts that training does not change.
  func isFrozen(_ name: String, by parts: FrozenParts) -> Bool
  /// The number of layers from the top down to a parameter, by which layer-wise decay lowers its
  /// learning rate: 0 for the head; 0 for every parameter unless a model says otherwise.
  func depth(of name: String) -> Int
  /// The parts that have only parameters whose values are fixed, whatever training freezes.
  var fixedParts: FrozenParts { get }
  /// All parts that can be frozen; a pass that only scores records none of them.
  var allParts: FrozenParts { get }

  /// The scores of all items, `[B, 1]`: raw logits. Layers that are frozen from the bottom up need
  /// not be recorded.
  func scores(_ items: Items, frozen: FrozenParts, on tape: inout Tape) -> Value
  /// The weights of the losses of further scores that `trainingScores` gives for each item; none
  /// unless a model says otherwise.
  var furtherWeights: [Double] { get }
  /// The scores of all items, and after them further scores of all items, `[(1 + further) · B, 1]`.
  func trainingScores(_ items: Items, frozen: FrozenParts, on tape: inout Tape) -> Value
  /// Whether the first units of items may be computed once for all that have them in common, in
  /// computations without gradients.
  var sharesPrefixes: Bool { get }
  /// Has what neighbouring items have in common computed once; only if `sharesPrefixes`.
  func sharePrefixes(of items: inout Items)
  /// Computes once more what `scores` computed in a segment of the tape, from the segment's input.
  /// Models that make no segments, whatever `Tape.layersPerSegment` is, need not have it.
  func recompute(
    _ segment: Int, from x: Value, _ items: Items, on tape: inout Tape
  ) -> Value
  /// An upper bound on the memory per unit of the items, in bytes, of recording a forward pass and
  /// of the backward pass.
  func activationBytes(_ precision: Precision) -> Int
  /// The same if segments of the tape compute so many layers once more; nil for no segments.
  func activationBytes(_ precision: Precision, layersPerSegment: Int?) -> Int
}

extension RankingModel {
  /// None.
  public var commonLookupRow: Int32? { nil }

  /// The newly initialised parameters.
  public var learnsAsNew: Set<String> { fresh }

  /// None.
  public var furtherWeights: [Double] { [] }

  /// The scores alone.
  public func trainingScores(
    _ items: Items, frozen: FrozenParts, on tape: inout Tape
  ) -> Value {
    scores(items, frozen: frozen, on: &tape)
  }

  /// 0: without layers, all parameters learn at the same rate.
  public func depth(of name: String) -> Int { 0 }

  /// Every item is computed as a whole.
  public var sharesPrefixes: Bool { false }

  /// For models whose items have nothing in common.
  public func sharePrefixes(of items: inout Items) {}

  /// Nothing is fixed.
  public var fixedParts: FrozenParts { FrozenParts() }

  /// For models without segments.
  public func recompute(
    _ segment: Int, from x: Value, _ items: Items, on tape: inout Tape
  ) -> Value {
    preconditionFailure("the model makes no segments")
  }

  /// The memory without segments.
  public func activationBytes(_ precision: Precision, layersPerSegment: Int?) -> Int {
    activationBytes(precision)
  }
}

extension CrossEncoder: RankingModel {
  /// The configuration and tokenizer files.
  public var files: [String: [UInt8]] { sidecar.files }
  /// The token embeddings, unless a product also reads them.
  public var lookupTable: Parameter? { parameters.table.isLookup(words) ? words : nil }
  /// The token ids.
  public func lookupRows(of items: PackedBatch) -> [Int32] { items.ids }
  /// The token that a decoder begins with.
  public var commonLookupRow: Int32? { blueprint.decoder.map { Int32($0.start) } }

  /// Whether a parameter belongs to these parts.
  public func isFrozen(_ name: String, by parts: FrozenParts) -> Bool {
    parts.contains(name, of: blueprint)
  }
  /// The number of layers from the head down to a parameter.
  public func depth(of name: String) -> Int { blueprint.depth(of: name) }
  /// With adapters, the embeddings and the layers that have none.
  public var fixedParts: FrozenParts {
    FrozenParts(withoutAdapters: parameters.table, of: blueprint)
  }
  /// The whole encoder.
  public var allParts: FrozenParts { .all(layers: blueprint.layers.count) }

  /// The scores of all sequences, `[B, 1]`.
  public func scores(
    _ items: PackedBatch, frozen: FrozenParts, on tape: inout Tape
  ) -> Value {
    let placed = PlacedBatch(items, on: &tape)
    return scores(placed, frozen: frozen, on: &tape)
  }

  /// Whether no token's representation depends on the tokens after it.
  public var sharesPrefixes: Bool { blueprint.sharesPrefixes }
  /// The tokens with which neighbouring sequences begin.
  public func sharePrefixes(of items: inout PackedBatch) {
    if sharesPrefixes { items.sharePrefixes() }
  }

  /// The layers of a segment.
  public func recompute(
    _ segment: Int, from x: Value, _ items: PackedBatch, on tape: inout Tape
  ) -> Value {
    let placed = PlacedBatch(items, on: &tape)
    return recompute(segment, from: x, placed, on: &tape)
  }

  /// The memory of one token.
  public func activationBytes(_ precision: Precision) -> Int {
    blueprint.activationBytes(precision)
  }
  /// The memory of one token with segments of so many layers.
  public func activationBytes(_ precision: Precision, layersPerSegment: Int?) -> Int {
    blueprint.activationBytes(precision, layersPerSegment: layersPerSegment)
  }
}
