import Tables

/// What is known of a training run, from which follows what to try if its model is not better.
public struct VerdictFacts: Sendable, Equatable {
  /// The number of training lists of an epoch.
  public var trainingLists: Int
  /// Whether the model was warmed up before training on labels.
  public var isWarmedUp: Bool
  /// Whether the loss learns from a teacher's scores.
  public var isTaught: Bool
  /// The measure that selects models.
  public var measure: String
  /// Its value for a perfect order of the candidates.
  public var ceiling: Double
  /// The share of pairs that are truncated, 0…1.
  public var truncatedShare: Double
  /// The maximum number of tokens per pair.
  public var maximumLength: Int
  /// The values of the evaluations in the training proper, in their order.
  public var history: [Double]
  /// The grades of relevant documents among the candidates, each with the change of the mean discount
  /// 1 / log2(1 + rank) from the baseline's order to the model's.
  public var gradeChanges: [GradeChange]
  /// The share of the trained weights in the model, if the rest are those of the base; nil without a
  /// sum.
  public var trainedShare: Double?
  /// The difference of the model from the base model, which reranks; nil without one.
  public var gainOverBase: Double?

  /// The change of the ranks of a grade's documents.
  public struct GradeChange: Sendable, Equatable {
    /// The grade.
    public var grade: Double
    /// The change of the mean discount; negative if the documents fell.
    public var change: Double

    /// A grade with its change.
    public init(grade: Double, change: Double) { (self.grade, self.change) = (grade, change) }
  }

  /// Facts of a run.
  public init(
    trainingLists: Int, isWarmedUp: Bool, isTaught: Bool, measure: String, ceiling: Double,
    truncatedShare: Double, maximumLength: Int, history: [Double], gradeChanges: [GradeChange]
  ) {
    self.trainingLists = trainingLists
    (self.isWarmedUp, self.isTaught) = (isWarmedUp, isTaught)
    (self.measure, self.ceiling) = (measure, ceiling)
    (self.truncatedShare, self.maximumLength) = (truncatedShare, maximumLength)
    (self.history, self.gradeChanges) = (history, gradeChanges)
  }

  /// What to try, the most telling first. Each rule has a weight from 0 to 1: how far its number is
  /// from where it would not matter.
  public var advice: [String] {
    let rules = [
      baseItself, lostBase, fewLists, lowCeiling, truncation, overfitting, unfinished, fallenGrade,
    ].compactMap(\.self)
    return rules.indices.sorted {
      rules[$0].weight != rules[$1].weight
        ? rules[$0].weight > rules[$1].weight : $0 < $1
    }.map { rules[$0].text }
  }

  private typealias Rule = (weight: Double, text: String)

  /// Training did not improve the base, which dev therefore kept.
  private var baseItself: Rule? {
    guard trainedShare == 0 else { return nil }
    return (
      1,
      "the model is the base itself, since training did not improve it on dev: " + gentler
    )
  }

  /// Training lost what the base knew.
  private var lostBase: Rule? {
    guard let gainOverBase, gainOverBase < 0, trainedShare == nil else { return nil }
    return (
      1,
      "the model ranks worse than its base: set 'training.average: dev', which keeps the base where it is better "
        + "on dev; " + gentler
    )
  }

  private var gentler: String {
    "a lower optimizer.lr, training.anchor, which holds the model to the base's scores, or 'ltr train --auto'"
  }

  /// Below 200 lists, other supervision helps more than other settings.
  private var fewLists: Rule? {
    let enough = 200
    guard trainingLists < enough else { return nil }
    let remedies =
      (isWarmedUp ? [] : ["add warm_up"])
      + (isTaught ? [] : ["learn from a teacher's scores (data.train.teacher)"])
      + ["judge more queries, or mine negatives with 'ltr mine'"]
    return (
      1 - Double(trainingLists) / Double(enough),
      "few judgments (\(trainingLists) training lists): " + remedies.joined(separator: ", ")
    )
  }

  private var lowCeiling: Rule? {
    guard ceiling < 0.9 else { return nil }
    return (
      1 - ceiling,
      "a perfect order of the candidates has \(measure) \(fixed(ceiling, 4)): raise 'depth', or fuse "
        + "words and embeddings in 'candidates'"
    )
  }

  private var truncation: Rule? {
    guard truncatedShare > 0.1 else { return nil }
    return (
      truncatedShare,
      "\(fixed(100 * truncatedShare, 0)) % of the pairs are truncated to \(maximumLength) tokens: raise "
        + "model.max_length, or rerank with --long-documents"
    )
  }

  /// The last evaluation is well below the best.
  private var overfitting: Rule? {
    guard let best = history.max(), let last = history.last, best - last >= 0.01 else { return nil }
    return (
      min(1, 10 * (best - last)),
      "\(measure) on dev fell by \(fixed(best - last, 4)) after its best: fewer training.epochs, or a "
        + "lower optimizer.lr"
    )
  }

  /// The last evaluation is the best of several.
  private var unfinished: Rule? {
    guard history.count > 2, let last = history.last,
      let before = history.dropLast().max(), last - before >= 0.005
    else { return nil }
    return (
      min(1, 10 * (last - before)),
      "\(measure) on dev still rose by \(fixed(last - before, 4)) at the last evaluation: more "
        + "training.epochs"
    )
  }

  /// Documents of one grade fell, while those of another did not.
  private var fallenGrade: Rule? {
    guard gradeChanges.count > 1, let worst = gradeChanges.min(by: { $0.change < $1.change }),
      worst.change < -0.02, gradeChanges.contains(where: { $0.change >= 0 })
    else { return nil }
    return (
      min(1, -10 * worst.change),
      "documents of grade \(Int(exactly: worst.grade).map(String.init) ?? "\(worst.grade)") fell: raise data.list.positives, or set "
        + "data.list.minimum_grade to that grade"
    )
  }
}
