extension Tokenizer {
  /// The ids and token types of a pair of tokenized texts with the special tokens around them,
  /// truncated to `maxLength` by `longest_first`: the longer text gives up tokens at its end first.
  ///
  /// `maxLength` counts special tokens and must leave room for them.
  public func encodePair(query: [Int32], text: [Int32], maxLength: Int) -> EncodedSequence {
    var encoded = EncodedSequence()
    appendPair(
      query: query.span, text: text.span, maxLength: maxLength, ids: &encoded.ids,
      typeIDs: &encoded.typeIDs)
    return encoded
  }

  /// The ids and token types of one tokenized text with the special tokens around it, cut at the
  /// end to `maxLength`, which counts special tokens and must leave room for them.
  public func encodeSingle(_ text: [Int32], maxLength: Int) -> EncodedSequence {
    var encoded = EncodedSequence()
    appendSingle(
      text.span, maxLength: maxLength, ids: &encoded.ids, typeIDs: &encoded.typeIDs)
    return encoded
  }

  /// How many tokens of a query and of a text stay when the pair is truncated to `maxLength`, which
  /// counts special tokens and must leave room for them.
  public func keptInPair(query: Int, text: Int, maxLength: Int) -> (query: Int, text: Int) {
    let room = maxLength - postProcessor.specialsInPair
    precondition(room >= 0, "keptInPair: \(maxLength) tokens do not even hold the special ones")
    let kept = Truncation.longestFirst(first: query, second: text, room: room)
    return (kept.first, kept.second)
  }

  /// `encodePair`, appended to a packed batch.
  public func appendPair(
    query: Span<Int32>, text: Span<Int32>, maxLength: Int, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    let room = maxLength - postProcessor.specialsInPair
    precondition(room >= 0, "appendPair: \(maxLength) tokens do not even hold the special ones")
    let kept = Truncation.longestFirst(first: query.count, second: text.count, room: room)
    PostProcessor.append(
      postProcessor.pair, first: query, firstCount: kept.first, second: text,
      secondCount: kept.second, ids: &ids, typeIDs: &typeIDs)
  }

  /// `encodeSingle`, appended to a packed batch.
  public func appendSingle(
    _ text: Span<Int32>, maxLength: Int, ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    let room = maxLength - postProcessor.specialsInSingle
    precondition(room >= 0, "appendSingle: \(maxLength) tokens do not even hold the special ones")
    PostProcessor.append(
      postProcessor.single, first: text, firstCount: min(text.count, room), second: text,
      secondCount: 0, ids: &ids, typeIDs: &typeIDs)
  }
}
