import Diagnostics

/// `training`: how long, in what pieces and with what the model is trained.
public struct TrainingSection: Sendable, Equatable {
  /// What matrix products are computed in.
  public enum Precision: String, Sendable, CaseIterable {
    /// The fastest this machine has.
    case auto
    /// 32-bit floating point.
    case f32
    /// bfloat16 operands, sums and weights in 32 bits.
    case bf16
  }

  /// Passes over the training data.
  public var epochs = 3
  /// The most optimizer steps, however many epochs; nil for no limit.
  public var maxSteps: Int?
  /// What a batch holds.
  public var batch = BatchSection()
  /// Batches whose gradients are added up for one optimizer step.
  public var accumulate = 1
  /// What matrix products are computed in.
  public var precision = Precision.auto
  /// The most memory an optimizer step may take, in bytes; nil for no limit.
  public var memoryBudget: ByteCount?
  /// What all random numbers come from.
  public var seed: UInt64 = 7
  /// Threads; nil for one a core.
  public var workers: Int?
  /// How often a checkpoint is written.
  public var checkpointEvery = Interval.steps(500)
  /// How many checkpoints stay.
  public var checkpointKeep = 2
  /// After how many evaluations without a better one training stops; nil for never.
  public var patience: Int?

  static let keys = [
    "epochs", "max_steps", "batch", "accumulate", "precision", "memory_budget", "seed", "workers",
    "checkpoint",
    "early_stopping",
  ]
  static let checkpointKeys = ["every", "keep"]
  static let stoppingKeys = ["patience"]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    epochs = try section.integer("epochs", in: 1...100_000) ?? epochs
    maxSteps = try section.integer("max_steps", in: 1...Int.max)
    batch = try BatchSection(section)
    accumulate = try section.integer("accumulate", in: 1...100_000) ?? accumulate
    precision = try section.choice("precision") ?? precision
    memoryBudget = try section.byteCount("memory_budget")
    seed = try section.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
    workers = try section.workers("workers")
    if let checkpoint = try section.section("checkpoint", keys: Self.checkpointKeys) {
      checkpointEvery = try checkpoint.interval("every") ?? checkpointEvery
      checkpointKeep = try checkpoint.integer("keep", in: 1...1000) ?? checkpointKeep
    }
    if let stopping = try section.section("early_stopping", keys: Self.stoppingKeys) {
      patience = try stopping.required(
        "patience", stopping.integer("patience", in: 1...100_000),
        expected: "how many evaluations may pass without a better one")
    }
  }

  func write(to text: inout ResolvedText) {
    text.add("epochs", epochs)
    text.add("max_steps", maxSteps)
    text.section("batch") { batch.write(to: &$0) }
    text.add("accumulate", accumulate)
    text.add("precision", precision.rawValue)
    text.add("memory_budget", memoryBudget?.description)
    text.add("seed", Int(seed))
    if let workers { text.add("workers", workers) } else { text.add("workers", "auto") }
    text.section("checkpoint") {
      $0.add("every", checkpointEvery.description)
      $0.add("keep", checkpointKeep)
    }
    text.section("early_stopping", patience) { $1.add("patience", $0) }
  }
}

extension RecipeSection {
  /// A number of threads; nil for `auto`.
  fileprivate func workers(_ key: String) throws(Failure) -> Int? {
    guard let node = node(key) else { return nil }
    if case .word(let text, quoted: false) = node.content {
      if text == "auto" { return nil }
      if let count = Int(text), (1...4096).contains(count) { return count }
    }
    throw wrong(key, node, expected: "auto, or an integer from 1 to 4096")
  }
}
