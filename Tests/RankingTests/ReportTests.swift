import JSON
import Ranking
import Testing

/// What results and definitions look like as JSON and as text.
@Suite struct ReportTests {
  @Test func everyDefinition() {
    for loss in Losses.all {
      #expect(loss.json["name"] == .text(loss.name))
      guard case .list(let options)? = loss.json["options"] else {
        Issue.record("\(loss.name) lists no options")
        continue
      }
      #expect(options.count == loss.options.count)
      #expect(options.allSatisfy { $0["type"] != nil && $0["default"] != nil }, "\(loss.name)")
    }
    for measure in Measures.all {
      #expect(measure.json["name"] == .text(measure.name))
      guard case .list(let parameters)? = measure.json["parameters"] else {
        Issue.record("\(measure.name) lists no parameters")
        continue
      }
      #expect(parameters.count == measure.parameters.count)
    }
  }

  @Test func optionsWithBounds() throws {
    let loss = try Losses.named("lambdarank")
    guard case .list(let options)? = loss.json["options"] else {
      Issue.record("no options")
      return
    }
    let sigma = try #require(options.first { $0["name"] == "sigma" })
    #expect(sigma["type"] == "number" && sigma["default"] == 1)
    #expect(sigma["minimum"]?.double != nil && sigma["maximum"]?.double != nil)
  }

  /// A score far above 0 for what is relevant and far below for what is not: both maps must find a
  /// positive slope, and the report says so in the same numbers as the file.
  @Test func calibration() throws {
    let calibration = try Calibration(
      scores: [3, 2, -1, -2, 1, -3], grades: [1, 1, 0, 0, 0, 1], relevantFrom: 1)
    let members = calibration.members
    #expect(members["candidates"] == 6 && members["relevant"] == 3)
    #expect(members["relevant_from_grade"]?.double == 1)
    #expect(members["platt"]?["brier"]?.double == calibration.afterPlatt.brier)
    guard case .list(let thresholds)? = members["thresholds"] else {
      Issue.record("no thresholds")
      return
    }
    #expect(thresholds.count == calibration.thresholds.count)
    let lines = calibration.text.split(separator: "\n")
    #expect(lines.first == "6 candidates, 3 of them relevant (grade 1 or more)")
    #expect(lines.contains { $0.contains("σ(score / ") } == (calibration.temperature.slope > 0))
  }
}
