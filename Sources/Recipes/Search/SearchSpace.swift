import Foundation
import Options
import Randomness
import Ranking

/// What the trials of a search try: keys of a recipe with the values that are drawn for them.
struct SearchSpace {
  private struct Key {
    var path: String
    /// A value as YAML; nil for that of the recipe.
    var draw: (inout SplitMix64) -> String?
  }

  private let space: [Key]
  private let seed: UInt64

  /// The dotted paths of the keys.
  var keys: [String] { space.map(\.path) }

  init(_ recipe: TrainingRecipe, _ subject: SearchPlan.Subject) {
    seed = recipe.training.seed
    var space: [Key] = []
    func choose(_ path: String, _ values: [String]) {
      guard !values.isEmpty else { return }
      // The recipe's own value is half of the draws: it was written for a reason.
      space.append(
        Key(path: path) { random in
          random.uniform() < 0.5 ? nil : values[random.below(values.count)]
        })
    }
    let peak = recipe.optimizer.schedule.peak
    // A head that reranks already is lost by high rates more often than it is improved by them.
    let (low, high) = subject.reranks ? (peak / 8, peak * 2) : (peak / 4, peak * 4)
    space.append(
      Key(path: "optimizer.lr") { random in
        let value = low * pow(high / low, random.uniform())
        return YAMLText.number(Double(String(format: "%.3g", value)) ?? value)
      })
    choose("loss", Self.losses(instead: recipe))
    let size = recipe.data.list.size
    // Longer lists would take more memory and time than the recipe's.
    if size >= 6 { choose("data.list.size", ["\(max(4, size / 2))"]) }
    if recipe.model.freeze.isEmpty, recipe.model.lora == nil, subject.layers > 1 {
      choose(
        "model.freeze", ["[embeddings]", "[embeddings, layers 0-\(subject.layers / 2 - 1)]"])
    }
    if subject.reranks, recipe.training.anchor == nil, recipe.data.remine == nil {
      choose("training.anchor", ["{ weight: 0.5 }"])
    }
    self.space = space
  }

  /// Losses that learn from the same labels as the recipe's; none if that is a sum, or learns from a
  /// teacher or from clicks.
  private static func losses(instead recipe: TrainingRecipe) -> [String] {
    guard recipe.loss.terms.count == 1, let own = recipe.loss.terms.first,
      let definition = Losses.all.first(where: { $0.name == own.name }), !definition.needsTeacher,
      recipe.data.train.weights == nil
    else { return [] }
    return ["lambdarank", "softmax", "ranknet"].filter { $0 != own.name }
  }

  /// The values of the trials, in the order of the keys: those of the recipe first, and no two the
  /// same. A larger count leaves the first ones as they are.
  func trials(_ count: Int) -> [[String?]] {
    var found: [[String?]] = [space.map { _ in nil }]
    var attempt: UInt64 = 0
    while found.count < count, attempt < UInt64(count) * 100 {
      var random = SplitMix64(seed: seed, stream: 0x5ea7c4, attempt)
      let values = space.map { $0.draw(&random) }
      if !found.contains(values) { found.append(values) }
      attempt += 1
    }
    return found
  }
}
