import Diagnostics
import Options

/// `optimizer`: the optimizer and its learning rate.
extension OptimizerOptions: Section {
  static let defaults = OptimizerOptions()

  static let options: [Option<OptimizerOptions>] = [
    .init("name", \.name, .choice, "the optimizer"),
    .init("lr", \.schedule.peak, .number(.above(0)), "the peak learning rate"),
    .init(
      "weight_decay", \.adamW.weightDecay, .number(.atLeast(0)),
      "the fraction of a weight, times the learning rate, that a step subtracts"),
    .init(
      "betas", \.betas, .numbers(count: 2, .upTo(0, below: 1)),
      "the decay rates of the running means of the gradient and of its square"),
    .init(
      "eps", \.adamW.epsilon, .number(.above(0)),
      "the term added to the root of the mean square"),
    .init(
      "warmup", \.schedule.warmUp, .warmUp,
      "how long the learning rate rises from 0: a share of all steps, or a number of steps"),
    .init("schedule", \.schedule.course, .choice, "the learning rate after the rise"),
    .init(
      "clip", \.adamW.clip,
      .numberOrNone(
        .atLeast(0), type: "a norm above 0, or 0 or none for no limit",
        range: "0 or none: no limit",
        isZeroNone: true),
      "the largest norm of the gradient over all parameters"),
    .init(
      "decay_biases", \.adamW.decaysBiases, .flag,
      "whether biases and LayerNorm parameters decay as well"),
  ]

  /// Both betas of AdamW.
  fileprivate var betas: [Double] {
    get { [adamW.beta1, adamW.beta2] }
    set { (adamW.beta1, adamW.beta2) = (newValue[0], newValue[1]) }
  }
}

extension ValueKind where Value == Schedule.WarmUp {
  /// A share of the steps below 1, or an integer from 1.
  fileprivate static var warmUp: ValueKind {
    let expected = "a share of all steps from 0 to below 1, or steps: an integer from 1 up"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        if case .word(let text, quoted: false) = node.content {
          if let steps = Int(text), steps >= 1 { return .steps(steps) }
          if let share = finite(text), share >= 0, share < 1 { return .fraction(share) }
        }
        throw section.wrong(key, node, expected: expected)
      },
      text: { warmUp in
        switch warmUp {
        case .fraction(let share): YAMLText.number(share)
        case .steps(let count): "\(count)"
        }
      }, type: expected, range: "0 to below 1, or an integer from 1 up",
      schema: [
        "anyOf": [
          ["type": "number", "minimum": 0, "exclusiveMaximum": 1],
          ["type": "integer", "minimum": 1],
        ]
      ])
  }
}
