/// `Judged`: the share of judged documents among the first k.
struct JudgedShare: MeasureFunction {
  static let description = MeasureDescription(
    name: "Judged",
    meaning: "the share of the first k documents that have a judgment, whatever the grade; if"
      + " fewer were retrieved, the share of those",
    source: "ir_measures' Judged, but in trec_eval's order of equal scores", takesJudgedOnly: false)

  private let cutoff: Int?

  init(_ parameters: MeasureParameters) { cutoff = parameters.cutoff }

  func value(of query: RankedQuery) -> Double {
    let top = query.top(cutoff)
    return ratio(Double(top.count { $0 != nil }), top.count)
  }

  /// The order by grade would not put judged documents of grade 0 before unjudged ones.
  func ceiling(ofBestOrder query: RankedQuery) -> Double {
    let depth = query.top(cutoff).count
    return ratio(Double(min(depth, query.ranked.count { $0 != nil })), depth)
  }
}
