/// `listmle`: the likelihood of the order of the labels under the Plackett–Luce model.
struct ListMLE: ListwiseLoss {
  static let description = LossDescription(
    name: "listmle",
    meaning: "-log of the probability of drawing the items in order of their labels, mean over"
      + " lists",
    source: "Xia et al. 2008, Listwise Approach to Learning to Rank: Theory and Algorithm",
    options: TieOrder.options + [
      .init(
        "top", .whole(default: 0, range: 0...Int.max),
        "number of draws used; 0 for all")
    ])

  private let ties: TieOrder
  private let top: Int

  init(_ options: LossOptions) {
    ties = TieOrder(options)
    let k = options.whole("top")
    top = k == 0 ? .max : k
  }

  func value(_ list: inout ScoredList) -> Double {
    ties.sort(&list)
    for k in 0..<list.count { list.second[k] = k < top ? 1 : 0 }
    return plackettLuce(&list)
  }
}
