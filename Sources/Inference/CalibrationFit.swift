package import Corpora
package import Diagnostics
package import JSON
package import ModelFiles
package import Models
package import Ranking

extension Calibration {
  /// Fits to the documents of a run that a model has scored, with the grades of judgments.
  ///
  /// - Parameters:
  ///   - run: the model's scores of the candidates.
  ///   - judgments: their grades; a document without one counts as 0, unless `judgedOnly` leaves it
  ///     out.
  ///   - grade: the grade from which a document is relevant.
  /// - Throws: what fitting to scores and grades does.
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
  /// The file of a fit.
  ///
  /// - Parameters:
  ///   - model: the model whose scores were fitted.
  ///   - source: the data that the fit was made on.
  package init(_ calibration: Calibration, of model: CrossEncoder, source: [String: JSONValue]) {
    self.init(
      slope: calibration.platt.slope, intercept: calibration.platt.intercept, of: model,
      members: calibration.members.merging(["source": .object(source)]) { own, _ in own })
  }
}
