/// `kl`: the divergence of the list's softmax from a teacher's.
struct KLDivergence: ListwiseLoss {
  static let description = LossDescription(
    name: "kl",
    meaning:
      "KL(softmax(t / teacher_temperature) ‖ softmax(s / temperature)) of a teacher's scores t,"
      + " mean over lists",
    source: "Hinton et al. 2015, Distilling the Knowledge in a Neural Network",
    needsTeacher: true,
    options: [
      .init(
        "teacher_temperature", .number(default: 1, range: 1e-3...1e3),
        "divides the teacher's scores"),
      temperatureOption,
    ])

  private let teacherTemperature, temperature: Double

  init(_ options: LossOptions) {
    teacherTemperature = options.number("teacher_temperature")
    temperature = options.number("temperature")
  }

  func value(_ list: inout ScoredList) -> Double {
    setSoftmax(&list, temperature: temperature)
    // second: the teacher's softmax; fourth: its logarithm.
    softmax(
      list.teachers, list.count, temperature: teacherTemperature, into: &list.second,
      logs: &list.fourth)
    var entropy = 0.0
    for i in 0..<list.count where list.second[i] > 0 {
      entropy -= list.weights[i] * list.second[i] * list.fourth[i]
    }
    return crossEntropy(&list, temperature: temperature) - entropy
  }
}
