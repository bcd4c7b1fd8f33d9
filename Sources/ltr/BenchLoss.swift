import ArgumentParser
import Benchmarking
import Diagnostics
import JSON
import Ranking
import Tables

/// `ltr bench loss`.
struct BenchLoss: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss",
    abstract: "Measures every loss, value and gradient, on one core.",
    discussion: """
      Each loss is measured on 512 lists of 8 and on one list of 1,000, with random scores and grades \
      from 0 to 3. With a model, a collection and a run, training steps are measured as well, and each \
      loss's time is also given as a share of the time of a step with as many pairs.
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    name: .customLong("loss"), parsing: .upToNextOption,
    help: ArgumentHelp("Only these losses.", valueName: "name"))
  var names: [String] = []

  func run() throws {
    let losses = try chosen()
    let step: Double? =
      if options.model == nil {
        nil
      } else {
        try { () throws(Failure) in
          let found = try options.trainingMeasurement()
          return found.seconds.reduce(0, +) / Double(found.pairs)
        }()
      }
    let batches = [LossBatch(lists: 512, of: 8), LossBatch(lists: 1, of: 1000)]
    var found: [(name: String, seconds: [Double])] = []
    for definition in losses {
      let loss = try Loss(definition.name)
      found.append((definition.name, batches.map { $0.seconds(loss) }))
    }
    if options.json {
      let rows = found.map { name, seconds -> JSONValue in
        var members: [String: JSONValue] = ["name": .text(name)]
        for (batch, seconds) in zip(batches, seconds) {
          members["\(batch.name)_ms"] = .number(rounded(seconds * 1000, 10_000))
          if let step {
            members["\(batch.name)_share"] = .number(
              rounded(seconds / (step * Double(batch.pairs)), 1e6))
          }
        }
        return .object(members)
      }
      var members: [String: JSONValue] = ["losses": .list(rows)]
      if let step { members["step_ms_per_pair"] = .number(rounded(step * 1000, 1000)) }
      return try Terminal.write(.object(members))
    }
    var heading = ["loss"]
    for batch in batches {
      heading.append("\(batch.title), ms")
      if step != nil { heading.append("of a step") }
    }
    var table = [heading]
    for (name, times) in found {
      var row = [name]
      for (batch, seconds) in zip(batches, times) {
        row.append(fixed(seconds * 1000, 3))
        guard let step else { continue }
        row.append(fixed(100 * seconds / (step * Double(batch.pairs)), 3) + " %")
      }
      table.append(row)
    }
    try Terminal.write(alignedColumns(table))
  }

  /// The losses that were named, without duplicates.
  private func chosen() throws(Failure) -> [LossDefinition] {
    if names.isEmpty { return Losses.all }
    var chosen: [LossDefinition] = []
    for name in names {
      do throws(Failure) {
        let loss = try Losses.named(name)
        if !chosen.contains(where: { $0.name == loss.name }) { chosen.append(loss) }
      } catch {
        // An error in a name belongs to the command line here, not to a recipe.
        var failure = error
        failure.kind = .usage
        throw failure
      }
    }
    return chosen
  }

  private func rounded(_ value: Double, _ digits: Double) -> Double {
    (value * digits).rounded() / digits
  }
}
