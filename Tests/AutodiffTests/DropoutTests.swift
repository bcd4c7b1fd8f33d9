import Autodiff
import Tensors
import Testing

@Suite struct DropoutTests {
  private let key = DropoutKey(seed: 0x0123_4567_89AB_CDEF, step: 9)

  /// Known answers of the algorithm's authors (Random123, kat_vectors): philox4x32 10.
  @Test func generator() {
    #expect(
      DropoutReference.philox(counter: [0, 0, 0, 0], key: [0, 0])
        == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    #expect(
      DropoutReference.philox(
        counter: [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
        key: [0xA409_3822, 0x299F_31D0])
        == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
  }

  private func dropped(
    _ x: [Float], columns: Int, rate: Float, key: DropoutKey?, sitesBefore: Int = 0,
    identity: [Int32]? = nil
  ) -> [Float] {
    var tape = GradientCheck.poisonedTape(recording: false)
    tape.dropoutKey = key
    var value = tape.constant(x.span, Shape(x.count / columns, columns))
    for _ in 0..<sitesBefore { value = tape.dropout(value, rate: 0) }
    let rows = identity.map { tape.indices($0.span) }
    return tape.values(of: tape.dropout(value, rate: rate, identity: rows)).array
  }

  /// Widths on both sides of a counter's four columns and of a segment's 1024.
  @Test(arguments: [1, 3, 4, 17, 1023, 1024, 1025, 2500])
  func factors(_ columns: Int) {
    let x = Input.random(Shape(3, columns), seed: 3).values
    let rows = [5, 0, 123_456]
    let mask = DropoutReference(key: key, site: 3, rate: 0.4)
    let factors = rows.flatMap { mask.factors(row: $0, columns: columns) }
    let y = dropped(
      x, columns: columns, rate: 0.4, key: key, sitesBefore: 2, identity: rows.map(Int32.init))
    compare(y, zip(x, factors).map { Double($0) * $1 }, 1e-6, "dropped")
  }

  @Test func bitsDependOnKeyPlaceAndRow() {
    let ones = [Float](repeating: 1, count: 4 * 1000)
    let first = dropped(ones, columns: 1000, rate: 0.5, key: key)
    #expect(first == dropped(ones, columns: 1000, rate: 0.5, key: key))
    let rows = stride(from: 0, to: 4000, by: 1000).map { Array(first[$0..<$0 + 1000]) }
    #expect(Set(rows).count == 4)
    var other = key
    other.step += 1
    #expect(first != dropped(ones, columns: 1000, rate: 0.5, key: other))
    other = key
    other.seed += 1
    #expect(first != dropped(ones, columns: 1000, rate: 0.5, key: other))
    other = key
    other.seed += 1 << 32
    #expect(first != dropped(ones, columns: 1000, rate: 0.5, key: other))
    #expect(first != dropped(ones, columns: 1000, rate: 0.5, key: key, sitesBefore: 1))
    // A row is known by its identity, wherever it lies.
    let moved = dropped(ones, columns: 1000, rate: 0.5, key: key, identity: [2, 0, 3, 1])
    #expect(moved[0..<1000] == first[2000..<3000])
    #expect(moved[2000..<3000] == first[3000..<4000])
  }

  @Test(arguments: [Float(0.1), 0.5, 0.9])
  func shareAndScale(_ rate: Float) {
    let count = 200 * 500
    let y = dropped([Float](repeating: 1, count: count), columns: 500, rate: rate, key: key)
    // The rate is rounded down to a multiple of 2⁻¹⁶, and what is kept makes up for exactly that.
    let kept = 65536 / (65536 - (rate * 65536).rounded(.down))
    #expect(y.allSatisfy { $0 == 0 || $0 == kept })
    // Five standard deviations of the mean of that many draws.
    let deviation = (Double(rate * (1 - rate)) / Double(count)).squareRoot()
    let share = Double(y.count { $0 == 0 }) / Double(count)
    #expect(abs(share - Double(rate)) < 5 * deviation)
  }

  @Test func offWithoutKeyOrRate() {
    let x = Input.random(Shape(2, 6), seed: 3).values
    #expect(dropped(x, columns: 6, rate: 0.5, key: nil) == x)
    #expect(dropped(x, columns: 6, rate: 0, key: key) == x)
  }

  @Test func gradientUsesTheSameMask() {
    let x = Input.random(Shape(7, 1100), seed: 3)
    let identity: [Int32] = [3, 1, 4, 15, 9, 2, 6]
    let mask = DropoutReference(key: key, site: 1, rate: 0.3)
    let factors = identity.flatMap { mask.factors(row: Int($0), columns: 1100) }
    LayerCheck(parameters: [], inputs: [x], dropout: key) {
      zip($1[0], factors).map { $0 * $1 }
    } _: { tape, _, x in
      tape.dropout(x[0], rate: 0.3, identity: tape.indices(identity.span))
    }
    LayerCheck(parameters: [], inputs: [x], dropout: key) {
      zip($1[0], factors).map { $0 * ($1 + 1) }
    } _: { tape, _, x in
      let shared = tape.scale(x[0], by: 1)
      let dropped = tape.dropout(shared, rate: 0.3, identity: tape.indices(identity.span))
      return tape.add(dropped, shared)
    }
  }
}
