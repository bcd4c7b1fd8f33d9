import Batches

/// How texts are read by the model, and what that costs.
struct CostModel: Sendable {
  let maximumLength: Int
  let specialTokens: Int
  let longDocuments: LongDocuments
  /// What stays of a query and a text of so many tokens where they do not fit.
  let kept: @Sendable (_ query: Int, _ text: Int) -> (query: Int, text: Int)

  /// How a document of so many tokens is read, of which a request lets at most so many be read.
  func plan(query: Int, document: Int, most: Int?) -> LongDocuments.Plan {
    let count = min(most ?? document, document)
    return longDocuments.plan(query: query, document: count, kept: kept(query, count))
  }

  /// The tokens of a passage's sequence.
  func length(query: Int, text: Int) -> Int { query + text + specialTokens }

  /// What scoring a document costs.
  func cost(query: Int, document: Int, most: Int?) -> Double {
    let plan = plan(query: query, document: document, most: most)
    return plan.passages.reduce(0) {
      $0 + Serving.cost(ofTokens: length(query: plan.queryTokens, text: $1.count))
    }
  }
}
