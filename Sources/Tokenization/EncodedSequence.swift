/// The input of an encoder for one text or one pair of texts.
public struct EncodedSequence: Sendable, Equatable {
  /// Token ids, including special tokens: `[T]`.
  public var ids: [Int32]
  /// Token types, 0 for the first sequence and 1 for the second in BERT: `[T]`.
  public var typeIDs: [Int32]

  /// A sequence of ids with their types.
  public init(ids: [Int32] = [], typeIDs: [Int32] = []) {
    self.ids = ids
    self.typeIDs = typeIDs
  }
}
