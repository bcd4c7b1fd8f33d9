package import Corpora
package import Diagnostics
package import JSON
package import ModelFiles
package import Models
package import Ranking

extension Calibration {
  /// Fits a calibration to a model's scores of the documents of a run, with the grades of
  /// judgments.
  ///
  /// - Parameters:
  ///   - run: the model's scores of the candidates.
  ///   - judgments: the grades; a document without one counts as 0, unless `judgedOnly` excludes
  ///     it.
  ///   - grade: the grade from which a document is relevant.
  /// - Throws: the errors of fitting to scores and grades.
  package init(
    _ run: Run, _ judgments: Judgments, judgedOnly: Bool, relevantFrom grade: Double
  ) throws(Failure) {
    var scores: [Double] = []
    var grades: [Double] = []
    for query in run.queries {
      for entry in run.documents(of: query) {
        let known = judgments.grade(of: entry.document, for: query)
        if judgedOnly, known == nil { continue }
        scores.append(entry.score)
        grades.append(known ?? 0)
      }
    }
    try self.init(scores: scores, grades: grades, relevantFrom: grade)
  }
}

extension CalibrationFile {
  /// The file of a calibration.
  ///
  /// - Parameters:
  ///   - model: the model whose scores were fitted.
  ///   - source: the data to which it was fitted.
  package init(_ calibration: Calibration, of model: CrossEncoder, source: [String: JSONValue]) {
    self.init(
      slope: calibration.platt.slope, intercept: calibration.platt.intercept, of: model,
      members: calibration.members.merging(["source": .object(source)]) { own, _ in own })
  }
}
