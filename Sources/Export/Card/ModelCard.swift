public import Diagnostics
import Foundation
import JSON
import Mustache

/// What a model card, the `README.md` beside a model, says: what is known of the model, and nothing
/// that is not.
public struct ModelCard: Sendable {
  /// The name of the file.
  public static let fileName = "README.md"

  /// A name and what stands behind it.
  public struct Line: Sendable {
    /// The name.
    public var name: String
    /// What stands behind it.
    public var value: String

    /// A line.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The measures of one split.
  public struct Results: Sendable {
    /// The split and how many queries there are.
    public var title: String
    /// The measures.
    public var measures: [String]
    /// By what candidates are ordered, and the values.
    public var rows: [(name: String, values: [String])]

    /// A table.
    public init(title: String, measures: [String], rows: [(name: String, values: [String])]) {
      self.title = title
      self.measures = measures
      self.rows = rows
    }
  }

  /// What the model is called.
  public var name: String
  /// What training started from.
  public var base: String?
  /// The licence of the model, such as `apache-2.0`; nil where nobody has said.
  public var license: String?
  /// The licence of what training started from.
  public var baseLicense: String?
  /// The sizes of the model and how it reads pairs.
  public var model: [Line]
  /// The most tokens of a pair.
  public var maximumLength: Int
  /// What the model has learned from; none where no run is known.
  public var data: [Line] = []
  /// How it was trained; none where no run is known.
  public var training: [Line] = []
  /// How it measures; none where no run is known.
  public var results: [Results] = []
  /// Set where the model should not be served as it is.
  public var warning: String?
  /// How scores read as probabilities; none where nobody has fitted that.
  public var calibration: [Line] = []
  /// Whether the scores are probabilities once an activation is put on top.
  public var isCalibrated = false

  /// A card of a model of which nothing else is known.
  public init(name: String, model: [Line], maximumLength: Int) {
    self.name = name
    self.model = model
    self.maximumLength = maximumLength
  }

  /// The card as Markdown with front matter, as Hugging Face reads it.
  ///
  /// - Throws: `software` where the template is malformed.
  public func text() throws(Failure) -> String {
    do {
      return try MustacheTemplate(string: Self.template).render(try context)
    } catch {
      throw Failure(.software, "the model card cannot be made: \(error)")
    }
  }

  private var context: [String: Any] {
    get throws(Failure) {
      var context: [String: Any] = [
        "name": Self.plain(name),
        "version": Program.version,
        "license_yaml": try JSONValue.text(license ?? "unknown").json(),
        "license": Self.plain(license ?? "unknown"),
        "base_license": Self.plain(baseLicense ?? "unknown"),
        "model": Self.rows(model),
        "length": "\(maximumLength)",
        "is_calibrated": isCalibrated,
      ]
      if let base { context["base"] = Self.plain(base) }
      if let warning { context["warning"] = Self.plain(warning) }
      if !data.isEmpty { context["has_data"] = ["data": Self.rows(data)] }
      if !training.isEmpty { context["has_training"] = ["training": Self.rows(training)] }
      if !calibration.isEmpty {
        context["has_calibration"] = ["calibration": Self.rows(calibration)]
      }
      if !results.isEmpty {
        context["has_results"] = ["results": results.map(Self.table)]
        context["has_intervals"] = results.contains { table in
          table.rows.contains { row in row.values.contains { $0.contains("[") } }
        }
      }
      return context
    }
  }

  private static func rows(_ lines: [Line]) -> [[String: Any]] {
    lines.map { ["name": plain($0.name), "value": plain($0.value)] }
  }

  private static func table(_ results: Results) -> [String: Any] {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    var lines = [line([""] + results.measures.map(plain))]
    lines.append(line(["---"] + results.measures.map { _ in "---" }))
    for row in results.rows { lines.append(line([plain(row.name)] + row.values.map(plain))) }
    return ["title": plain(results.title), "table": lines.joined(separator: "\n")]
  }

  /// A text on one line, with what Markdown would make something of taken out of harm's way.
  private static func plain(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ").reduce(into: "") {
      $0 += "\\`*<>|".contains($1) ? "\\\($1)" : String($1)
    }
  }
}
