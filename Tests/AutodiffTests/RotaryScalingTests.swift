import Foundation
import Tensors
import Testing

/// Frequencies of rotary positions beside those of transformers 5.24 (`ROPE_INIT_FUNCTIONS`, in
/// float64), for heads of 16 columns.
@Suite struct RotaryScalingTests {
  private struct Case {
    var scaling: RotaryScaling
    var base = 1e4
    var frequencies: [Double]
    var magnitude = 1.0
  }

  private static let cases = [
    Case(
      scaling: .linear(factor: 4),
      frequencies: [
        0.25, 0.0790569415, 0.025, 0.00790569415, 0.0025, 0.000790569415, 0.00025, 7.90569415e-05,
      ]),
    Case(
      scaling: .dynamic(factor: 4),
      frequencies: [
        1.0, 0.316227766, 0.1, 0.0316227766, 0.01, 0.00316227766, 0.001, 0.000316227766,
      ]),
    Case(
      scaling: .llama3(factor: 8, lowFrequency: 1, highFrequency: 4, original: 2048), base: 5e5,
      frequencies: [
        1.0, 0.193922745, 0.0376060309, 0.00384058281, 0.000176776695, 3.4281022e-05,
        6.64786987e-06, 1.28917317e-06,
      ]),
    Case(
      scaling: .yarn(.init(factor: 4, original: 1024)),
      frequencies: [
        1.0, 0.316227766, 0.08125, 0.0197642354, 0.004375, 0.000790569415, 0.00025, 7.90569415e-05,
      ], magnitude: 1.138629436111989),
    // The quotient of two magnitudes, as `mscale` 1 and `mscale_all_dim` 0.5 say.
    Case(
      scaling: .yarn(
        .init(
          factor: 16, original: 256, fast: 8, slow: 2, isTruncated: false,
          magnitude: RotaryScaling.YaRN.magnitude(16, 1) / RotaryScaling.YaRN.magnitude(16, 0.5))),
      frequencies: [
        1.0, 0.316227766, 0.0543707395, 0.00197642354, 0.000625, 0.000197642354, 6.25e-05,
        1.97642354e-05,
      ], magnitude: 1.121751143713058),
  ]

  /// The stored values have nine digits.
  @Test(arguments: cases.indices)
  func frequencies(_ number: Int) {
    let wanted = Self.cases[number]
    let found = wanted.scaling.frequencies(base: wanted.base, width: 16)
    #expect(found.count == 8)
    for (a, b) in zip(found, wanted.frequencies) { #expect(abs(a - b) < 1e-8 * b, "\(found)") }
    #expect(abs(wanted.scaling.magnitude - wanted.magnitude) < 1e-12)
  }

  @Test func tablesHaveTheFrequencies() {
    let scaling = RotaryScaling.yarn(.init(factor: 4, original: 64))
    let table = RotaryTable(base: 100, width: 8, positions: 30, scaling: scaling)
    let frequencies = scaling.frequencies(base: 100, width: 8)
    for position in [0, 1, 29] {
      for i in 0..<4 {
        let angle = Double(position) * frequencies[i]
        let (c, s) = (table.values[position * 8 + i], table.values[position * 8 + 4 + i])
        #expect(c == Float(scaling.magnitude * cos(angle)))
        #expect(s == Float(scaling.magnitude * sin(angle)))
      }
    }
  }
}
