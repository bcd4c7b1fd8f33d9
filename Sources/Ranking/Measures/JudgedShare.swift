/// `Judged`: the share of the documents looked at that are judged at all.
struct JudgedShare: MeasureFunction {
  static let description = MeasureDescription(
    name: "Judged",
    meaning: "the share of the first k documents that have a judgment, whatever the grade; of as"
      + " many as were retrieved where they are fewer",
    source: "ir_measures' Judged, but in trec_eval's order of equal scores", takesJudgedOnly: false)

  private let cutoff: Int?

  init(_ parameters: MeasureParameters) { cutoff = parameters.cutoff }

  func value(of query: RankedQuery) -> Double {
    let top = query.top(cutoff)
    return ratio(Double(top.count { $0 != nil }), top.count)
  }

  /// By grade, judged documents of grade 0 would not come before unjudged ones.
  func ceiling(ofBestOrder query: RankedQuery) -> Double {
    let depth = query.top(cutoff).count
    return ratio(Double(min(depth, query.ranked.count { $0 != nil })), depth)
  }
}
