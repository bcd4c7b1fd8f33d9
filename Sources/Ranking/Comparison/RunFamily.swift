package import Diagnostics
import Foundation

/// Several runs, compared with one of them, the baseline. Holm's correction covers the runs
/// compared on one measure; each measure is a family of its own.
package struct RunFamily: Sendable {
  /// The comparison of one run with the baseline on one measure.
  package struct Member: Sendable {
    /// The run's index among all runs.
    package let run: Int
    /// The comparison, with uncorrected p-values.
    package let comparison: Comparison
    /// The p-value of the t-test after Holm's correction.
    package let tTest: Double
    /// The p-value of the randomization test after Holm's correction.
    package let randomization: Double

    /// The p-value for significance marks: the larger of the two corrected p-values, so that
    /// neither test alone makes a difference significant.
    package var p: Double { max(tTest, randomization) }

    /// `*` below 0.05, `**` below 0.01; `-` and `--` if the run is worse than the baseline.
    package var mark: String {
      let mark = comparison.difference < 0 ? "-" : "*"
      return p < 0.01 ? mark + mark : p < 0.05 ? mark : ""
    }
  }

  /// All runs, in the given order.
  package let runs: [EvaluatedRun]
  /// The index of the baseline among them.
  package let baseline: Int
  /// Run by run, and within a run measure by measure.
  package let members: [Member]
  /// The number of draws per randomization test.
  package let draws: Int
  /// The seed of the randomization tests' generator.
  package let seed: UInt64

  /// Compares `runs` with one of them. Every randomization test starts from `generator`, which was
  /// seeded with `seed`. Nil for a single run.
  ///
  /// - Parameter baseline: the user's name of the baseline; nil for the first run.
  /// - Throws: `usage` if `baseline` names no run, or several; `badData` if a run has no query in
  ///   common with the baseline.
  package init?(
    _ runs: [EvaluatedRun], baseline: String?, draws: Int, seed: UInt64,
    generator: some RandomNumberGenerator
  ) throws(Failure) {
    guard runs.count > 1 else { return nil }
    self.runs = runs
    self.draws = draws
    self.seed = seed
    let chosen = try baseline.map { (name) throws(Failure) in try Self.find(name, in: runs) } ?? 0
    self.baseline = chosen
    var found: [(run: Int, comparisons: [Comparison])] = []
    for index in runs.indices where index != chosen {
      let comparisons = Comparison.all(
        runs[index].evaluation, against: runs[chosen].evaluation, draws: draws,
        generator: generator)
      if comparisons.isEmpty {
        throw Failure(
          .badData,
          "'\(runs[index].name)' and '\(runs[chosen].name)' have no judged query in common",
          at: Place(runs[index].name), expected: "runs of the same queries",
          remedy: "compare runs of one split, or measure each on its own")
      }
      found.append((index, comparisons))
    }
    let measures = runs[chosen].evaluation.measures.indices
    let tTests = measures.map { m in holm(found.map { $0.comparisons[m].tTest.p }) }
    let randomization = measures.map { m in
      holm(found.map { $0.comparisons[m].randomizationTest.p })
    }
    members = found.enumerated().flatMap { place, entry in
      measures.map { m in
        Member(
          run: entry.run, comparison: entry.comparisons[m], tTest: tTests[m][place],
          randomization: randomization[m][place])
      }
    }
  }

  /// The run that the user names: by its path, by its file name with or without the extension, or
  /// by the run's tag.
  private static func find(_ name: String, in runs: [EvaluatedRun]) throws(Failure) -> Int {
    if let same = runs.firstIndex(where: { $0.name == name }) { return same }
    let found = runs.indices.filter { index in
      let file = URL(filePath: runs[index].name)
      return [file.lastPathComponent, file.deletingPathExtension().lastPathComponent]
        .contains(name) || runs[index].tag == name
    }
    if found.count == 1 { return found[0] }
    let names = runs.map(\.name)
    guard found.isEmpty else {
      throw Failure(
        .usage, "the baseline '\(name)' matches \(found.count) runs",
        expected: "one of \(names.joined(separator: ", "))",
        remedy: "give the full path of the file")
    }
    let short = names.map { URL(filePath: $0).lastPathComponent }
    throw Failure(
      .usage, "the baseline '\(name)' is not among the runs",
      expected: "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name, in: names + short).map { "write '\($0)'" }
        ?? "add the baseline to --run")
  }

  /// Whether all runs cover the same queries, so that their means are comparable.
  package var isOfSameQueries: Bool {
    runs.allSatisfy { $0.evaluation.queries == runs[baseline].evaluation.queries }
  }

  /// Warnings if runs cover different queries; empty otherwise.
  package var warnings: [String] {
    guard !isOfSameQueries else { return [] }
    let first = """
      the runs cover different queries. Each run's means are over its own queries, and no best value \
      is marked; comparisons are over the queries shared by run and baseline. --complete averages \
      over all judged queries for every run.
      """
    return [first]
      + runs.indices.filter { $0 != baseline }.compactMap { run in
        members.first { $0.run == run }.map { member in
          "\(runs[run].name): \(member.comparison.queries) of its "
            + "\(runs[run].evaluation.queries.count) queries are shared with \(runs[baseline].name)"
        }
      }
  }

  /// The number of runs compared on one measure.
  package var size: Int { runs.count - 1 }

  /// The meaning of the marks.
  package var legend: String {
    "* better, - worse than \(runs[baseline].name) at p < 0.05; ** and -- at p < 0.01, by both tests"
  }

  /// The method of computing the p-values.
  package var method: String {
    let isExact = members.allSatisfy(\.comparison.randomizationTest.isExact)
    return "paired t-test and paired randomization test ("
      + (isExact ? "all signs" : "\(draws) draws, seed \(seed)") + "), two-sided"
      + (size > 1 ? "; Holm's correction over the \(size) runs compared on a measure" : "")
  }

  /// The comparison of a run on a measure, both given by index; nil for the baseline itself.
  package func member(run: Int, measure: Int) -> Member? {
    let own = members.filter { $0.run == run }
    return own.isEmpty ? nil : own[measure]
  }
}
