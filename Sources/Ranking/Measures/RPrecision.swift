/// `Rprec`: precision at the rank that equals the number of relevant documents.
struct RPrecision: MeasureFunction {
  static let description = MeasureDescription(
    name: "Rprec", aliases: ["RPrec"],
    meaning: "precision among the first R documents, where R is the number of relevant ones",
    source: "Buckley & Voorhees 2005", takesCutoff: false, parameters: [.relevance])

  private let relevance: Double

  init(_ parameters: MeasureParameters) { relevance = parameters.number("rel") }

  func value(of query: RankedQuery) -> Double {
    let relevant = query.relevantCount(from: relevance)
    guard relevant > 0 else { return 0 }
    return ratio(
      Double(query.relevantRetrieved(from: relevance, cutoff: relevant)), relevant)
  }
}
