/// `teacher_ranknet`: the logistic loss of each pair in a teacher's order.
struct TeacherRankNet: PairwiseLoss {
  static let description = LossDescription(
    name: "teacher_ranknet",
    meaning:
      "log(1 + e^(-sigma (s_i - s_j))) of pairs with t_i > t_j of a teacher's scores t, mean over"
      + " pairs",
    source: "Sun et al. 2023, Is ChatGPT Good at Search?, which distils ranked lists so",
    needsTeacher: true,
    options: [
      .init(
        "sigma", .number(default: 1, range: 1e-3...1e3),
        "slope of the logistic"),
      .init(
        "weighting", .choice(default: "none", among: ["none", "difference"]),
        "multiplies a pair's loss: by 1, or by t_i - t_j; the mean divides by the number of pairs"
          + " either way"),
      .init(
        "mean", .choice(default: "pairs", among: ["pairs", "lists"]),
        "over all pairs of the batch, or over each list's pairs and then over lists"),
    ])

  let averagesLists: Bool
  let pairsByTeacher = true
  private let sigma: Double
  private let byDifference: Bool

  init(_ options: LossOptions) {
    sigma = options.number("sigma")
    byDifference = options.choice("weighting") == "difference"
    averagesLists = options.choice("mean") == "lists"
  }

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let (value, slope) = softplus(-sigma * pair.score)
    let weight = byDifference ? pair.teacher : 1
    return (weight * value, -sigma * weight * slope)
  }
}
