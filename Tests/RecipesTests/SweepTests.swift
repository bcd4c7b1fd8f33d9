import Diagnostics
import Foundation
import Options
import Recipes
import Testing

/// The settings of sweeps.
@Suite struct SweepTests {
  static let start = """
    model: { base: m }
    data:
      train: { collection: c }
      dev: { collection: c }
      test: { collection: c }
    output: o

    """

  private func plan(_ sweep: String, _ overrides: String..., most: Int? = nil) throws -> SweepPlan {
    try SweepPlan(
      text: Self.start + "sweep:\n" + sweep, file: "r.yaml", overrides: overrides, most: most)
  }

  /// Every combination, the last key varying fastest, with the recipe as it is written before them.
  @Test func grid() throws {
    let plan = try plan(
      """
        keys:
          optimizer.lr: [1.0e-5, 0.0003]
          loss: [softmax, { name: listmle }]
          model.lora: [null, { rank: 4 }]
        seeds: [3, 5]
      """)
    #expect(plan.keys == ["optimizer.lr", "loss", "model.lora"])
    #expect(plan.settings.count == 9 && plan.base == 0 && plan.settings[0].name == "base")
    #expect(plan.settings[0].values[1] == "lambdarank")
    #expect(plan.settings[1].values == ["1.0e-5", "softmax", "null"])
    #expect(plan.settings[2].values == ["1.0e-5", "softmax", "{ rank: 4 }"])
    #expect(plan.settings[8].values == ["0.0003", "{ name: listmle }", "{ rank: 4 }"])
    let last = plan.settings[8].recipe
    #expect(last.optimizer.schedule.peak == 0.0003 && last.loss.terms.map(\.name) == ["listmle"])
    #expect(last.model.lora?.rank == 4 && last.sweep == nil)
    #expect(plan.runs.count == 18)
    #expect(plan.runs[8].name == "008-seed-3" && plan.runs[9].name == "base-seed-5")
    let run = plan.recipe(of: plan.runs[17], output: "there")
    #expect(run.training.seed == 5 && run.output == "there" && run.model.lora?.rank == 4)
  }

  /// No run of a sweep knows where test is.
  @Test func runsDoNotHaveTest() throws {
    let plan = try plan("  keys: { optimizer.lr: [1.0e-4, 1.0e-5] }")
    #expect(plan.recipe.data.test != nil)
    #expect(plan.settings.allSatisfy { $0.recipe.data.test == nil && $0.recipe.data.dev != nil })
  }

  /// Where the recipe as it is written is one of the settings, it is not trained twice.
  @Test func baseWithinTheGrid() throws {
    let plan = try plan("  keys: { training.epochs: [1, 2] }", "training.epochs=2")
    #expect(plan.settings.map(\.name) == ["001", "002"] && plan.base == 1)
    let without = try self.plan("  base: false\n  keys: { training.epochs: [1, 4] }")
    #expect(without.base == nil && without.settings.count == 2)
    let seeds = try self.plan("  seeds: [1, 2]")
    #expect(seeds.runs.map(\.name) == ["base-seed-1", "base-seed-2"] && seeds.keys.isEmpty)
  }

  /// Ranges of a grid end where they say, in even steps, those of logarithms where they are asked for.
  @Test func rangesOfAGrid() throws {
    let plan = try plan(
      """
        base: false
        keys:
          optimizer.lr: { log_uniform: [1.0e-6, 1.0e-4], points: 3 }
          optimizer.weight_decay: { uniform: [0, 0.3], points: 4 }
          training.epochs: { integers: [2, 4] }
      """)
    #expect(plan.settings.count == 36)
    let rates = Set(plan.settings.map { $0.recipe.optimizer.schedule.peak })
    #expect(rates.sorted() == [1e-6, 1e-5, 1e-4])
    let decays = Set(plan.settings.map { $0.recipe.optimizer.adamW.weightDecay })
    #expect(decays.sorted() == [0, 0.1, 0.2, 0.3])
    #expect(Set(plan.settings.map { $0.recipe.training.epochs }) == [2, 3, 4])
    let five = try self.plan(
      "  base: false\n  keys: { training.epochs: { integers: [1, 100], points: 3 } }")
    #expect(five.settings.map(\.recipe.training.epochs) == [1, 51, 100])
  }

  private static func random(_ count: Int, _ more: String = "") -> String {
    """
      method: random
      count: \(count)
      seed: 4
      base: false
      keys:
        optimizer.lr: { log_uniform: [1.0e-6, 1.0e-2] }
        optimizer.weight_decay: { uniform: [0.1, 0.2] }
        training.epochs: { integers: [3, 7] }
        loss: [softmax, lambdarank]
    \(more)
    """
  }

