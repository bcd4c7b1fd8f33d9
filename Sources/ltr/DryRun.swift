import Diagnostics
import JSON
import Options
import Recipes
import Tables
import Training

/// What `ltr train --dry-run` says of a recipe whose inputs are in order.
struct DryRun {
  private let setup: TrainingSetup
  private let overview: DataOverview
  private let forecast: RunForecast

  /// Measures what a run would take.
  ///
  /// - Parameter seconds: the time in which model and data were read.
  init(_ setup: TrainingSetup, readingSeconds seconds: Double) throws(Failure) {
    self.setup = setup
    overview = setup.data.overview
    forecast = try setup.forecast(readingSeconds: seconds)
  }

  /// The lines about data, model, time and memory.
  var lines: [String] {
    overview.parts.flatMap(Self.lines) + setup.modelSummary + [time, memory].compactMap(\.self)
      + ["nothing was written"]
  }

  /// The same as JSON.
  var json: JSONValue {
    var parts: [String: JSONValue] = [:]
    for part in forecast.parts { parts[part.name] = .number(rounded(part.seconds)) }
    var members: [String: JSONValue] = [
      "recipe": .text(setup.recipe.resolved),
      "data": .list(overview.parts.map(Self.json)),
      "parameters": .whole(setup.model.parameters.table.count),
      "precision": .text(setup.plan.precision.rawValue),
      "workers": .whole(forecast.workers),
      "peak_memory_mb": .number(rounded(megabytes(forecast.peakMemory))),
    ]
    if !forecast.parts.isEmpty {
      members["seconds"] = .number(rounded(forecast.seconds))
      members["seconds_of"] = .object(parts)
    }
    if let available = forecast.availableMemory {
      members["available_memory_mb"] = .number(rounded(megabytes(available)))
    }
    return .object(members)
  }

  private static func lines(_ part: DataOverview.Part) -> [String] {
    let size =
      if let steps = part.steps {
        "\(part.lists) lists an epoch, \(steps) steps"
      } else {
        "\(part.lists) queries"
      }
    let cut =
      part.truncatedShare == 0
      ? "none longer than" : "\(percent(part.truncatedShare)) of them truncated to"
    return [
      "\(part.name): \(size)",
      "\(part.name): \(part.pairs) pairs, \(cut) \(part.maximumLength) tokens "
        + "(median \(part.medianLength), longest \(part.longest))",
    ]
  }

  private static func json(_ part: DataOverview.Part) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(part.name), "lists": .whole(part.lists), "pairs": .whole(part.pairs),
      "truncated_share": .number(part.truncatedShare), "median_tokens": .whole(part.medianLength),
      "longest_tokens": .whole(part.longest), "max_length": .whole(part.maximumLength),
    ]
    if let steps = part.steps { members["steps"] = .whole(steps) }
    return .object(members)
  }

  private var time: String? {
    guard !forecast.parts.isEmpty else { return nil }
    let parts = forecast.parts.map { "\($0.name) \(ProgressLine.duration($0.seconds))" }
    let early = setup.plan.training.patience == nil ? "" : " if it does not stop early"
    return "predicted time: \(ProgressLine.duration(forecast.seconds))\(early), with "
      + "\(forecast.workers) workers in \(setup.plan.precision.rawValue) "
      + "(\(parts.joined(separator: ", ")))"
  }

  private var memory: String {
    let peak = "predicted peak memory: \(Int(megabytes(forecast.peakMemory).rounded())) MB"
    guard let available = forecast.availableMemory, forecast.lacksMemory else { return peak }
    return "\(peak), more than the \(Int(megabytes(available).rounded())) MB that are free\n"
      + "  to do: lower training.batch.lists and raise training.accumulate, set "
      + "training.memory_budget or training.recompute_layers, or train adapters with model.lora"
  }
}

private func percent(_ share: Double) -> String {
  share < 0.01 ? "less than 1%" : "\(Int((share * 100).rounded()))%"
}

/// Megabytes of 2^20 bytes, as `ltr bench` counts.
private func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
