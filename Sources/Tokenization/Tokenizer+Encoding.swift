extension Tokenizer {
  /// The ids and token types of a query and a text, tokenized as such, in the pair format,
  /// truncated to `maxLength`, which includes the fixed tokens of every pair and must be at least
  /// `leastTokensInPair`.
  public func encodePair(query: [Int32], text: [Int32], maxLength: Int) -> EncodedSequence {
    var encoded = EncodedSequence()
    appendPair(
      query: query.span, text: text.span, maxLength: maxLength, ids: &encoded.ids,
      typeIDs: &encoded.typeIDs)
    return encoded
  }

  /// The ids and token types of one tokenized text with the special tokens around it, truncated at
  /// the end to `maxLength`, which includes special tokens and must be at least their number.
  public func encodeSingle(_ text: [Int32], maxLength: Int) -> EncodedSequence {
    var encoded = EncodedSequence()
    appendSingle(
      text.span, maxLength: maxLength, ids: &encoded.ids, typeIDs: &encoded.typeIDs)
    return encoded
  }

  /// The numbers of tokens of a query and of a text that are retained if the pair is truncated to
  /// `maxLength`, as in `encodePair`.
  public func keptInPair(query: Int, text: Int, maxLength: Int) -> (query: Int, text: Int) {
    let kept = pairFormat.retained(query: query, document: text, maximum: maxLength)
    return (kept.query, kept.document)
  }

  /// Appends the result of `encodePair` to a packed batch.
  public func appendPair(
    query: Span<Int32>, text: Span<Int32>, maxLength: Int, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    pairFormat.append(
      query: query, document: text, maximum: maxLength, ids: &ids, typeIDs: &typeIDs)
  }

  /// The tokens of a part of a tokenized query or document, with the tail of a truncated one: as
  /// many as the part has, if it has at least those of the tail.
  public func excerpt(
    _ part: Range<Int>, of tokens: [Int32], as role: TextRole
  ) -> ArraySlice<Int32> {
    let excerpt = pairFormat.excerpt(part, of: tokens.count, role)
    if excerpt.tail.isEmpty { return tokens[excerpt.tokens] }
    return (tokens[excerpt.tokens] + excerpt.tail)[...]
  }

  /// Appends the result of `encodeSingle` to a packed batch.
  public func appendSingle(
    _ text: Span<Int32>, maxLength: Int, ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    let room = maxLength - specialTokensInSingle
    precondition(room >= 0, "appendSingle: \(maxLength) tokens do not even hold the special ones")
    singleTemplate.append(
      first: text, .init(tokens: 0..<min(text.count, room)), second: text, .init(tokens: 0..<0),
      ids: &ids, typeIDs: &typeIDs)
  }
}
