/// Sequences of tokens laid end to end, without padding.
///
/// The arrays are `[T]` over all tokens and `[B + 1]` or `[B]` over sequences. Batches are reused:
/// `removeAll` keeps their memory.
public struct PackedBatch: Sendable {
  /// The token ids, `[T]`.
  public internal(set) var ids: [Int32] = []
  /// The token types as the tokenizer gives them (in BERT 0 for the query, 1 for the document),
  /// `[T]`.
  public internal(set) var types: [Int32] = []
  /// The position of each token in its sequence, `[T]`.
  public internal(set) var places: [Int32] = []
  /// The number by which dropout identifies each token: its row in the whole batch, of which this
  /// may be a part, `[T]`.
  public internal(set) var identity: [Int32] = []
  /// The start of each sequence, and the end of the last, `[B + 1]`; with shared prefixes those of
  /// the blocks.
  public internal(set) var offsets: [Int32] = [0]
  /// The number of each sequence in the whole batch, `[B]`.
  public internal(set) var members: [Int32] = []
  /// What sequences share, if their first tokens are laid once (`sharePrefixes`).
  public internal(set) var prefixes = SharedPrefixes()

  /// An empty batch.
  public init() {}

  /// The number of tokens.
  public var tokens: Int { ids.count }
  /// The number of sequences.
  public var sequences: Int { members.count }

  /// Removes all sequences and keeps the memory.
  public mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    identity.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
    prefixes.removeAll()
  }

  /// Appends a range of sequences of another batch.
  public mutating func append(_ sequences: Range<Int>, of other: borrowing PackedBatch) {
    precondition(
      prefixes.isEmpty && other.prefixes.isEmpty, "sequences with shared prefixes are complete")
    let rows = Int(other.offsets[sequences.lowerBound])..<Int(other.offsets[sequences.upperBound])
    let shift = Int32(ids.count - rows.lowerBound)
    ids.append(contentsOf: other.ids[rows])
    types.append(contentsOf: other.types[rows])
    places.append(contentsOf: other.places[rows])
    identity.append(contentsOf: other.identity[rows])
    members.append(contentsOf: other.members[sequences])
    for sequence in sequences { offsets.append(other.offsets[sequence + 1] + shift) }
  }

  /// Appends sequence number `member` of the whole batch, which starts at row `firstRow` of that
  /// batch; `write` appends its ids and types.
  public mutating func append(
    member: Int, firstRow: Int, _ write: (_ ids: inout [Int32], _ types: inout [Int32]) -> Void
  ) {
    precondition(prefixes.isEmpty, "sequences with shared prefixes are complete")
    let start = ids.count
    write(&ids, &types)
    precondition(ids.count > start && types.count == ids.count, "an empty or uneven sequence")
    for place in 0..<ids.count - start {
      places.append(Int32(place))
      identity.append(Int32(firstRow + place))
    }
    offsets.append(Int32(ids.count))
    members.append(Int32(member))
  }
}