  /// Draws lie within their ranges, are distributed as they should be, and stay the same with a larger
  /// count or another key.
  @Test func randomSettings() throws {
    let plan = try plan(Self.random(400))
    let rates = plan.settings.map(\.recipe.optimizer.schedule.peak)
    #expect(rates.allSatisfy { (1e-6...1e-2).contains($0) })
    // A quarter in each decade: 100 of 400, with a standard deviation of 9.
    for decade in 0..<4 {
      let low = 1e-6 * pow(10, Double(decade))
      #expect(abs(rates.count { $0 >= low && $0 < low * 10 } - 100) < 36)
    }
    let decays = plan.settings.map(\.recipe.optimizer.adamW.weightDecay)
    #expect(decays.allSatisfy { (0.1...0.2).contains($0) })
    #expect(abs(decays.count { $0 < 0.15 } - 200) < 40)
    let epochs = plan.settings.map(\.recipe.training.epochs)
    for value in 3...7 { #expect(abs(epochs.count { $0 == value } - 80) < 32) }
    #expect(Set(epochs) == [3, 4, 5, 6, 7])
    let fewer = try self.plan(Self.random(10))
    #expect(fewer.settings.map(\.values) == Array(plan.settings.map(\.values).prefix(10)))
    let more = try self.plan(Self.random(10, "    model.dropout: { uniform: [0, 0.3] }"))
    #expect(more.settings.map { Array($0.values.prefix(4)) } == fewer.settings.map(\.values))
    let other = try self.plan(Self.random(10), "sweep.seed=5")
    #expect(other.settings.map(\.values) != fewer.settings.map(\.values))
  }

  /// All different settings of a small space are found, each once.
  @Test func randomWithoutDuplicates() throws {
    let plan = try plan(
      "  method: random\n  count: 12\n  base: false\n  keys:\n    training.epochs: { integers: [1, 4] }\n"
        + "    data.list.size: [4, 6, 8]\n")
    #expect(Set(plan.settings.map(\.values)).count == 12)
  }

  /// A value is read with the recipe's other values: 4 positives fit into lists of 8 that the same
  /// setting asks for.
  @Test func valuesAreReadTogether() throws {
    let sweep = "  base: false\n  keys: { data.list.size: [8], data.list.positives: [1, 4] }"
    #expect(try plan(sweep, "data.list.size=3").settings.count == 2)
    // The default of another key still follows from the value.
    let sizes = try plan("  base: false\n  keys: { data.list.size: [2, 8] }", "data.list.size=2")
    #expect(sizes.settings.map(\.recipe.data.list.positives) == [1, 2])
  }

  /// A recipe that is written out with its sweep is read again.
  @Test func isWritten() throws {
    let text = Self.start + "sweep:\n" + Self.random(7)
    let read = try recipe(text)
    #expect(try recipe(read.resolved) == read)
    let grid = try recipe(
      Self.start
        + "sweep: { seeds: [1, 2], keys: { loss: [softmax, { name: approxndcg }], model.lora: [null, {}], "
        + "optimizer.lr: { log_uniform: [1.0e-6, 1.0e-4], points: 3 }, data.train.split: [\"a: b\", \"2\"] } }"
    )
    #expect(try recipe(grid.resolved) == grid)
    #expect(try SweepPlan(text: grid.resolved, file: "r").settings.count == 25)
    // Without a sweep nothing is written, so that earlier checkpoints fit.
    #expect(!(try recipe(Self.start)).resolved.contains("sweep"))
  }

  @Test(arguments: [
    (
      "keys: { optimizer.lrr: [1, 2] }",
      "unknown key 'optimizer.lrr' | at: r.yaml:8:11, key 'sweep.keys.optimizer.lrr'"
    ),
    ("keys: { optimizer.lrr: [1, 2] }", "to do: write 'optimizer.lr'"),
    ("keys: { lr: [1, 2] }", "to do: write 'warm_up.lr' or 'optimizer.lr'"),
    ("kyes: { optimizer.lr: [1, 2] }", "to do: write 'keys'"),
    (
      "keys: { optimizer.lr: [1.0e-5, fast] }",
      "'lr' cannot be 'fast' | at: r.yaml:8:34, key 'optimizer.lr'"
    ),
    ("keys: { optimizer.lr: 1.0e-5 }", "write '[1.0e-5, …]', or set the key in the recipe itself"),
    ("keys: { optimizer: { lr: [1, 2] } }", "'optimizer.KEY: […]'"),
    ("keys: { optimizer.lr: [1.0e-5, 1.0e-5] }", "'1.0e-5' occurs twice | at: r.yaml:8:34"),
    ("keys: { optimizer.lr: [1.0e-5, 0.00001] }", "the settings 001 and 002 are the same recipe"),
    ("keys: { optimizer.lr: [] }", "the list of values is empty"),
    ("seeds: [1, 2, 1]", "'1' occurs twice"),
    ("seeds: [1, x]", "a list of different integers"),
    ("seeds: [1]", "names nothing that differs between runs"),
    ("{}", "names nothing that differs between runs"),
    ("keys: { training.seed: [1, 2] }", "to do: write 'seeds: [1, 2]'"),
    ("keys: { data.dev.split: [a, b] }", "has to be the same in all runs"),
    ("keys: { data.test.split: [a, b] }", "has to be the same in all runs"),
    ("keys: { evaluation.select: [AP, RR] }", "has to be the same in all runs"),
    ("keys: { output: [a, b] }", "has to be the same in all runs"),
    ("keys: { sweep.seed: [1, 2] }", "has to be the same in all runs"),
    ("keys: { extends: [a, b] }", "has to be the same in all runs"),
    ("keys: { training: [{}, { epochs: 2 }] }", "unknown key 'training'"),
    (
      "keys: { optimizer: [{ lr: 1.0e-5 }, { lr: 1.0e-4 }], optimizer.lr: [1, 2] }",
      "'optimizer.lr' and 'optimizer' contain one another"
    ),
    ("keys: { optimizer.lr: { log_uniform: [0, 1], points: 2 } }", "a list of 2 numbers above 0"),
    (
      "keys: { optimizer.lr: { uniform: [2, 1], points: 2 } }", "two numbers, the smaller one first"
    ),
    ("keys: { optimizer.lr: { uniform: [1], points: 2 } }", "a list of 2 numbers"),
    ("keys: { training.epochs: { integers: [1, 2.5] } }", "two integers, the smaller one first"),
    ("keys: { optimizer.lr: { log_uniform: [1.0e-5, 1.0e-4] } }", "add 'points: 5' to the range"),
    ("keys: { optimizer.lr: { loguniform: [1, 2] } }", "a list of values, { uniform: [from, to] }"),
    (
      "keys: { optimizer.lr: { uniform: [1, 2], log_uniform: [1, 2] } }",
      "more than one kind of values"
    ),
    ("method: random, keys: { optimizer.lr: { uniform: [1, 2], points: 3 } }", "only to a grid"),
    ("method: random, keys: { training.epochs: [1, 2] }", "there are only 2 different settings"),
    ("method: randm, keys: { training.epochs: [1, 2] }", "to do: write 'random'"),
    ("count: 3, keys: { training.epochs: [1, 2] }", "'count' applies only to random settings"),
    ("seed: 3, keys: { training.epochs: [1, 2] }", "or 'seeds' for seeds of training"),
    (
      "keys: { data.list.size: [2, 8], data.list.positives: [1, 4] }",
      "in the setting 002 of the sweep (data.list.size: 2, data.list.positives: 4)"
    ),
    ("keys: { loss: [softmax, sofmax] }", "there is no loss 'sofmax'"),
  ])
  func mistakes(_ sweep: String, _ expected: String) {
    let isInline = sweep.contains(", keys: ") || sweep.hasPrefix("{")
    do {
      _ = try plan(sweep.hasPrefix("{") ? "  " + sweep : isInline ? "  { \(sweep) }" : "  " + sweep)
      Issue.record("'\(sweep)' is accepted")
    } catch let failure as Failure {
      #expect(failure.kind == .badRecipe)
      let said = failure.description.replacing("\n", with: " |").replacing(" |  ", with: " | ")
      #expect(said.contains(expected), "\(said)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func withoutDev() {
    let text = "model: { base: m }\ndata: { train: { collection: c } }\noutput: o\n"
    #expect(
      said(text + "sweep: { seeds: [1, 2] }\n")
        .hasPrefix("error: the runs of a sweep are compared on data.dev, which is missing"))
  }

  @Test func withoutSweep() throws {
    let failure = #expect(throws: Failure.self) {
      try SweepPlan(text: Self.start, file: "r.yaml")
    }
    #expect(failure?.problem == "the recipe has no sweep")
    #expect(failure?.remedy?.contains("ltr train") == true)
  }

  /// The number of runs is known before any of their recipes is read.
  @Test func tooManyRuns() throws {
    let large = """
        seeds: [1, 2]
        keys:
          optimizer.lr: { log_uniform: [1.0e-6, 1.0e-4], points: 9 }
          training.epochs: { integers: [1, 4] }
      """
    #expect(try plan(large).runs.count == 74)
    let failure = #expect(throws: Failure.self) { try plan(large, most: 73) }
    #expect(failure?.kind == .usage)
    #expect(failure?.problem == "the sweep has 74 runs: 37 settings with 2 seeds each")
    #expect(failure?.remedy?.contains("--yes") == true)
    let vast = #expect(throws: Failure.self) {
      try plan(
        "  keys: { training.epochs: { integers: [1, 90000] }, data.list.size: { integers: [2, 9000] } }"
      )
    }
    #expect(vast?.kind == .badRecipe && vast?.problem.contains("809910001 settings") == true)
  }
}
