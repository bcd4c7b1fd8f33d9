import Batches
import Tokenization

/// The division of texts into sequences, and the cost of scoring them.
struct CostModel: Sendable {
  let maximumLength: Int
  let specialTokens: Int
  let longDocuments: LongDocuments
  /// The number of tokens that stay at the end of a truncated text.
  var tail = 0
  /// The numbers of tokens of a query and a text that remain after truncation to a sequence.
  let kept: @Sendable (_ query: Int, _ text: Int) -> (query: Int, text: Int)

  /// Whether what sequences of one query begin with is computed once for a slice.
  var sharesPrefixes = false
  /// The number of tokens before a document, with a query of so many.
  var leading: @Sendable (_ query: Int) -> Int = { _ in 0 }

  /// The plan for reading a document with `document` tokens, of which the request allows at most
  /// `most`.
  func plan(query: Int, document: Int, most: Int?) -> LongDocuments.Plan {
    let count = min(most.map { $0 + tail } ?? document, document)
    return longDocuments.plan(
      query: query, document: count, kept: kept(query, count), tail: tail)
  }

  /// The number of tokens of a passage's sequence.
  func length(query: Int, text: Int) -> Int { query + text + specialTokens }

  /// The cost of scoring a document.
  func cost(query: Int, document: Int, most: Int?) -> Double {
    let plan = plan(query: query, document: document, most: most)
    return plan.passages.reduce(0) {
      $0 + Serving.cost(ofTokens: length(query: plan.queryTokens, text: $1.count))
    }
  }
}

extension CostModel {
  /// The division for pairs in the form of a tokenizer.
  init(
    _ tokenizer: Tokenizer, maximumLength: Int, longDocuments: LongDocuments,
    sharesPrefixes: Bool = false
  ) {
    self.init(
      maximumLength: maximumLength, specialTokens: tokenizer.specialTokensInPair,
      longDocuments: longDocuments, tail: tokenizer.tailTokens(of: .document),
      kept: { query, text in
        tokenizer.keptInPair(query: query, text: text, maxLength: maximumLength)
      }, sharesPrefixes: sharesPrefixes,
      leading: { tokenizer.pairFormat.leadingTokens(query: $0) })
  }
}
