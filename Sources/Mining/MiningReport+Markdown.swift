extension MiningReport {
  /// The report as Markdown.
  func markdown(_ examples: [ShownQuery]) -> String {
    var text = "# Mining report\n\n"
    text += summary.map { "- \($0)\n" }.joined()
    text += "\n## Candidates\n\n" + Self.table(["", "documents"], fates)
    text += "\n## First stage\n\n" + recallTable
    text += "\n## False negatives, estimated\n\n" + estimateTable
    for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
      text += Self.histograms("Scores of \(Self.escaped(name))", source.positives, source.negatives)
    }
    if let teacher {
      text += Self.histograms("Scores of the teacher", teacher.positives, teacher.negatives)
    }
    if !examples.isEmpty { text += "\n## Examples\n" }
    for example in examples { text += example.markdown }
    return text
  }

  /// A summary of a few lines.
  public var summary: [String] {
    var lines = [
      "\(queries.mined) of \(queries.judged) judged queries have negatives: "
        + "\(queries.missing) are not in the collection, \(queries.withoutPositives) have no "
        + "positive in the corpus, \(queries.withoutNegatives) have no negative left",
      "\(negatives.total) negatives, \(negatives.judged) of them judged, \(negatives.fromCorpus) "
        + "drawn from the whole corpus; \(queries.short) queries have fewer than requested",
      "\(candidates.found) candidates: \(candidates.kept) kept, \(candidates.notNeeded) not "
        + "needed, \(candidates.rejected.values.reduce(0, +)) rejected",
      "\(positives.found) of \(positives.judged - positives.missing) positives in the corpus were "
        + "found by the first stage"
        + (positives.missedShare.map { ", \(Self.percent($0)) were missed" } ?? ""),
    ]
    if positives.missing > 0 {
      lines.append(
        "\(positives.missing) of \(positives.judged) judged positives are not in the corpus, where "
          + "no first stage can find them")
    }
    if let identical = candidates.rejected[Rejection.identicalID.rawValue] {
      lines.append("candidates excluded because they have the query's own id: \(identical)")
    }
    if queries.withoutPositiveScore > 0 {
      lines.append(
        "\(queries.withoutPositiveScore) queries have no positive among the candidates, so that "
          + "margins cannot be computed")
    }
    for (name, rate) in [
      ("known positives", Optional(falseNegativesByJudgments)),
      ("the teacher's scores", falseNegativesByTeacher),
    ] {
      guard let rate, rate.before != nil || rate.after != nil else { continue }
      lines.append(
        "false negatives, estimated from \(name): \(Self.percent(rate.before)) before the filters, "
          + "\(Self.percent(rate.after)) after")
    }
    return lines
  }

  private var fates: [[String]] {
    let order = Dictionary(
      Rejection.allCases.enumerated().map { ($1.rawValue, $0) }, uniquingKeysWith: { a, _ in a })
    let rejected = candidates.rejected.sorted {
      order[$0.key, default: 0] < order[$1.key, default: 0]
    }
    return [["kept", "\(candidates.kept)"], ["not needed", "\(candidates.notNeeded)"]]
      + rejected.map { name, count in
        let words = Rejection(rawValue: name)?.explanation ?? name
        return ["rejected: \(words) (`\(name)`)", "\(count)"]
      } + [["all", "\(candidates.found)"]]
  }

  private var recallTable: String {
    var rows: [[String]] = []
    for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
      for (depth, recall) in zip(source.depths, source.recall) {
        rows.append([Self.escaped(name), "\(depth)", Self.fixed(recall, 4)])
      }
    }
    return "The recall of the positives in the corpus at each depth, averaged over the queries. It "
      + "is the upper bound for a reranker of that many candidates.\n\n"
      + Self.table(["first stage", "depth", "recall"], rows)
  }

  private var estimateTable: String {
    func row(_ name: String, _ rate: FalseNegatives) -> [String] {
      [
        name, Self.percent(rate.before), Self.percent(rate.after), "\(rate.beforeFrom)",
        "\(rate.afterFrom)",
      ]
    }
    var rows = [row("known positives treated as unjudged", falseNegativesByJudgments)]
    if let rate = falseNegativesByTeacher {
      rows.append(row("teacher score above the positive's", rate))
    }
    return Self.table(["", "before filters", "after", "based on", "after: based on"], rows)
  }

  private static func histograms(
    _ title: String, _ positives: Histogram, _ negatives: Histogram
  ) -> String {
    if positives.counts.isEmpty, negatives.counts.isEmpty { return "" }
    // Both histograms on the coarser of the two widths, or on a wider one if the table would be too
    // long.
    var width = max(positives.width, negatives.width)
    let ends = [positives, negatives].filter { !$0.counts.isEmpty }.flatMap {
      [$0.start, $0.start + Double($0.counts.count) * $0.width]
    }
    while ((ends.max() ?? 0) - (ends.min() ?? 0)) / width > 60 { width *= 2 }
    func bins(_ histogram: Histogram) -> [Int: Int] {
      var bins: [Int: Int] = [:]
      for (index, count) in histogram.counts.enumerated() {
        let start = histogram.start + Double(index) * histogram.width
        bins[Int((start / width).rounded(.down)), default: 0] += count
      }
      return bins
    }
    let (left, right) = (bins(positives), bins(negatives))
    let numbers = Array(left.keys) + Array(right.keys)
    guard let first = numbers.min(), let last = numbers.max() else { return "" }
    let most = max(left.values.max() ?? 1, right.values.max() ?? 1, 1)
    func bar(_ count: Int) -> String {
      count == 0 ? "" : String(repeating: "#", count: max(1, count * 30 / most)) + " \(count)"
    }
    let rows = (first...last).map { number in
      [
        "\(fixed(Double(number) * width, 3))", bar(left[number] ?? 0), bar(right[number] ?? 0),
      ]
    }
    return "\n## \(title)\n\n" + table(["from", "positives", "negatives"], rows)
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header, header.map { _ in "---" }] + rows).map {
      "| " + $0.joined(separator: " | ") + " |\n"
    }.joined()
  }

  private static func percent(_ share: Double?) -> String {
    share.map { fixed($0 * 100, 2) + " %" } ?? "unknown"
  }

  /// A number with a fixed number of decimals.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    let whole = (value.magnitude * scale).rounded()
    guard whole < 1e15 else { return "\(value)" }
    let text = String(Int(whole))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    let sign = value < 0 && whole > 0 ? "-" : ""
    return sign + padded.dropLast(digits) + (digits > 0 ? "." + padded.suffix(digits) : "")
  }

  /// A text with Markdown's special characters escaped.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, letter in
      if "\\`*_{}[]<>#|~".contains(letter) { result += "\\" }
      result.append(letter)
    }
  }
}

extension ShownQuery {
  fileprivate var markdown: String {
    var text = "\n### \(MiningReport.escaped(query)): \(MiningReport.escaped(self.text))\n\n"
    for (title, documents) in [
      ("positives", positives), ("negatives", kept), ("rejected", rejected),
    ] where !documents.isEmpty {
      text += "\(title):\n\n" + documents.map(\.markdown).joined() + "\n"
    }
    return text
  }
}

extension ShownQuery.Shown {
  fileprivate var markdown: String {
    var facts = [source]
    if let rank { facts.append("rank \(rank)") }
    if let score { facts.append("score \(MiningReport.fixed(score, 3))") }
    if let teacher { facts.append("teacher \(MiningReport.fixed(teacher, 3))") }
    if let fate { facts.append(fate) }
    return "- **\(MiningReport.escaped(document))** "
      + "(\(MiningReport.escaped(facts.joined(separator: ", ")))): "
      + "\(MiningReport.escaped(self.text))\n"
  }
}
