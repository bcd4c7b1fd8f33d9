public import Autodiff
public import Batches

/// A model that scores the items of lists and is trained by their ranking: from packed items to
/// scores on a tape.
///
/// Training, evaluation and checkpoints know a model by this alone: a cross-encoder over texts is
/// one, a model over vectors of features another.
public protocol RankingModel: Sendable {
  /// What the model reads.
  associatedtype Items: PackedItems

  /// The weights and their names; training changes them in place.
  var parameters: Parameters { get }
  /// The names of newly initialised parameters, which the files of the model lack.
  var fresh: Set<String> { get }
  /// The small files that make the weights into a model, by name; a checkpoint holds them as texts.
  var files: [String: [UInt8]] { get }

  /// A table, `[rows, columns]`, of which a batch looks up few rows and which no product reads: only
  /// rows with a gradient are summed and updated. Nil where there is none, or the table is used in
  /// another way as well, such as for an output that is tied to it.
  var lookupTable: Parameter? { get }
  /// The rows of that table that items look up, in their order, as often as they do.
  func lookupRows(of items: Items) -> [Int32]

  /// Whether a parameter belongs to parts that training leaves as they are.
  func isFrozen(_ name: String, by parts: FrozenParts) -> Bool
  /// All that can be frozen; a pass that only scores records nothing of it.
  var allParts: FrozenParts { get }

  /// The scores of all items, `[B, 1]`: raw logits. Nothing needs to be recorded of what is frozen
  /// from the bottom up.
  func scores(_ items: Items, frozen: FrozenParts, on tape: inout Tape) -> Value
  /// An upper bound of the memory that recording a forward pass and the backward pass take for each
  /// unit of the items, in bytes.
  func activationBytes(_ precision: Precision) -> Int
}

extension CrossEncoder: RankingModel {
  /// The files of configuration and tokenizer.
  public var files: [String: [UInt8]] { sidecar.files }
  /// The token embeddings, unless a product reads them as well.
  public var lookupTable: Parameter? { parameters.table.isLookup(words) ? words : nil }
  /// The token ids.
  public func lookupRows(of items: PackedBatch) -> [Int32] { items.ids }

  /// Whether a parameter belongs to these parts.
  public func isFrozen(_ name: String, by parts: FrozenParts) -> Bool {
    parts.contains(name, of: blueprint)
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

  /// The memory of one token.
  public func activationBytes(_ precision: Precision) -> Int {
    blueprint.activationBytes(precision)
  }
}
