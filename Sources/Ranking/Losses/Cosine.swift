/// `cosine`: the angle between the scores and the labels of a list.
struct Cosine: ListwiseLoss {
  static let description = LossDescription(
    name: "cosine", aliases: ["rankcosine"],
    meaning: "½ (1 - cos(s, y)) of a list's scores and labels, mean over lists",
    source: "Qin et al. 2008, Query-Level Loss Functions for Information Retrieval (RankCosine)",
    isShiftInvariant: false,
    options: [
      .init(
        "labels", .choice(default: "grades", among: ["grades", "gains"]),
        "the target of the scores: y or 2^y - 1"),
      .init(
        "centered", .flag(default: false),
        "subtract means first, which makes it ½ (1 - the correlation), invariant to shifts"),
    ])

  private let gains, centered: Bool

  init(_ options: LossOptions) {
    gains = options.choice("labels") == "gains"
    centered = options.flag("centered")
  }

  /// O(n). If scores or labels are all 0 (centred: all equal), the angle is undefined: value and
  /// gradient are 0.
  func value(_ list: inout ScoredList) -> Double {
    let count = list.count
    list.clearGradient()
    // first and second: scores and targets over their greatest magnitude, so that their squares do
    // not overflow.
    var (mass, greatest) = (0.0, 0.0)
    for i in 0..<count {
      mass += list.weights[i]
      greatest = max(greatest, list.labels[i])
    }
    let exponent = gainExponent(greatestLabel: greatest)
    for i in 0..<count {
      list.first[i] = list.scores[i]
      list.second[i] = gains ? gain(list.labels[i], exponent: exponent) : list.labels[i]
    }
    guard mass > 0, let scale = normalize(&list.first, list.weights, mass, count),
      normalize(&list.second, list.weights, mass, count) != nil
    else { return 0 }
    // Both vectors have length 1 now: the gradient is the component of the target orthogonal to the
    // scores.
    var cosine = 0.0
    for i in 0..<count { cosine += list.weights[i] * list.first[i] * list.second[i] }
    for i in 0..<count {
      list.gradient[i] =
        -list.weights[i] * (list.second[i] - cosine * list.first[i]) * scale / 2
    }
    return (1 - cosine) / 2
  }

  /// Scales a vector to weighted length 1 and returns the factor; nil for a zero vector.
  private func normalize(
    _ x: inout [Double], _ weights: [Double], _ mass: Double, _ count: Int
  ) -> Double? {
    guard let one = (0..<count).first(where: { weights[$0] > 0 }) else { return nil }
    if centered {
      // Subtracts one of the numbers first, so that equal ones become exactly 0; the mean is
      // computed with relative weights, since the sum of the greatest numbers may overflow.
      let origin = x[one]
      var mean = 0.0
      for i in 0..<count where weights[i] > 0 {
        x[i] -= origin
        mean += weights[i] / mass * x[i]
      }
      for i in 0..<count { x[i] -= mean }
    }
    var greatest = 0.0
    for i in 0..<count {
      // Items without weight must not overflow either.
      if weights[i] <= 0 { x[i] = 0 }
      greatest = max(greatest, abs(x[i]))
    }
    guard greatest >= .leastNormalMagnitude * 0x1p53 else { return nil }
    var squares = 0.0
    for i in 0..<count {
      x[i] /= greatest
      squares += weights[i] * x[i] * x[i]
    }
    let length = squares.squareRoot()
    for i in 0..<count { x[i] /= length }
    return 1 / length / greatest
  }
}
