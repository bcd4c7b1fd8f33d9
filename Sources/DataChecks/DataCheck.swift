import Corpora
import Diagnostics
import Files
import Splits

/// Checks data: reads everything that a training run or an evaluation would read of it, and goes on
/// where it is wrong.
package struct DataCheck {
  /// Receives what is being done, how much of it is done, and how much there is.
  package typealias Progress = (_ what: String, _ done: Int, _ total: Int) -> Void

  let options: DataCheckOptions
  let progress: Progress
  var report: DataReport
  /// The texts of the queries of each split, for leaks.
  var pools: [(name: String, path: String, queries: [String])] = []

  /// The most texts of one kind that are measured in tokens, and the most pairs of a split.
  static let sample = 5_000
  /// The most problems of one file that are reported.
  static let mostProblems = 20

  private init(_ options: DataCheckOptions, _ progress: @escaping Progress) {
    (self.options, self.progress) = (options, progress)
    report = DataReport(options.measure)
  }

  /// Checks data; queries are compared among all of its splits.
  package static func report(
    on requests: [DataRequest], _ options: DataCheckOptions = DataCheckOptions(),
    progress: @escaping Progress = { _, _, _ in }
  ) -> DataReport {
    var check = DataCheck(options, progress)
    for request in requests {
      do throws(Failure) {
        switch request.kind {
        case .collection(let splits): try check.check(collection: request, splits)
        case .lists(let texts): try check.check(lists: request, texts: texts)
        case .judgments: try check.check(judgments: request)
        }
      } catch {
        check.add(error)
      }
    }
    check.findLeaks()
    return check.report
  }

  /// Adds what a reader rejects, once.
  mutating func add(_ failure: Failure) {
    let problem = DataProblem(.error, failure)
    if !report.problems.contains(problem) { report.problems.append(problem) }
  }

  /// Adds warnings about the encoding of a file.
  mutating func add(_ faults: TextFaults) {
    let line = [faults.notUTF8, faults.loneSurrogates, faults.undecodable].compactMap { $0 }.first
    for warning in faults.warnings {
      let problem = DataProblem(.warning, warning, at: faults.file, line: line?.firstLine)
      if !report.problems.contains(problem) { report.problems.append(problem) }
    }
  }

  /// Adds errors and warnings about empty texts.
  mutating func add(_ texts: [EmptyTexts]) {
    for some in texts where some.empty > 0 {
      report.problems.append(
        some.isMost
          ? DataProblem(.error, some.failure)
          : DataProblem(
            .warning, some.warning, at: some.file, line: some.firstLine,
            remedy: "fill them in, or remove them"))
    }
  }

  /// The facts of a source that was read.
  mutating func add(_ source: DataReport.Source) {
    var source = source
    source.documents?.lengths.sort()
    source.queries?.lengths.sort()
    for index in source.splits.indices { source.splits[index].sort() }
    report.sources.append(source)
  }

  // MARK: Judgments alone

  private mutating func check(judgments request: DataRequest) throws(Failure) {
    let judgments = try Judgments(opening: request.path)
    add(judgments.textFaults)
    var source = DataReport.Source(request.path, layout: "judgments")
    source.encodings = [
      ("file", TextFile.foundEncoding(of: try readFile(request.path)))
    ]
    var survey = SplitSurvey(request.name ?? "judgments")
    survey.repeated = judgments.repetitionCount
    for query in judgments.queries {
      survey.add(
        query: query, judgments.judgments(of: query).map(\.grade), relevant: options.minimumGrade)
    }
    judge(survey, at: request.path)
    source.splits = [survey]
    add(source)
  }

  // MARK: What looks wrong

  /// Problems of the grades of a split.
  mutating func judge(_ survey: SplitSurvey, at path: String) {
    func warn(_ problem: String, remedy: String) {
      report.problems.append(
        DataProblem(.warning, "\(survey.name): \(problem)", at: path, remedy: remedy))
    }
    let (queries, without) = (survey.queries, survey.withoutPositives)
    if without == queries, queries > 0 {
      report.problems.append(
        DataProblem(
          .error, "\(survey.name): no query has a relevant document", at: path,
          expected: "documents of grade \(plain(options.minimumGrade)) or more",
          remedy: "check the labels, or set data.list.minimum_grade"))
    } else if without > 0, let first = survey.firstWithoutPositives {
      warn(
        "\(without) of \(queries) queries have no relevant document, the first is '\(first)'",
        remedy: "training leaves them out, measures count them as 0: judge them, or remove them")
    }
    if survey.repeated > 0 {
      warn("\(survey.repeated) lines repeat an earlier judgment", remedy: "remove them")
    }
    let grades = survey.grades.keys
    if grades.count == 1, let only = grades.first, only >= options.minimumGrade {
      // Measures need no documents that are judged as not relevant.
      if (1...3).contains(Self.rank(survey.name).0) { return }
      warn(
        "all judgments have the grade \(plain(only)): no document is judged as not relevant",
        remedy: "take negatives from a first stage: set data.train.candidates")
    } else if let least = grades.min(), least >= options.minimumGrade, grades.count > 1 {
      warn(
        "every judged document counts as relevant: grades begin at \(plain(least))",
        remedy: "set data.list.minimum_grade to the lowest grade that is relevant")
    }
  }

  // MARK: Leaks

  /// Compares the queries of all splits.
  private mutating func findLeaks() {
    guard pools.count > 1 else { return }
    progress("comparing queries", 0, 1)
    let texts = pools.flatMap(\.queries)
    let groups = QueryGroups(texts, near: options.near)
    let order = pools.indices.sorted { Self.rank(pools[$0].name) < Self.rank(pools[$1].name) }
    let starts = pools.indices.map { pools[..<$0].reduce(0) { $0 + $1.queries.count } }
    for (position, a) in order.enumerated() {
      let range = starts[a]..<starts[a] + pools[a].queries.count
      let first = Dictionary(range.map { (groups.first[$0], $0) }) { first, _ in first }
      let group = Dictionary(range.map { (groups.group[$0], $0) }) { first, _ in first }
      for b in order[(position + 1)...] {
        var (same, near, example, isSame) = (0, 0, nil as (from: String, to: String)?, false)
        for index in starts[b]..<starts[b] + pools[b].queries.count {
          if let other = first[groups.first[index]] {
            if same == 0 { (example, isSame) = ((texts[other], texts[index]), true) }
            same += 1
          } else if let other = group[groups.group[index]] {
            near += 1
            if example == nil, !isSame { example = (texts[other], texts[index]) }
          }
        }
        let leak = DataReport.Leak(
          from: pools[a].name, to: pools[b].name, queries: pools[b].queries.count, same: same,
          near: near, example: example)
        report.leaks.append(leak)
        judge(leak, at: pools[b].path)
      }
    }
  }

  private mutating func judge(_ leak: DataReport.Leak, at path: String) {
    guard let example = leak.example else { return }
    let shown = "'\(shortened(example.from))' and '\(shortened(example.to))'"
    let remedy = "divide the queries anew with 'ltr data split', or remove them from one split"
    if leak.same > 0 {
      report.problems.append(
        DataProblem(
          .error,
          "\(leak.same) of \(leak.queries) queries of \(leak.to) are in \(leak.from) as well, such as "
            + shown, at: path, expected: "queries of one split alone", remedy: remedy))
    }
    if leak.near > 0 {
      report.problems.append(
        DataProblem(
          .warning,
          "\(leak.near) of \(leak.queries) queries of \(leak.to) are nearly the same as queries of "
            + "\(leak.from)" + (leak.same > 0 ? "" : ", such as " + shown), at: path,
          remedy: remedy))
    }
  }

  /// Train comes first, then dev, then test, then others by name.
  private static func rank(_ name: String) -> (Int, String) {
    let known = ["train", "dev", "validation", "test"]
    let words = name.lowercased()
    return (known.firstIndex { words.contains($0) } ?? known.count, name)
  }
}

/// The beginning of a text, for a message.
func shortened(_ text: String) -> String {
  text.count > 60 ? text.prefix(60) + "…" : text
}
