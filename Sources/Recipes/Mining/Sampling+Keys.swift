import Diagnostics
import Options

/// `sample`: the selection of negatives from the remaining candidates.
extension Sampling: Section {
  static let defaults = Sampling()

  static let options: [Option<Sampling>] = [
    .init(
      "strategy", \.word, .choice,
      "the order in which candidates are taken: log_random draws over ranks, softmax over scores, "
        + "rank_bands and grades a share of each band or grade, quantiles a share of each band of the "
        + "teacher's scores, for which the teacher scores all candidates that the filters leave, or of "
        + "the first stage's without a teacher"),
    .init("count", \.count, .integer(1...100_000), "negatives of a query"),
    .optional(
      "temperature", \.temperature, .number(.above(0)),
      "only for softmax, 1 by default there: the higher, the more uniform the distribution"),
    .optional(
      "bands", \.bands, .ranks,
      "only for rank_bands, [10, 30, 100] by default there: the last rank of "
        + "each band"),
    .optional(
      "shares", \.shares, given: { .numbers(count: $0.bands?.count ?? 0, .above(0)) },
      "only for rank_bands: a weight for each band; null for equal shares"
    ).described(as: .numbers(.above(0))),
    .optional(
      "quantiles", \.quantiles, .integer(2...1000, why: "a single band is all candidates"),
      "only for quantiles, 4 by default there: bands of equally many candidates, from the highest "
        + "scores to the lowest"
    ).later(),
    .init(
      "prefer_judged", \.prefersJudged, .flag,
      "takes candidates judged not relevant first, regardless of the filters"),
    .init(
      "refill", \.refill, .choice, "the source of further negatives where too few candidates remain"
    ).shown(as: "random"),
    .init("seed", \.seed, .seed, "the same seed gives a query the same negatives"),
  ]

  /// The names of the strategies.
  fileprivate enum Word: String, Sendable, CaseIterable {
    case top, random
    case logRandom = "log_random"
    case softmax
    case rankBands = "rank_bands"
    case grades
    case quantiles
  }

  /// The replacement of missing negatives.
  fileprivate enum Refill: String, Sendable, CaseIterable { case none, random }

  private var word: Word {
    get {
      switch strategy {
      case .top: .top
      case .random: .random
      case .logRandom: .logRandom
      case .softmax: .softmax
      case .rankBands: .rankBands
      case .grades: .grades
      case .quantiles: .quantiles
      }
    }
    set {
      switch newValue {
      case .top: strategy = .top
      case .random: strategy = .random
      case .logRandom: strategy = .logRandom
      case .softmax: strategy = .softmax()
      case .rankBands: strategy = .rankBands()
      case .grades: strategy = .grades
      case .quantiles: strategy = .quantiles()
      }
    }
  }

  private var temperature: Double? {
    get { if case .softmax(let temperature) = strategy { temperature } else { nil } }
    set { if let newValue { strategy = .softmax(temperature: newValue) } }
  }

  private var bands: [Int]? {
    get { if case .rankBands(let bands, _) = strategy { bands } else { nil } }
    set { if let newValue { strategy = .rankBands(newValue, shares: shares) } }
  }

  private var shares: [Double]? {
    get { if case .rankBands(_, let shares) = strategy { shares } else { nil } }
    set { if let bands { strategy = .rankBands(bands, shares: newValue) } }
  }

  private var quantiles: Int? {
    get { if case .quantiles(let count) = strategy { count } else { nil } }
    set { if let newValue { strategy = .quantiles(newValue) } }
  }

  private var refill: Refill {
    get { refills ? .random : .none }
    set { refills = newValue == .random }
  }

  func admit(_ key: String, in section: RecipeSection) throws(Failure) {
    let needed: [String: Word] = [
      "temperature": .softmax, "bands": .rankBands, "shares": .rankBands,
      "quantiles": .quantiles,
    ]
    guard let needed = needed[key], word != needed else { return }
    throw Failure(
      .badRecipe, "'\(key)' applies only to the strategy '\(needed.rawValue)'",
      at: section.place(of: key), expected: "'strategy: \(needed.rawValue)', or no '\(key)'",
      remedy: "remove '\(key)'")
  }
}
