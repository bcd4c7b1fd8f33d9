package import Batches
package import Diagnostics
import Lists
package import Options
package import Ranking

/// The base model's scores of the pairs of training lists, to which an anchor holds the model.
public struct AnchorScores: Sendable {
  private var scores: [Pair: Float] = [:]

  /// The scores of pairs, one for each.
  package init(_ pairs: [Pair], _ scores: [Float]) {
    precondition(pairs.count == scores.count, "\(scores.count) scores of \(pairs.count) pairs")
    self.scores.reserveCapacity(pairs.count)
    for (pair, score) in zip(pairs, scores) { self.scores[pair] = score }
  }

  /// The score of a pair of the lists.
  subscript(pair: Pair) -> Double {
    guard let score = scores[pair] else {
      preconditionFailure("the base has not scored query \(pair.query), document \(pair.document)")
    }
    return Double(score)
  }
}

extension AnchorOptions {
  /// The loss of scores against the base's, which are given as labels and as a teacher's, times the
  /// weight.
  package func loss() throws(Failure) -> Loss {
    let loss =
      switch distance {
      case .kl:
        try Loss(
          "kl",
          options: [
            "teacher_temperature": .number(temperature), "temperature": .number(temperature),
          ])
      case .mse: try Loss("mse")
      }
    return try Loss(sum: [(weight, loss)])
  }
}

extension TrainingData {
  /// The pairs of the training lists that an anchor needs the base's scores of, each once, in the order
  /// of training; none without an anchor.
  var anchoredPairs: [Pair] {
    var seen: Set<Pair> = []
    var pairs: [Pair] = []
    for phase in phases where phase.anchor != nil {
      var lists: (epoch: Int, lists: [TrainingList])?
      for step in 0..<phase.steps {
        let epoch = phase.epoch(ofStep: step)
        if lists?.epoch != epoch { lists = (epoch, phase.lists(epoch)) }
        for list in phase.batches(ofStep: step).flatMap({ (lists?.lists ?? [])[$0] }) {
          for document in list.documents {
            let pair = Pair(query: list.query, document: document)
            if seen.insert(pair).inserted { pairs.append(pair) }
          }
        }
      }
    }
    return pairs
  }
}

extension Trainer {
  /// Scores the training lists with the base model, if there is an anchor. Called while the weights are
  /// those of the base.
  ///
  /// A run that is resumed scores the lists of all its steps again: the bits of a score depend on the
  /// pairs beside it.
  func scoreAnchors() {
    guard anchors == nil else { return }
    let pairs = data.anchoredPairs
    guard !pairs.isEmpty else { return }
    let progress = progress
    let scores = scorer.scores(of: pairs, in: data.source, maximumLength: plan.maximumLength) {
      progress("scoring training with the base model", $0, $1)
    }
    anchors = AnchorScores(pairs, scores)
    report(.note("training.anchor: the base model has scored \(pairs.count) pairs of training"))
  }
}
