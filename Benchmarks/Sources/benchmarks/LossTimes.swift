import Diagnostics
import Ranking

/// Values and gradients of every registered loss, of many short lists and of one long list, against a
/// training step on as many pairs: the part of it that losses may take, over what the dearest takes.
struct LossTimes {
  /// Those that sort smoothly: a matrix for each list.
  private static let smooth: Set = ["neuralndcg", "pirank"]

  /// 1 or more where every loss takes at most 2 % of a step, and at most 20 % where it sorts smoothly.
  static func measure(stepSecondsPerPair step: Double) throws(Failure) -> [Measurement] {
    var dearest = [false: 0.0, true: 0.0]
    for definition in Losses.all {
      let loss = try Loss(definition.name)
      for (lists, size) in [(512, 8), (1, 1000)] {
        let share = seconds(loss, lists: lists, size: size) / (step * Double(lists * size))
        let isSmooth = smooth.contains(definition.name)
        dearest[isSmooth] = max(dearest[isSmooth] ?? 0, share)
      }
    }
    return [(false, "losses: 2 % of a step", 0.02), (true, "smooth sorting: 20 % of a step", 0.2)]
      .map { isSmooth, name, most in
        Measurement(name: name, share: most / (dearest[isSmooth] ?? .infinity))
      }
  }

  private static func seconds(_ loss: Loss, lists: Int, size: Int) -> Double {
    // In no order, and the same every time.
    let scores = (0..<lists * size).map { Double($0 * 7919 % 6007) / 1000 - 3 }
    let labels = (0..<lists * size).map { Double($0 * 104_729 % 1009 % 4) }
    let offsets = (0...lists).map { $0 * size }
    var gradient = [Double](repeating: 0, count: scores.count)
    var workspace = LossWorkspace()
    return shortestTime(rounds: 3) {
      var span = gradient.mutableSpan
      _ = loss.evaluate(
        scores: scores.span, labels: labels.span, offsets: offsets.span, gradient: &span,
        workspace: &workspace)
    }
  }
}
