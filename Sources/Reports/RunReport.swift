public import Diagnostics
import Foundation
public import Ranking
public import Training

/// Everything that the report of a run is made of, as plain values. What is nil or empty is left out
/// of the report with a word.
public struct RunReport: Sendable {
  /// A file that the run was made from.
  public struct Source: Sendable, Equatable {
    /// The recipe's key for it.
    public var role: String
    /// Its path.
    public var file: String
    /// Its SHA-256, or a word on why there is none.
    public var checksum: String

    /// A file.
    public init(role: String, file: String, checksum: String) {
      (self.role, self.file, self.checksum) = (role, file, checksum)
    }
  }

  /// The texts of a split's queries and documents by id; nil for unknown ones.
  public struct Texts: Sendable {
    /// The text of a query.
    public var query: @Sendable (String) -> String?
    /// The text of a document.
    public var document: @Sendable (String) -> String?

    /// Texts behind closures.
    public init(
      query: @escaping @Sendable (String) -> String?,
      document: @escaping @Sendable (String) -> String?
    ) {
      (self.query, self.document) = (query, document)
    }
  }

  /// The run's name.
  public var name: String
  /// The course of training.
  public var history: RunHistory
  /// The scores of the candidates.
  public var scores: RunScores?
  /// The measures of the selected model by split, for runs without scores.
  public var splits: [(name: String, metrics: TrainingMetrics.Split)] = []
  /// The measure that selects models, for runs without scores.
  public var selectedBy: String?
  /// The step of the selected model.
  public var bestStep: Int?
  /// The weight of the first stage in the fused order.
  public var fusionWeight: Double?
  /// Why the model should not be served.
  public var warning: String?
  /// Whether the model is better than the best baseline, and what follows.
  public var verdict: Verdict?
  /// The resolved recipe.
  public var recipe: String?
  /// What the run was made from.
  public var sources: [Source] = []
  /// The texts of a split.
  public var texts: @Sendable (_ split: String) -> Texts? = { _ in nil }

  /// A report of a run's course; the rest is set afterwards.
  public init(name: String, history: RunHistory) {
    (self.name, self.history) = (name, history)
  }

  /// The page: one file of HTML that needs no network.
  ///
  /// - Throws: `badData` if the scores have measures that are unknown or not defined for their
  ///   grades.
  public func html() throws(Failure) -> String {
    let analysis: RunAnalysis? =
      if let scores, let split = scores.splits.last {
        try RunAnalysis(scores, split: split)
      } else { nil }
    var page = Page(title: "\(name): training report", heading: name)
    page.lead = lead(analysis)
    page.verdict = verdict
    page.warning = verdict == nil ? warning : nil
    page.sections = [
      try measureSection(), curveSection(), querySection(analysis),
      scoreSection(analysis), try calibrationSection(analysis), depthSection(analysis),
      detailSection(), recipeSection(), dataSection(), machineSection(), messageSection(),
    ]
    return try page.html()
  }

  private func lead(_ analysis: RunAnalysis?) -> [Page.Figure] {
    var figures: [Page.Figure] = []
    if let analysis {
      for order in analysis.orders {
        guard let mean = analysis.mean(order) else { continue }
        figures.append(
          .init(
            name: order, value: String(format: "%.4f", mean),
            note: "\(analysis.select) on \(analysis.split)",
            isOwn: RunAnalysis.ownOrders.contains(order)))
      }
    } else if let (split, metrics) = splits.last {
      for order in RankingEvaluator.Order.all {
        guard let values = metrics.orders[order],
          let name = selectedBy.flatMap({ values[$0] == nil ? nil : $0 }) ?? values.keys.min(),
          let value = values[name]
        else { continue }
        figures.append(
          .init(
            name: order, value: String(format: "%.4f", value), note: "\(name) on \(split)",
            isOwn: RunAnalysis.ownOrders.contains(order)))
      }
    }
    return figures
  }
}
