import Batches

/// The division of texts into sequences, and the cost of scoring them.
struct CostModel: Sendable {
  let maximumLength: Int
  let specialTokens: Int
  let longDocuments: LongDocuments
  /// The numbers of tokens of a query and a text that remain after truncation to a sequence.
  let kept: @Sendable (_ query: Int, _ text: Int) -> (query: Int, text: Int)

  /// The plan for reading a document with `document` tokens, of which the request allows at most
  /// `most`.
  func plan(query: Int, document: Int, most: Int?) -> LongDocuments.Plan {
    let count = min(most ?? document, document)
    return longDocuments.plan(query: query, document: count, kept: kept(query, count))
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
