import Autodiff
import Tensors
import Testing

/// An embedding of one of the forms that models have.
struct EmbeddingForm: Sendable, CustomTestStringConvertible {
  var hasPositions: Bool
  var hasTypes: Bool
  var norm: NormForm?

  var testDescription: String {
    "words\(hasPositions ? ", positions" : "")\(hasTypes ? ", types" : "")"
      + (norm.map { ", \($0.testDescription)" } ?? "")
  }

  static let all = [(true, true), (true, false), (false, true), (false, false)].flatMap { tables in
    ([nil] + NormForm.all).map {
      EmbeddingForm(hasPositions: tables.0, hasTypes: tables.1, norm: $0)
    }
  }
}

@Suite struct EmbeddingTests {
  private let key = DropoutKey(seed: 0xFEED_0123_4567_89AB, step: 5)

  // Ids, positions and types repeat: their gradients are sums.
  private static let ids: [Int32] = [3, 3, 0, 8, 3, 1, 8]
  private static let places: [Int32] = [0, 1, 2, 3, 0, 1, 4]
  private static let types: [Int32] = [0, 0, 1, 1, 0, 1, 1]
  private static let identity: [Int32] = [10, 11, 12, 13, 2, 3, 4]

  private static func rows(on tape: inout Tape) -> TokenRows {
    TokenRows(
      ids: tape.indices(ids.span), places: tape.indices(places.span),
      types: tape.indices(types.span), identity: tape.indices(identity.span))
  }

  private func sums(
    words: [Double], positions: [Double]?, types: [Double]?, width: Int
  ) -> [Double] {
    Self.ids.indices.flatMap { t in
      (0..<width).map { c in
        words[Int(Self.ids[t]) * width + c]
          + (positions.map { $0[Int(Self.places[t]) * width + c] } ?? 0)
          + (types.map { $0[Int(Self.types[t]) * width + c] } ?? 0)
      }
    }
  }

  @Test(arguments: EmbeddingForm.all, [Float(0), 0.2])
  func embedding(_ form: EmbeddingForm, _ rate: Float) {
    let width = 21
    var parameters = [Input.random(Shape(9, width), seed: 1)]
    if form.hasPositions { parameters.append(.random(Shape(5, width), seed: 2)) }
    if form.hasTypes { parameters.append(.random(Shape(2, width), seed: 3)) }
    let tables = parameters.count
    parameters += form.norm?.parameters(width: width) ?? []
    let mask = DropoutReference(key: key, site: 1, rate: rate)
    let factors = Self.identity.flatMap { mask.factors(row: Int($0), columns: width) }
    LayerCheck(parameters: parameters, inputs: [], dropout: key, samples: 100) { p, _ in
      let sums = sums(
        words: p[0], positions: form.hasPositions ? p[1] : nil,
        types: form.hasTypes ? p[tables - 1] : nil, width: width)
      let y = form.norm?.reference(sums, p[tables...]) ?? sums
      return zip(y, factors).map(*)
    } _: { tape, p, _ in
      tape.embedding(
        Self.rows(on: &tape),
        EmbeddingParameters(
          words: p[0], positions: form.hasPositions ? p[1] : nil,
          types: form.hasTypes ? p[tables - 1] : nil, norm: form.norm.map { $0(p[tables...]) }),
        dropout: rate)
    }
  }

  /// Rows in front of the first position are never read; their gradients stay 0.
  @Test(arguments: [nil, NormForm()])
  func positionOffset(_ norm: NormForm?) {
    let (width, offset) = (6, 3)
    let parameters =
      [
        Input.random(Shape(9, width), seed: 1), .random(Shape(offset + 5, width), seed: 2),
        .random(Shape(2, width), seed: 3),
      ] + (norm?.parameters(width: width) ?? [])
    LayerCheck(parameters: parameters, inputs: [], samples: 100) { p, _ in
      let sums = sums(
        words: p[0], positions: Array(p[1][offset * width..<p[1].count]), types: p[2],
        width: width)
      return norm?.reference(sums, p[3...]) ?? sums
    } _: { tape, p, _ in
      tape.embedding(
        Self.rows(on: &tape),
        EmbeddingParameters(
          words: p[0], positions: p[1], positionOffset: offset, types: p[2],
          norm: norm.map { $0(p[3...]) }),
        dropout: 0)
    }
  }

