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
    case .prompt(let prompt): prompt.template
    }
  }

  /// The number of fixed tokens of every pair.
  public var fixedTokens: Int { sequence.fixedTokens }

  /// The numbers of tokens of a query and of a document that are retained if the pair is truncated
  /// to `maximum` tokens, which must be at least `fixedTokens`.
  public func retained(
    query: Int, document: Int, maximum: Int
  ) -> (query: Int, document: Int) {
    let room = maximum - fixedTokens
    precondition(room >= 0, "a pair of \(maximum) tokens cannot hold its \(fixedTokens) fixed ones")
    let kept =
      switch self {
      case .template: Truncation.longestFirst(first: query, second: document, room: room)
      case .prompt: Truncation.secondFirst(first: query, second: document, room: room)
      }
    return (kept.first, kept.second)
  }

  /// Appends the ids and token types of a pair, truncated to `maximum` tokens.
  public func append(
    query: Span<Int32>, document: Span<Int32>, maximum: Int, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    let kept = retained(query: query.count, document: document.count, maximum: maximum)
    sequence.append(
      first: query, kept.query, second: document, kept.document, ids: &ids, typeIDs: &typeIDs)
  }
}
