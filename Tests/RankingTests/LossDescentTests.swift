import Foundation
import Ranking
import Testing

/// What a loss claims to put in order, its descent puts in order.
@Suite struct LossDescentTests {
  /// Lists of 10 with grades from 0 to 3, or of 0 and 1 where the loss knows no grades.
  private func lists(_ orders: LossOrder) -> LossBatch {
    var random = SeededRandom(state: 21)
    var batch = LossBatch(sizes: [Int](repeating: 10, count: 20), using: &random)
    batch.scores = batch.scores.map { _ in .random(in: -0.1...0.1, using: &random) }
    if orders != .grades { batch.labels = batch.labels.map { $0 >= 2 ? 1 : 0 } }
    return batch
  }

  /// The mean over the lists of nDCG, or where one relevant item is to come first of its reciprocal
  /// rank.
  private func quality(_ batch: LossBatch, _ orders: LossOrder) throws -> Double {
    let measure = try Measure(parsing: orders == .first ? "RR" : "nDCG")
    let values = zip(batch.offsets, batch.offsets.dropFirst()).map { start, end in
      let order = (start..<end).sorted { (batch.scores[$0], $0) > (batch.scores[$1], $1) }
      return measure.value(
        of: RankedQuery(
          ranked: order.map { batch.labels[$0] }, judged: Array(batch.labels[start..<end])))
    }
    return values.reduce(0, +) / Double(values.count)
  }

  /// Every score goes the same small way against its gradient's sign and size within its list: the
  /// steepest slope of a list by 0.05 at first, and less and less.
  @Test(arguments: LossVariant.defaults.filter { $0.definition.orders != .unsure })
  func descentOrders(variant: LossVariant) throws {
    let loss = try Loss(variant.definition.name)
    let orders = variant.definition.orders
    var batch = lists(orders)
    let before = try quality(batch, orders)
    #expect(before < 0.95)
    var workspace = LossWorkspace()
    for step in 0..<1500 {
      let gradient = batch.evaluate(loss, draw: UInt64(step), workspace: &workspace).gradient
      let rate = 0.05 * (1 - Double(step) / 1500)
      for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
        let steepest = gradient[start..<end].reduce(0) { max($0, abs($1)) }
        guard steepest > 0 else { continue }
        for i in start..<end { batch.scores[i] -= rate * gradient[i] / steepest }
      }
    }
    #expect(try quality(batch, orders) > 0.99)
  }
}
