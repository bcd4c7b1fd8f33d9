/// `teacher_mse`: the squared distance of each score from a teacher's, logit from logit.
struct TeacherMSE: ListLoss {
  static let description = LossDescription(
    name: "teacher_mse",
    meaning: "(s - scale t)² of a teacher's scores t, mean over items",
    source: "Ba and Caruana 2014, Do Deep Nets Really Need to be Deep?",
    needsTeacher: true,
    options: [
      .init(
        "scale", .number(default: 1, range: 1e-6...1e6),
        "factor for the teacher's scores")
    ])

  static let kind = LossKind.pointwise

  private let scale: Double

  init(_ options: LossOptions) { scale = options.number("scale") }

  func evaluate(_ list: inout ScoredList) -> LossSum {
    var total = LossSum()
    for i in 0..<list.count {
      let distance = list.scores[i] - scale * list.teachers[i]
      let weight = list.weights[i]
      total.sum += weight * distance * distance
      total.mass += weight
      list.gradient[i] = 2 * weight * distance
    }
    return total
  }
}
