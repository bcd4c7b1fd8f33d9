/// The composition of a query and a document into one sequence: a value of the model, which its
/// tokenizer holds.
public enum PairFormat: Sendable, Equatable {
  /// Special tokens around query and document, from the post-processor. If a pair is too long, the
  /// longer text is truncated first (`longest_first`).
  case template(SequenceTemplate)
  /// A text around query and document, as instruction-tuned models read them. If a pair is too
  /// long, the document is truncated first, and the text around it is retained.
  case prompt(PairPrompt)

  private var sequence: SequenceTemplate {
    switch self {
    case .template(let template): template
    case .prompt(let prompt): prompt.sequence
    }
  }

  /// The number of fixed tokens of every pair, besides those that are tokenized with a query or a
  /// document.
  public var fixedTokens: Int { sequence.fixedTokens }

  /// The number of tokens of a pair of which nothing but the fixed text is retained.
  public var leastTokens: Int {
    fixedTokens + tail(of: .query).count + tail(of: .document).count
  }

  /// The number of tokens before those of the document, with a query of `query` tokens: those with
  /// which all pairs of the query begin.
  package func leadingTokens(query: Int) -> Int {
    var count = 0
    for part in sequence.parts {
      switch part {
      case .token: count += 1
      case .first: count += query
      case .second: return count
      }
    }
    return count
  }

  /// The tokens that stay at the end of a truncated query or document: the text of a prompt up to
  /// the next fixed token.
  func tail(of role: TextRole) -> [Int32] {
    guard case .prompt(let prompt) = self else { return [] }
    return role == .query ? prompt.query.tail : prompt.document.tail
  }

  /// The tokens that represent a part of a text with `count` tokens: where it does not reach the
  /// end, its last tokens are replaced by the tail.
  func excerpt(_ part: Range<Int>, of count: Int, _ role: TextRole) -> SequenceTemplate.Excerpt {
    if part.upperBound == count { return .init(tokens: part) }
    let tail = tail(of: role)
    return .init(
      tokens: part.lowerBound..<max(part.lowerBound, part.upperBound - tail.count), tail: tail)
  }

  /// The numbers of tokens of a query and of a document that are retained if the pair is truncated
  /// to `maximum` tokens, which must be at least `leastTokens`.
  public func retained(
    query: Int, document: Int, maximum: Int
  ) -> (query: Int, document: Int) {
    let room = maximum - fixedTokens
    if query + document <= room { return (query, document) }
    precondition(
      maximum >= leastTokens,
      "a pair of \(maximum) tokens cannot hold its \(leastTokens) fixed ones")
    let kept =
      switch self {
      case .template: Truncation.longestFirst(first: query, second: document, room: room)
      case .prompt(let prompt):
        Truncation.secondFirst(
          first: query, second: document, room: room, firstTail: prompt.query.tail.count,
          secondTail: prompt.document.tail.count)
      }
    return (kept.first, kept.second)
  }

  /// Appends the ids and token types of a pair, truncated to `maximum` tokens.
  public func append(
    query: Span<Int32>, document: Span<Int32>, maximum: Int, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    let kept = retained(query: query.count, document: document.count, maximum: maximum)
    append(
      query: query, kept.query, document: document, 0..<kept.document, ids: &ids,
      typeIDs: &typeIDs)
  }

  /// Appends the ids and token types of a query, truncated to `queryTokens` tokens, and of a passage
  /// of a document.
  package func append(
    query: Span<Int32>, _ queryTokens: Int, document: Span<Int32>, _ passage: Range<Int>,
    ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    sequence.append(
      first: query, excerpt(0..<queryTokens, of: query.count, .query),
      second: document, excerpt(passage, of: document.count, .document), ids: &ids,
      typeIDs: &typeIDs)
  }
}

/// What a text is in a pair.
public enum TextRole: Sendable, Hashable {
  case query
  case document
}
