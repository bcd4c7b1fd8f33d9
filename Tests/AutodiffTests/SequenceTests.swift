import Autodiff
import Foundation
import Tensors
import Testing

@Suite struct SequenceTests {
  /// Lists of 0 to 40 rows, empty ones at the start, in the middle and at the end.
  private static let offsets: [Int32] = [0, 0, 3, 4, 4, 4, 44, 46, 46]
  private static let rows = 46

  private let offsets = Self.offsets

  private func lists(_ x: Input, width: Int) -> [[[Double]]] {
    zip(offsets, offsets.dropFirst()).map { start, end in
      (0..<width).map { column in (start..<end).map { x.doubles[Int($0) * width + column] } }
    }
  }

  private func mean(_ list: [Double]) -> Double {
    list.isEmpty ? 0 : list.reduce(0, +) / Double(list.count)
  }

  @Test(arguments: [nil, 1, 3, 70])
  func reductions(_ width: Int?) {
    let shape = width.map { Shape(Self.rows, $0) } ?? Shape(Self.rows)
    let reduced = width.map { Shape(8, $0) } ?? Shape(8)
    let x = Input.random(shape, seed: 8)
    let lists = lists(x, width: width ?? 1).flatMap { $0 }
    let distinct = Input.distinct(shape, seed: 8)
    let largest = self.lists(distinct, width: width ?? 1).flatMap { $0 }.map { $0.max() ?? 0 }
    GradientCheck(x, expecting: lists.map { $0.reduce(0, +) }, shape: reduced) {
      $0.sequenceSum($1[0], $0.indices(offsets.span))
    }
    GradientCheck(x, expecting: lists.map(mean), shape: reduced) {
      $0.sequenceMean($1[0], $0.indices(offsets.span))
    }
    GradientCheck(distinct, expecting: largest, shape: reduced) {
      $0.sequenceMax($1[0], $0.indices(offsets.span))
    }
  }

  @Test(arguments: [nil, 1, 3, 70])
  func broadcast(_ width: Int?) {
    let x = Input.random(width.map { Shape(8, $0) } ?? Shape(8), seed: 9)
    let columns = width ?? 1
    let expected = zip(offsets, offsets.dropFirst()).enumerated().flatMap { list, ends in
      (ends.0..<ends.1).flatMap { _ in x.doubles[list * columns..<(list + 1) * columns] }
    }
    GradientCheck(
      x, expecting: expected, shape: width.map { Shape(Self.rows, $0) } ?? Shape(Self.rows)
    ) { $0.sequenceBroadcast($1[0], $0.indices(offsets.span)) }
  }

  @Test func softmax() {
    let x = Input.random(Shape(Self.rows), seed: 10)
    let probabilities = lists(x, width: 1).flatMap { columns in
      let sum = columns[0].reduce(0) { $0 + exp($1) }
      return columns[0].map { exp($0) / sum }
    }
    GradientCheck(x, expecting: probabilities, shape: x.shape) {
      $0.sequenceSoftmax($1[0], $0.indices(offsets.span))
    }
    GradientCheck(x, expecting: probabilities.map { log($0) }, shape: x.shape) {
      $0.sequenceLogSoftmax($1[0], $0.indices(offsets.span))
    }
  }

  /// A ListNet-like loss over ragged lists from its parts, as a loss is written with them.
  @Test func partsOfALoss() {
    GradientCheck(Input.random(Shape(Self.rows), seed: 11)) { tape, x in
      let offsets = tape.indices(offsets.span)
      let centred = tape.subtract(
        x[0], tape.sequenceBroadcast(tape.sequenceMean(x[0], offsets), offsets))
      let top = tape.sequenceSoftmax(centred, offsets)
      return tape.sequenceSum(
        tape.multiply(top, tape.sequenceLogSoftmax(centred, offsets)), offsets)
    }
  }

  @Test func noListsAndNoRows() {
    let none = Input([], Shape(0))
    let zero: [Int32] = [0]
    let empty: [Int32] = [0, 0, 0]
    GradientCheck(none, expecting: []) { $0.sequenceSum($1[0], $0.indices(zero.span)) }
    GradientCheck(none, expecting: []) { $0.sequenceSoftmax($1[0], $0.indices(zero.span)) }
    GradientCheck(none, expecting: [0, 0]) { $0.sequenceMax($1[0], $0.indices(empty.span)) }
    GradientCheck(none, expecting: [0, 0]) { $0.sequenceMean($1[0], $0.indices(empty.span)) }
    GradientCheck(Input([1, 2], Shape(2)), expecting: []) {
      $0.sequenceBroadcast($1[0], $0.indices(empty.span))
    }
  }

  @Test func offsetsThatDoNotCover() async {
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let offsets: [Int32] = [0, 2, 1, 3]
      let x = tape.constant([Float](repeating: 0, count: 3).span, Shape(3))
      _ = tape.sequenceSum(x, tape.indices(offsets.span))
    }
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let offsets: [Int32] = [0, 2]
      let x = tape.constant([Float](repeating: 0, count: 3).span, Shape(3))
      _ = tape.sequenceMax(x, tape.indices(offsets.span))
    }
  }
}
