/// `rank_distil`: the likelihood of a teacher's top ranks.
struct RankDistil: ListwiseLoss {
  static let description = LossDescription(
    name: "rank_distil",
    meaning:
      "-log of the probability of drawing a teacher's first k items in its order from the whole"
      + " list, mean over draws, mean over lists",
    source: "after Reddi et al. 2021, RankDistil: Knowledge Distillation for Ranking",
    needsTeacher: true,
    options: [
      .init(
        "top", .whole(default: 10, range: 0...Int.max),
        "number of the teacher's ranks to learn; 0 for all"),
      .init(
        "temperature", .number(default: 1, range: 1e-3...1e3), "divides the scores"),
    ])

  private let top: Int
  private let temperature: Double

  init(_ options: LossOptions) {
    let k = options.whole("top")
    top = k == 0 ? .max : k
    temperature = options.number("temperature")
  }

  func value(_ list: inout ScoredList) -> Double {
    list.sortDescending(by: .teacher)
    let draws = min(top, list.count)
    for k in 0..<list.count { list.second[k] = k < draws ? 1 / Double(draws) : 0 }
    return plackettLuce(&list, temperature: temperature)
  }
}
