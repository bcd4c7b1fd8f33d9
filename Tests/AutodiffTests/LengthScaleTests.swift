import Autodiff
import Foundation
import Tensors
import Testing

@Suite struct LengthScaleTests {
  /// Sequences of 3, 1, 0, 7 and 2 rows.
  private static let offsets: [Int32] = [0, 3, 4, 4, 11, 13]

  /// ln(n) / ln(length), not above 1 if it is capped.
  private func factor(_ count: Int32, _ scaling: LengthScaling) -> Double {
    let factor = log(Double(max(count, 1))) / log(Double(scaling.length))
    return scaling.isCapped ? min(factor, 1) : factor
  }

  @Test(arguments: [false, true], [0, 2, 5])
  func rowsOfWholeSequences(isCapped: Bool, columns: Int) {
    let scaling = LengthScaling(length: 4, isCapped: isCapped)
    let x = Input.random(Shape(13, 5), seed: 3)
    var expected = x.doubles
    for (start, end) in zip(Self.offsets, Self.offsets.dropFirst()) {
      let factor = factor(end - start, scaling)
      for row in start..<end {
        for column in 0..<columns { expected[Int(row) * 5 + column] *= factor }
      }
    }
    GradientCheck(x, expecting: expected, shape: x.shape) { tape, x in
      let offsets = tape.indices(Self.offsets.span)
      return tape.lengthScaled(x[0], columns: columns, offsets, lengths: offsets, by: scaling)
    }
  }

  /// One row of each sequence, whose length is that of the sequence.
  @Test func singleRows() {
    let scaling = LengthScaling(length: 3, isCapped: false)
    let x = Input.random(Shape(5, 2), seed: 4)
    let counts = zip(Self.offsets, Self.offsets.dropFirst()).map { $1 - $0 }
    var expected = x.doubles
    for (row, count) in counts.enumerated() {
      for column in 0..<2 { expected[row * 2 + column] *= factor(count, scaling) }
    }
    GradientCheck(x, expecting: expected, shape: x.shape) { tape, x in
      let (rows, lengths) = (tape.count(to: 5), tape.indices(Self.offsets.span))
      return tape.lengthScaled(x[0], columns: 2, rows, lengths: lengths, by: scaling)
    }
  }
}
