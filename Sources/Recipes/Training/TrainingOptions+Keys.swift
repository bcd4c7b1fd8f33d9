import Diagnostics
import JSON
import Options

/// `training`: training length, batches, precision and checkpoints.
extension TrainingOptions: Section {
  static let defaults = TrainingOptions()

  static let options: [Option<TrainingOptions>] = [
    .init("epochs", \.epochs, .integer(1...100_000), "passes over the training data"),
    .optional(
      "max_steps", \.mostSteps, .integer(1...Int.max),
      "the most optimizer steps, however many epochs; null for no limit"),
    .section("batch", \.batch, "the size of a batch").whole(),
    .init(
      "accumulate", \.accumulate, .integer(1...100_000),
      "batches whose gradients are averaged for one optimizer step"),
    .init("precision", \.precision, .trainingPrecision, "precision of matrix products"),
    .optional(
      "memory_budget", \.memoryBudget, .byteCount,
      "the most memory that a step may take; null for no limit"),
    .init("seed", \.seed, .seed, "the seed of all random numbers"),
    .init("workers", \.workers, .workers, "threads; auto is one per core"),
    .group(
      "checkpoint",
      [
        .init("every", \.checkpointEvery, .interval, "how often a checkpoint is written"),
        .init("keep", \.checkpointsKept, .integer(1...1000), "how many checkpoints are kept"),
      ], "checkpoints for resuming an interrupted run"),
    .group(
      "early_stopping", isGiven: { $0.patience != nil }, whenNull: { $0.patience = nil },
      [
        .optional(
          "patience", \.patience, .integer(1...100_000),
          "evaluations without an improvement after which training stops")
      ],
      "stops training early, on data.dev, whose best model is kept in any case; null trains to the end, "
        + "as does a recipe without data.dev"),
    .optional(
      "recompute_layers", \.recomputedLayers, .integer(1...1000),
      "layers of which only the input is stored, and which the backward pass computes once more, for "
        + "longer batches in the same memory: 1 saves the most; null stores what all layers need"
    ).later(),
    .init(
      "layer_decay", \.layerDecay, .number(.over(0, upTo: 1)),
      "the learning rate of a layer, as a share of that of the layer above it; the head learns at the "
        + "whole rate, the embeddings at the lowest"
    ).later(),
    .optionalSection(
      "anchor", \.anchor,
      "where the base is a cross-encoder: its own scores of the training lists, computed before "
        + "the first step, hold those of the model"
    ).later(),
    .optionalSection(
      "average", \.average,
      "optional: averages of weights, each applied to the result of those before it; dev in place of the "
        + "section is short for { base: dev }"
    ).orWord("dev", \.average, AverageOptions(base: .dev)).alternative("average: dev").shown()
      .later(),
  ]
}

extension ValueKind where Value == PrecisionOption {
  /// The precisions that a recipe or job may have.
  static var trainingPrecision: ValueKind { choice(among: [.auto, .f32, .bf16]) }
}

extension ValueKind where Value == Int? {
  /// A number of threads, or `auto`.
  fileprivate static var workers: ValueKind {
    let expected = "auto, or an integer from 1 to 4096"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        if case .word(let text, quoted: false) = node.content {
          if text == "auto" { return .some(nil) }
          if let count = Int(text), (1...4096).contains(count) { return count }
        }
        throw section.wrong(key, node, expected: expected)
      },
      text: { $0.map(String.init) ?? "auto" }, type: expected, range: "auto, or 1 to 4096",
      schema: [
        "anyOf": [["const": "auto"], ["type": "integer", "minimum": 1, "maximum": 4096]]
      ])
  }
}
