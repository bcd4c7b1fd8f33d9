import Diagnostics
import Options
import Recipes
import Testing

/// The trials and rungs of `ltr train --auto`.
@Suite struct SearchPlanTests {
  private static let reranker = SearchPlan.Subject(reranks: true, layers: 6, steps: 300)
  private static let encoder = SearchPlan.Subject(reranks: false, layers: 6, steps: 300)

  private func plan(
    _ subject: SearchPlan.Subject = reranker, _ overrides: String..., trials: Int = 9,
    steps: Int? = nil
  ) throws -> SearchPlan {
    try SearchPlan(
      RecipeSource(text: SweepTests.start, file: "r.yaml", kind: .recipe, overrides: overrides),
      subject, trials: trials, steps: steps)
  }

  /// The recipe's own values come first, all trials differ, and more of them leave the first ones.
  @Test func trials() throws {
    let plan = try plan()
    #expect(plan.trials.count == 9)
    #expect(plan.trials.map(\.name).prefix(3) == ["recipe", "001", "002"])
    #expect(
      plan.keys == ["optimizer.lr", "loss", "data.list.size", "model.freeze", "training.anchor"])
    #expect(plan.trials[0].values == ["5.0e-05", "lambdarank", "8", "null", "null"])
    #expect(Set(plan.trials.map(\.values)).count == 9)
    for trial in plan.trials {
      #expect(trial.recipe.data.test == nil && trial.recipe.data.dev != nil)
      #expect(trial.recipe.training.average == AverageOptions(base: .dev))
      let rate = trial.recipe.optimizer.schedule.peak
      #expect(rate >= 5e-5 / 8 * 0.99 && rate <= 1e-4 * 1.01)
    }
    #expect(plan.trials.contains { !$0.recipe.model.freeze.isEmpty })
    #expect(plan.trials.contains { $0.recipe.training.anchor != nil })
    #expect(plan.trials.contains { $0.recipe.data.list.size == 4 })
    let more = try self.plan(trials: 20)
    #expect(more.trials.prefix(9).map(\.values) == plan.trials.map(\.values))
    let other = try self.plan(Self.reranker, "training.seed=8")
    #expect(other.trials[1].values != plan.trials[1].values)
  }

  /// A base without a score head is no candidate, and has no scores to hold a model to.
  @Test func newHead() throws {
    let plan = try plan(Self.encoder)
    #expect(!plan.keys.contains("training.anchor"))
    #expect(plan.trials.allSatisfy { $0.recipe.training.average == nil })
  }

  /// What the recipe settles is not searched.
  @Test func settledKeys() throws {
    let plan = try plan(
      Self.reranker, "model.lora={}", "loss=kl", "data.list.size=4", "training.anchor={}",
      "training.average={ema: 0.9, base: 0.5}", "data.train.teacher=t.run")
    #expect(plan.keys == ["optimizer.lr"])
    #expect(
      plan.trials.allSatisfy {
        $0.recipe.training.average == AverageOptions(ema: 0.9, base: [0.5])
      })
    let average = try self.plan(Self.reranker, "training.average.ema=0.9")
    #expect(average.trials[3].recipe.training.average == AverageOptions(ema: 0.9, base: .dev))
  }

  @Test func rungs() throws {
    #expect(
      try plan().rungs == [
        SearchRung(steps: 33, best: 9, trials: 9), SearchRung(steps: 100, best: 3, trials: 4),
        SearchRung(steps: 300, best: 1, trials: 2),
      ])
    // Few steps or trials are fewer rungs.
    #expect(
      try plan(.init(reranks: true, layers: 2, steps: 40)).rungs.map(\.steps) == [13, 40])
    #expect(try plan(trials: 4).rungs.map(\.trials) == [4, 3])
    #expect(try plan(trials: 1).rungs == [SearchRung(steps: 300, best: 1, trials: 1)])
  }

  /// The last rung has the recipe's own length, so that its runs are those of the recipe.
  @Test func lengths() throws {
    let plan = try plan()
    #expect(plan.runs(of: 0).settings.allSatisfy { $0.recipe.training.mostSteps == 33 })
    let last = plan.runs(of: 2, trials: ["recipe", "004"])
    #expect(last.settings.map(\.name) == ["recipe", "004"] && last.base == 0)
    #expect(last.settings.allSatisfy { $0.recipe.training.mostSteps == nil })
    #expect(last.recipe.data.test != nil)
    let short = try self.plan(steps: 150)
    #expect(short.runs(of: 2).settings.allSatisfy { $0.recipe.training.mostSteps == 150 })
  }

  @Test func survivors() throws {
    let plan = try plan()
    let ranking = ["004", "002", "008", "001", "recipe", "003"]
    #expect(plan.survivors(of: 0, ranking: ranking) == ["004", "002", "008", "recipe"])
    #expect(plan.survivors(of: 1, ranking: ["002", "recipe"]) == ["002", "recipe"])
    // A trial that failed does not go on.
    #expect(plan.survivors(of: 0, ranking: ["001"]) == ["001"])
    #expect(plan.survivors(of: 2, ranking: ranking).isEmpty)
  }

  @Test func needsDev() throws {
    do throws(Failure) {
      _ = try SearchPlan(
        RecipeSource(text: minimal, file: "r.yaml", kind: .recipe), Self.reranker, trials: 4)
      Issue.record("a search without dev")
    } catch {
      #expect(error.kind == .badRecipe && error.problem.contains("data.dev"))
    }
  }

  /// A line through two runs, and what fits into a time. With 10 s and 1 s a step, nine trials take
  /// 9 · 43 + 4 · 110 + 2 · 310 = 1447 s.
  @Test func budget() throws {
    let cost = SearchCost((50, 60), (250, 260))
    #expect(cost == SearchCost((10, 20), (20, 30)))
    #expect(cost.fixed == 10 && cost.perStep == 1)
    #expect(cost.seconds(trials: 9, steps: 300) == 1447)
    let nine = try #require(cost.fitting(1447, steps: 300))
    #expect(nine.steps == 300 && nine.trials >= 9)
    #expect(cost.seconds(trials: nine.trials, steps: 300) <= 1447)
    #expect(cost.seconds(trials: nine.trials + 1, steps: 300) > 1447)
    #expect(try #require(cost.fitting(1e9, steps: 300)).trials == 27)
    // The fewest trials with fewer steps, and no more than fit.
    let short = try #require(cost.fitting(500, steps: 300))
    #expect(short.trials == 4 && short.steps < 300)
    #expect(cost.seconds(trials: 4, steps: short.steps) <= 500)
    #expect(cost.fitting(20, steps: 300) == nil)
    let given = try #require(cost.fitting(700, trials: 9, steps: 300))
    #expect(given.trials == 9 && given.steps < 300)
  }
}
