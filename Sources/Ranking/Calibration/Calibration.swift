public import Diagnostics

/// A mapping from a model's scores to probabilities of relevance, fitted on judged candidates.
///
/// It is valid for candidates like those it was fitted on: from the same first stage, to the same
/// depth, judged in the same way.
public struct Calibration: Sendable, Equatable {
  /// A threshold on the score, with precision and recall of the candidates at or above it.
  public struct Threshold: Sendable, Equatable {
    /// The score.
    public let score: Double
    /// The probability at that score.
    public let probability: Double
    /// The number of candidates with at least that score.
    public let candidates: Int
    /// The share of relevant ones among those; 0 if there are none.
    public let precision: Double
    /// The share of all relevant candidates among those.
    public let recall: Double
  }

  /// Platt's map: slope and intercept.
  public let platt: ScoreMap
  /// A temperature only: scores retain their sign.
  public let temperature: ScoreMap
  /// The lowest grade of a relevant document.
  public let grade: Double
  /// The number of candidates.
  public let candidates: Int
  /// The number of relevant candidates.
  public let relevant: Int
  /// The errors of σ(score).
  public let before: CalibrationError
  /// The errors of Platt's map, on the candidates that it was fitted on.
  public let afterPlatt: CalibrationError
  /// The errors of the temperature, on the candidates that it was fitted on.
  public let afterTemperature: CalibrationError
  /// In ascending order of score.
  public let thresholds: [Threshold]

  /// The temperature: the divisor of the scores.
  public var temperatureValue: Double { 1 / temperature.slope }

  /// Fits both maps to candidates' scores and grades.
  ///
  /// - Throws: `badData` if a score is not finite, or if all or none of the candidates are
  ///   relevant.
  public init(
    scores: [Double], grades: [Double], relevantFrom grade: Double
  ) throws(Failure) {
    precondition(scores.count == grades.count, "\(scores.count) scores, \(grades.count) grades")
    let relevant = grades.map { $0 >= grade }
    let count = relevant.count { $0 }
    guard count > 0, count < scores.count else {
      throw Failure(
        .badData,
        "\(count == 0 ? "none" : "all") of the \(scores.count) candidates have the grade \(grade) or more",
        expected: "both relevant and non-relevant candidates",
        remedy: "choose another grade, another depth, or judgments for these candidates")
    }
    guard scores.allSatisfy(\.isFinite) else {
      throw Failure(.badData, "a score is not finite", expected: "finite scores")
    }
    platt = .fitted(scores: scores, relevant: relevant)
    temperature = .fitted(scores: scores, relevant: relevant, fitsIntercept: false)
    self.grade = grade
    candidates = scores.count
    self.relevant = count
    func errors(_ map: ScoreMap) -> CalibrationError {
      CalibrationError(probabilities: scores.map(map.probability), happened: relevant)
    }
    before = errors(.identity)
    afterPlatt = errors(platt)
    afterTemperature = errors(temperature)
    thresholds = platt.slope > 0 ? Self.thresholds(scores, relevant, platt) : []
  }

  /// The probabilities for which thresholds are listed.
  private static let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

  private static func thresholds(
    _ scores: [Double], _ relevant: [Bool], _ map: ScoreMap
  ) -> [Threshold] {
    let total = Double(relevant.count { $0 })
    return steps.map { probability in
      let score = map.score(probability)
      var above = 0
      var hits = 0
      for (candidate, isRelevant) in zip(scores, relevant) where candidate >= score {
        above += 1
        hits += isRelevant ? 1 : 0
      }
      return Threshold(
        score: score, probability: probability, candidates: above,
        precision: above == 0 ? 0 : Double(hits) / Double(above), recall: Double(hits) / total)
    }
  }
}
