import ArgumentParser
import Diagnostics
import Options
import Retrieval

/// The options of a fusion of several rankings.
struct FusionArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How rankings are fused: rrf, by reciprocal ranks; weighted or z_score, by scores that are "
        + "scaled to 0…1 or standardised over a query's documents. (default: rrf)",
      valueName: "method"))
  var by: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "The weight of a ranking, one for each in their order. (default: 1)", valueName: "number"))
  var weight: [Double] = []

  /// The method.
  ///
  /// - Throws: `usage` with the nearest name if there is none of that name.
  func method() throws(Failure) -> FusedStage.Method {
    guard let by else { return .init(.rrf) }
    if let method = StageOptions.Fusion(rawValue: by) { return .init(method) }
    let names = StageOptions.Fusion.allCases.map(\.rawValue)
    throw Failure(
      .usage, "there is no fusion '\(by)'",
      expected: "one of \(names.map { "'\($0)'" }.joined(separator: ", "))",
      remedy: nearest(to: by, in: names).map { "write '--by \($0)'" })
  }

  /// The weights of `count` rankings.
  ///
  /// - Parameter what: what has a weight: "run".
  /// - Throws: `usage` for a number of weights other than none and `count`, and for one that is
  ///   negative or not finite.
  func weights(of count: Int, _ what: String) throws(Failure) -> [Double] {
    guard !weight.isEmpty else { return .init(repeating: 1, count: count) }
    guard weight.count == count else {
      throw Failure(
        .usage,
        "\(weight.count) weights are given, and \(count) \(what == "index" ? "indexes" : "\(what)s")",
        expected: "one --weight for each \(what), or none")
    }
    if let wrong = weight.first(where: { !($0.isFinite && $0 >= 0) }) {
      throw Failure(
        .usage, "a weight cannot be \(wrong)", expected: "a number from 0 up, as in --weight 0.5")
    }
    return weight
  }

  /// Rejects options that have no effect without several rankings.
  ///
  /// - Parameter option: the option that gives several.
  /// - Throws: `usage`.
  func require(fused: Bool, _ option: String) throws(Failure) {
    guard !fused, let given = by != nil ? "--by" : weight.isEmpty ? nil : "--weight" else { return }
    throw Failure(
      .usage, "\(given) applies only to a fusion", expected: "\(option) with a further ranking",
      remedy: "omit \(given), or give \(option)")
  }
}

extension [String] {
  /// The first element that occurs a second time; nil if all are different.
  var firstRepeated: String? {
    var seen: Set<String> = []
    return first { !seen.insert($0).inserted }
  }
}
