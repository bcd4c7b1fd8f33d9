public import Tokenization

/// Queries and documents by number, and the sequences of their pairs, in the tokenizer's pair
/// format.
public struct PairTokens: Sendable {
  /// The tokenizer of the texts, which also defines the pair format.
  public let tokenizer: Tokenizer
  /// The queries.
  public var queries = TokenStore()
  /// The documents.
  public var documents = TokenStore()

  /// An empty collection of texts.
  public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// Tokenizes a query and returns its number.
  public mutating func append(query: String) -> Int {
    queries.append(query, as: .query, with: tokenizer)
  }

  /// Tokenizes a document and returns its number.
  public mutating func append(document: String) -> Int {
    documents.append(document, as: .document, with: tokenizer)
  }

  /// The number of tokens of a pair after truncation to `maximum`, fixed tokens included.
  public func length(of pair: Pair, maximum: Int) -> Int {
    min(maximum, fullLength(of: pair))
  }

  /// The number of tokens of a pair without truncation.
  public func fullLength(of pair: Pair) -> Int {
    queries.length(of: pair.query) + documents.length(of: pair.document)
      + tokenizer.specialTokensInPair
  }

  /// The tokens of a pair that are scored if a sequence has at most `maximum` tokens.
  public func plan(
    of pair: Pair, maximum: Int, _ longDocuments: LongDocuments
  ) -> LongDocuments.Plan {
    let (query, document) = (queries.length(of: pair.query), documents.length(of: pair.document))
    return longDocuments.plan(
      query: query, document: document,
      kept: tokenizer.keptInPair(query: query, text: document, maxLength: maximum),
      tail: tokenizer.tailTokens(of: .document))
  }

  /// Appends the sequence of one passage of a pair, with the first `queryTokens` tokens of the
  /// query.
  package func append(
    _ pair: Pair, passage: Range<Int>, queryTokens: Int, ids: inout [Int32],
    types: inout [Int32]
  ) {
    tokenizer.pairFormat.append(
      query: queries.ids.span.extracting(queries.range(of: pair.query)), queryTokens,
      document: documents.ids.span.extracting(documents.range(of: pair.document)), passage,
      ids: &ids, typeIDs: &types)
  }

  /// Appends the sequence of a pair, truncated to `maximum` tokens, to a packed batch's arrays.
  public func append(
    _ pair: Pair, maximum: Int, ids: inout [Int32], types: inout [Int32]
  ) {
    tokenizer.appendPair(
      query: queries.ids.span.extracting(queries.range(of: pair.query)),
      text: documents.ids.span.extracting(documents.range(of: pair.document)),
      maxLength: maximum, ids: &ids, typeIDs: &types)
  }
}

/// A query and a document of `PairTokens`, by number.
public struct Pair: Sendable, Hashable {
  /// The number of the query.
  public var query: Int
  /// The number of the document.
  public var document: Int

  /// A pair of the given numbers.
  public init(query: Int, document: Int) {
    self.query = query
    self.document = document
  }
}
