import Diagnostics

/// `optimizer`: how parameters follow their gradients.
public struct OptimizerSection: Sendable, Equatable {
  /// The optimizers there are.
  public enum Name: String, Sendable, CaseIterable {
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    case adamw
  }

  /// How the learning rate goes on after the warm-up.
  public enum Schedule: String, Sendable, CaseIterable {
    /// In a straight line to 0 at the last step.
    case linear
    /// Along half a cosine to 0 at the last step.
    case cosine
    /// Unchanged.
    case constant
  }

  /// For how long the learning rate grows from 0 to its peak.
  public enum WarmUp: Sendable, Equatable {
    /// A share of all steps, below 1.
    case fraction(Double)
    /// So many steps.
    case steps(Int)
  }

  /// Which optimizer.
  public var name = Name.adamw
  /// The peak learning rate.
  public var learningRate = 5e-5
  /// How much of each weight, times the learning rate, is taken off at a step.
  public var weightDecay = 0.01
  /// How much of the running means of the gradient and of its square stays at a step.
  public var betas = [0.9, 0.999]
  /// What keeps the division by the root of the second mean finite.
  public var epsilon = 1e-8
  /// For how long the learning rate grows.
  public var warmUp = WarmUp.fraction(0.1)
  /// How it goes on.
  public var schedule = Schedule.linear
  /// The largest norm of all gradients together; nil for no limit.
  public var clip: Double? = 1
  /// Whether biases and LayerNorm parameters decay as well.
  public var decayBiases = false

  static let keys = [
    "name", "lr", "weight_decay", "betas", "eps", "warmup", "schedule", "clip", "decay_biases",
  ]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    name = try section.choice("name") ?? name
    learningRate = try section.number("lr", .above(0)) ?? learningRate
    weightDecay = try section.number("weight_decay", .atLeast(0)) ?? weightDecay
    betas = try section.numbers("betas", count: 2, .upTo(0, below: 1)) ?? betas
    epsilon = try section.number("eps", .above(0)) ?? epsilon
    warmUp = try section.warmUp("warmup") ?? warmUp
    schedule = try section.choice("schedule") ?? schedule
    clip = try section.clip("clip") ?? clip
    if clip == 0 { clip = nil }
    decayBiases = try section.flag("decay_biases") ?? decayBiases
  }

  func write(to text: inout ResolvedText) {
    text.add("name", name.rawValue)
    text.add("lr", learningRate)
    text.add("weight_decay", weightDecay)
    text.add("betas", betas)
    text.add("eps", epsilon)
    switch warmUp {
    case .fraction(let share): text.add("warmup", share)
    case .steps(let count): text.add("warmup", count)
    }
    text.add("schedule", schedule.rawValue)
    text.add("clip", clip ?? 0)
    text.add("decay_biases", decayBiases)
  }
}

extension RecipeSection {
  /// A share of the steps below 1, or an integer from 1.
  fileprivate func warmUp(_ key: String) throws(Failure) -> OptimizerSection.WarmUp? {
    guard let node = node(key) else { return nil }
    if case .word(let text, quoted: false) = node.content {
      if let steps = Int(text), steps >= 1 { return .steps(steps) }
      if let share = finite(text), share >= 0, share < 1 { return .fraction(share) }
    }
    throw wrong(
      key, node, expected: "a share of all steps from 0 to below 1, or steps: an integer from 1 up")
  }

  /// A norm; `none` and 0 stand for no limit.
  fileprivate func clip(_ key: String) throws(Failure) -> Double? {
    guard let node = node(key) else { return nil }
    if case .word(let text, quoted: false) = node.content {
      if text == "none" { return 0 }
      if let norm = finite(text), norm >= 0 { return norm }
    }
    throw wrong(key, node, expected: "a norm above 0, or 0 or none for no limit")
  }
}
