/// The differences of a pair: the item that should come first minus the other.
struct PairDifference {
  /// s_i − s_j.
  var score: Double
  /// y_i − y_j, greater than 0.
  var label: Double
  /// t_i − t_j, of a teacher's scores; without a teacher, the labels' difference.
  var teacher: Double
}

/// A loss that is a mean over the pairs with y_i > y_j of a function of their differences.
protocol PairwiseLoss: ListLoss {
  /// True for the mean over lists of the mean over each list's pairs; false for one mean over all
  /// pairs of the batch.
  var averagesLists: Bool { get }

  /// True if pairs are those with t_i > t_j instead.
  var pairsByTeacher: Bool { get }

  /// The value of one pair, and ∂value/∂(s_i − s_j).
  func term(_ pair: PairDifference) -> (value: Double, slope: Double)
}

extension PairwiseLoss {
  static var kind: LossKind { .pairwise }
  var averagesLists: Bool { false }
  var pairsByTeacher: Bool { false }

  /// O(n²) time, O(n) memory: items are sorted by label, so that an item's partners with lower
  /// labels are contiguous at the end.
  func evaluate(_ list: inout ScoredList) -> LossSum {
    let count = list.count
    list.sortDescending(by: pairsByTeacher ? .teacher : .label)
    for k in 0..<count {
      let item = list.order[k]
      list.first[k] = list.scores[item]
      list.second[k] = pairsByTeacher ? list.teachers[item] : list.labels[item]
      list.third[k] = list.weights[item]
      list.fourth[k] = 0
      list.fifth[k] = list.teachers[item]
    }
    var total = LossSum()
    var lesser = 0
    for i in 0..<count {
      let (score, label, weight) = (list.first[i], list.second[i], list.third[i])
      let teacher = list.fifth[i]
      while lesser < count, list.second[lesser] >= label { lesser += 1 }
      var (sum, mass, slopes) = (0.0, 0.0, 0.0)
      for j in lesser..<count {
        let (value, slope) = term(
          PairDifference(
            score: score - list.first[j], label: label - list.second[j],
            teacher: teacher - list.fifth[j]))
        let partner = list.third[j]
        sum += partner * value
        mass += partner
        slopes += partner * slope
        list.fourth[j] -= weight * partner * slope
      }
      list.fourth[i] += weight * slopes
      total.sum += weight * sum
      total.mass += weight * mass
    }
    let scale = averagesLists && total.mass > 0 ? 1 / total.mass : 1
    for k in 0..<count { list.gradient[list.order[k]] = scale * list.fourth[k] }
    return averagesLists ? LossSum(sum: scale * total.sum, mass: 1) : total
  }
}