  /// A table of words that is the weight of the output as well: its gradient is that of the rows
  /// that were looked up and of the product, of which the second has all rows.
  @Test func tiedToTheOutput() {
    let (words, width) = (9, 6)
    let parameters = [Input.random(Shape(words, width), -0.5...0.5, seed: 1)]
    LayerCheck(parameters: parameters, inputs: [], samples: 100) { p, _ in
      let sums = sums(words: p[0], positions: nil, types: nil, width: width)
      return Reference.linear(sums, p[0], nil, inner: width)
    } _: { tape, p, _ in
      let x = tape.embedding(
        Self.rows(on: &tape), EmbeddingParameters(words: p[0]), dropout: 0)
      return tape.linear(x, p[0], nil)
    }
  }

  /// A table that is declared to be looked up has no rounded copy.
  @Test func lookupsAreNotCopied() throws {
    var table = ParameterTable()
    let words = table.add("words", Shape(5, 4), decays: true, use: .lookup)
    let weight = table.add("weight", Shape(4, 4), decays: true)
    let positions = table.add("positions", Shape(3, 4), decays: true, use: .lookup)
    let bias = table.add("bias", Shape(4), decays: false)
    #expect(table.isLookup(words) && table.isLookup(words.rows(1..<2)))
    #expect(table.isLookup(positions) && !table.isLookup(weight) && !table.isLookup(bias))
    #expect(table.entries.map(\.use) == [.lookup, .any, .lookup, .any])
    let parameters = Parameters(table)
    for i in 0..<table.count { parameters.values.floats[i] = Float(i % 5) - 1.5 }
    let reduced = try #require(ReducedWeights(parameters, .bf16))
    let halves = withExtendedLifetime(reduced) { reduced.bfloats?.array ?? [] }
    for (parameter, isCopied) in [(words, false), (weight, true), (positions, false), (bias, true)]
    {
      let values =
        isCopied ? parameters[parameter].array : [Float](repeating: 0, count: parameter.shape.count)
      #expect(Array(halves[parameter.range]) == values)
    }
    // In 8 bits the matrices that are left are found by their places.
    for precision in [Precision.bf16, .int8] {
      var tape = Tape(parameters, reduced: ReducedWeights(parameters, precision))
      let x = tape.constant([Float](repeating: 0.5, count: 4).span, Shape(1, 4))
      let y = tape.values(of: tape.linear(x, weight, bias)).array
      let rows = parameters[weight].array
      for out in 0..<4 {
        let expected = 0.5 * rows[4 * out..<4 * out + 4].reduce(0, +) + parameters[bias][out]
        #expect(abs(y[out] - expected) < 0.03)
      }
    }
  }

  /// What would read foreign memory is stopped, and what would get a gradient in rows that training
  /// does not collect.
  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let words = table.add("w", Shape(3, 4), decays: true)
      var tape = Tape(Parameters(table))
      let ids: [Int32] = [3]
      let zero: [Int32] = [0]
      let zeros = tape.indices(zero.span)
      let rows = TokenRows(
        ids: tape.indices(ids.span), places: zeros, types: zeros, identity: zeros)
      _ = tape.embedding(rows, EmbeddingParameters(words: words), dropout: 0)
    }
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let words = table.add("w", Shape(3, 4), decays: true)
      let positions = table.add("p", Shape(3, 4), decays: true)
      var tape = Tape(Parameters(table))
      let (zero, one): ([Int32], [Int32]) = ([0], [1])
      let zeros = tape.indices(zero.span)
      // The table has three rows, of which two are skipped.
      let rows = TokenRows(
        ids: zeros, places: tape.indices(one.span), types: zeros, identity: zeros)
      _ = tape.embedding(
        rows, EmbeddingParameters(words: words, positions: positions, positionOffset: 2),
        dropout: 0)
    }
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let words = table.add("w", Shape(3, 4), decays: true, use: .lookup)
      var tape = Tape(Parameters(table))
      let four: [Float] = [1, 2, 3, 4]
      _ = tape.linear(tape.constant(four.span, Shape(1, 4)), words, nil)
    }
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let words = table.add("w", Shape(3, 4), decays: true, use: .lookup)
      var tape = Tape(Parameters(table))
      _ = tape.parameter(words)
    }
  }
}
