/// `bce`: binary cross-entropy on σ(s), with targets from labels.
struct BinaryCrossEntropy: PointwiseLoss {
  static let description = LossDescription(
    name: "bce",
    meaning: "binary cross-entropy of σ(s) and the target, mean over items",
    orders: .relevance,
    options: [
      .init(
        "labels", .choice(default: "binary", among: ["binary", "graded"]),
        "the target: 1 above the threshold and 0 otherwise, or the label over the greatest label"),
      .init(
        "threshold", .number(default: 0, range: -1e6...1e6),
        "with binary labels, a label above it is relevant"),
      .init(
        "max_label", .number(default: 0, range: 0...1e6),
        "with graded labels, the label whose target is 1; 0 for the greatest of the batch"),
      .init(
        "pos_weight", .number(default: 1, range: 1e-6...1e6),
        "weight of the positive part of the target"),
      .init(
        "label_smoothing", .number(default: 0, range: 0...1),
        "label smoothing: the share of each target moved to one half"),
    ])

  private let graded: Bool
  private let threshold, maxLabel, posWeight, smoothing: Double

  init(_ options: LossOptions) {
    graded = options.choice("labels") == "graded"
    threshold = options.number("threshold")
    maxLabel = options.number("max_label")
    posWeight = options.number("pos_weight")
    smoothing = options.number("label_smoothing")
  }

  func term(score: Double, label: Double, greatestLabel: Double) -> (value: Double, slope: Double) {
    let plain: Double
    if graded {
      let full = maxLabel > 0 ? maxLabel : greatestLabel
      plain = full > 0 ? min(max(label / full, 0), 1) : 0
    } else {
      plain = label > threshold ? 1 : 0
    }
    let positive = posWeight * (plain * (1 - smoothing) + smoothing / 2)
    let negative = 1 - (plain * (1 - smoothing) + smoothing / 2)
    let miss = softplus(-score)
    let alarm = softplus(score)
    return (
      positive * miss.value + negative * alarm.value,
      negative * alarm.slope - positive * miss.slope
    )
  }
}
