package import JSON
import Tables

extension Calibration {
  /// The members of `calibration.json` that describe the fit, beside slope and intercept.
  package var members: [String: JSONValue] {
    func errors(_ error: CalibrationError) -> JSONValue {
      [
        "expected_calibration_error": .number(error.expected), "log_loss": .number(error.logLoss),
        "brier": .number(error.brier),
      ]
    }
    var members: [String: JSONValue] = [
      "relevant_from_grade": .number(grade),
      "candidates": .whole(candidates),
      "relevant": .whole(relevant),
      "uncalibrated": errors(before),
      "platt": errors(afterPlatt),
      "thresholds": .list(
        thresholds.map {
          [
            "score": .number($0.score), "probability": .number($0.probability),
            "candidates": .whole($0.candidates), "precision": .number($0.precision),
            "recall": .number($0.recall),
          ]
        }),
    ]
    // There is no temperature if the scores as a whole are on the wrong side of 0.
    if temperature.slope > 0 {
      var alone = errors(afterTemperature).members ?? [:]
      alone["temperature"] = .number(temperatureValue)
      members["temperature"] = .object(alone)
    }
    return members
  }

  /// The errors before and after, and the thresholds, as tables of plain text.
  package var text: String {
    var rows = [["", "calibration error", "log loss", "Brier"]]
    func add(_ name: String, _ error: CalibrationError) {
      rows.append([name, fixed(error.expected, 4), fixed(error.logLoss, 4), fixed(error.brier, 4)])
    }
    add("σ(score)", before)
    if temperature.slope > 0 {
      add("σ(score / \(fixed(temperatureValue, 4)))", afterTemperature)
    }
    let sign = platt.intercept < 0 ? "−" : "+"
    add(
      "σ(\(fixed(platt.slope, 4)) · score \(sign) \(fixed(abs(platt.intercept), 4)))", afterPlatt)
    var text =
      "\(candidates) candidates, \(relevant) of them relevant (grade \(Self.plain(grade)) or more)\n"
      + alignedColumns(rows)
    guard !thresholds.isEmpty else { return text }
    var table = [["probability", "score", "candidates", "precision", "recall"]]
    for threshold in thresholds {
      table.append([
        fixed(threshold.probability, 2), fixed(threshold.score, 4), "\(threshold.candidates)",
        threshold.candidates == 0 ? "-" : fixed(threshold.precision, 4),
        fixed(threshold.recall, 4),
      ])
    }
    text += "\n" + alignedColumns(table)
    return text
  }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
