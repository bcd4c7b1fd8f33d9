public import Diagnostics
import Files
package import JSON
public import Models

/// `calibration.json`: the mapping from a model's scores to probabilities of relevance, with the
/// errors and thresholds of the fit. Only the slope, the intercept and the checksum of the weights
/// are required; the command that fits a calibration adds the other members.
public struct CalibrationFile: Sendable {
  /// The name of the file in the folder of a run.
  public static let fileName = "calibration.json"
  private static let kind = "ltr calibration"

  /// The factor of the score.
  public let slope: Double
  /// The constant added to slope · score; the sigmoid of the sum is the probability.
  public let intercept: Double
  /// The checksum of the weights that the calibration was fitted for.
  package let weights: String
  /// All members of the file.
  package let json: JSONValue

  /// A file for a model; `members` are further results of the fit.
  package init(
    slope: Double, intercept: Double, of model: CrossEncoder, members: [String: JSONValue]
  ) {
    self.slope = slope
    self.intercept = intercept
    weights = model.weightsChecksum
    var all = members
    all["kind"] = .text(Self.kind)
    all["format"] = 1
    all["slope"] = .number(slope)
    all["intercept"] = .number(intercept)
    all["weights_sha256"] = .text(weights)
    all["formula"] = "probability = 1 / (1 + exp(-(slope * score + intercept)))"
    json = .object(all)
  }

  /// Reads a file.
  ///
  /// - Throws: `missingInput`, `io`, or `badData` with the key whose value is invalid.
  public init(reading path: String) throws(Failure) {
    json = try JSONValue(try readFile(path).array, name: path)
    func wrong(_ key: String, _ expected: String) -> Failure {
      Failure(
        .badData, "the file is not a calibration written by ltr", at: Place(path, key: key),
        expected: expected, remedy: "create one with 'ltr calibrate'")
    }
    guard json["kind"] == .text(Self.kind) else { throw wrong("kind", "'\(Self.kind)'") }
    guard json["format"] == 1 else { throw wrong("format", "1") }
    guard let slope = json["slope"]?.double, slope.isFinite else {
      throw wrong("slope", "a number")
    }
    guard let intercept = json["intercept"]?.double, intercept.isFinite else {
      throw wrong("intercept", "a number")
    }
    guard case .text(let weights)? = json["weights_sha256"] else {
      throw wrong("weights_sha256", "a checksum")
    }
    (self.slope, self.intercept, self.weights) = (slope, intercept, weights)
  }

  /// The file for a model into whose weights the calibration was merged: its scores are log odds
  /// without further scaling, and thresholds are given as scores of that model. The merged
  /// calibration is retained under `applied`.
  package func applied(to model: CrossEncoder) -> CalibrationFile {
    var members = json.members ?? [:]
    members["applied"] = [
      "slope": .number(slope), "intercept": .number(intercept), "weights_sha256": .text(weights),
    ]
    // These refer to the scores of the model before the merge.
    for key in ["uncalibrated", "temperature"] { members[key] = nil }
    if case .list(let thresholds)? = members["thresholds"] {
      members["thresholds"] = .list(
        thresholds.map { threshold in
          guard var row = threshold.members, let score = row["score"]?.double else {
            return threshold
          }
          row["score"] = .number(slope * score + intercept)
          return .object(row)
        })
    }
    return CalibrationFile(slope: 1, intercept: 0, of: model, members: members)
  }

  /// Whether the calibration was fitted for these weights.
  public func fits(_ model: CrossEncoder) -> Bool { model.weightsChecksum == weights }

  /// Rejects a calibration that was fitted for a different model; `path` is the file that the
  /// failure names.
  ///
  /// - Throws: `badData` with the checksum of the model.
  public func check(_ model: CrossEncoder, path: String) throws(Failure) {
    guard fits(model) else {
      throw Failure(
        .badData, "the calibration was fitted for different weights",
        at: Place(path, key: "weights_sha256"), expected: model.weightsChecksum,
        remedy: "run 'ltr calibrate' with this model")
    }
  }
}

extension CrossEncoder {
  /// SHA-256 of all parameters as 32-bit floats, in their order.
  package var weightsChecksum: String {
    parameters.values.floats.withSpan { sha256($0) }
  }

  /// Merges a calibration into the last layer: raw scores become slope · score + intercept, and
  /// their sigmoid is a probability.
  ///
  /// - Throws: `badData` if the slope is not above 0, since the order would change, or if the last
  ///   layer has no bias.
  public func apply(_ calibration: CalibrationFile) throws(Failure) {
    guard calibration.slope > 0 else {
      throw Failure(
        .badData, "the calibration's slope is \(calibration.slope)",
        expected: "a number above 0, which preserves the order of scores",
        remedy: "check the training data: relevant texts score lower than others")
    }
    let name = blueprint.classifier.name
    guard let weight = parameters.table[name + ".weight"],
      let bias = parameters.table[name + ".bias"]
    else {
      throw Failure(
        .badData, "the model's last layer, '\(name)', has no bias",
        expected: "a bias, to which the intercept is added")
    }
    let (w, b) = (parameters[weight], parameters[bias])
    for i in 0..<w.count { w[i] = Float(Double(w[i]) * calibration.slope) }
    for i in 0..<b.count {
      b[i] = Float(Double(b[i]) * calibration.slope + calibration.intercept)
    }
  }
}
