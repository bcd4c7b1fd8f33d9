/// `margin_mse`: the squared distance of a pair's score difference from a teacher's.
struct MarginMSE: PairwiseLoss {
  static let description = LossDescription(
    name: "margin_mse",
    meaning: "((t_i - t_j) - (s_i - s_j))² of a teacher's scores t, mean over pairs",
    source: "Hofstätter et al. 2020, Improving Efficient Neural Ranking Models with"
      + " Cross-Architecture Knowledge Distillation",
    needsTeacher: true,
    options: [
      .init(
        "pairs", .choice(default: "labels", among: ["labels", "teacher"]),
        "the pairs used: those with y_i > y_j, or those with t_i > t_j regardless of labels"),
      .init(
        "scale", .number(default: 1, range: 1e-6...1e6),
        "factor for the teacher's scores"),
    ])

  let pairsByTeacher: Bool
  private let scale: Double

  init(_ options: LossOptions) {
    pairsByTeacher = options.choice("pairs") == "teacher"
    scale = options.number("scale")
  }

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let distance = pair.score - scale * pair.teacher
    return (distance * distance, 2 * distance)
  }
}
