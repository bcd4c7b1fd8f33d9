import Autodiff
import Tensors
import Testing

@Suite struct TapeTests {
  /// A step that uses every operation: two layers, attention pooling within ragged lists, and a
  /// loss.
  private static func step(
    _ tape: inout Tape, _ weight: Parameter, _ bias: Parameter, rows: Int
  ) -> Value {
    var random = TestRandom(state: 5)
    let values = (0..<rows * 8).map { _ in Float.random(in: -1...1, using: &random) }
    let third = Int32(rows / 3)
    let offsets = tape.indices(([0, third, third, Int32(rows)] as [Int32]).span)
    let starts = tape.indices(([0, third] as [Int32]).span)
    let w = tape.parameter(weight)
    let x = tape.constant(values.span, Shape(rows, 8))
    var h = tape.gelu(tape.add(tape.matmul(x, w), tape.parameter(bias)))
    h = tape.add(h, tape.tanh(tape.matmul(h, w, transposingRight: true)))
    let logits = tape.mean(tape.multiply(h, h), axis: 1)
    let attention = tape.sequenceSoftmax(tape.scale(logits, by: 0.5), offsets)
    let pooled = tape.sequenceSum(
      tape.multiply(h, tape.reshape(attention, Shape(rows, 1))), offsets)
    let spread = tape.sequenceBroadcast(pooled, offsets)
    let joined = tape.concatenate(spread, tape.slice(h, axis: 1, 2..<6), axis: 1)
    let scores = tape.add(
      tape.max(tape.softplus(tape.transpose(joined)), axis: 0),
      tape.squareRoot(tape.sigmoid(tape.sum(joined, axis: 1))))
    let losses = tape.add(
      tape.sequenceMax(tape.negate(tape.sequenceLogSoftmax(scores, offsets)), offsets),
      tape.addScalar(tape.sequenceMean(tape.relu(scores), offsets), 1))
    let first = tape.gather(tape.softmax(tape.logSigmoid(h)), starts)
    return tape.add(
      tape.sum(tape.log(tape.exp(losses))),
      tape.divide(tape.mean(first), tape.max(tape.logSoftmax(first))))
  }

  private static func model() -> (parameters: Parameters, weight: Parameter, bias: Parameter) {
    var table = ParameterTable()
    let weight = table.add("weight", Shape(8, 8), decays: true)
    let bias = table.add("bias", Shape(8), decays: false)
    let parameters = Parameters(table)
    var random = TestRandom(state: 6)
    for i in 0..<table.count {
      parameters.values.floats[i] = Float.random(in: -1...1, using: &random)
    }
    return (parameters, weight, bias)
  }

  @Test func repeatsToTheBit() {
    let (parameters, weight, bias) = Self.model()
    let gradients = Storage(count: parameters.table.count)
    var tape = Tape(parameters, gradients: gradients)
    var first: [Float] = []
    for round in 0..<4 {
      tape.reset()
      gradients.floats.fill(0)
      let loss = Self.step(&tape, weight, bias, rows: 30)
      tape.backward(from: loss)
      let result = gradients.floats.array
      #expect(result.allSatisfy { $0.isFinite } && result.contains { $0 != 0 })
      if round == 0 { first = result } else { #expect(result == first) }
    }
  }

  @Test func gradientsOfParametersAddUp() {
    let (parameters, weight, bias) = Self.model()
    let gradients = Storage(count: parameters.table.count)
    var tape = Tape(parameters, gradients: gradients)
    tape.backward(from: Self.step(&tape, weight, bias, rows: 30))
    let once = gradients.floats.array
    tape.reset()
    tape.backward(from: Self.step(&tape, weight, bias, rows: 30))
    compare(gradients.floats.array, once.map { 2 * Double($0) }, 1e-5, "gradient")
  }

  /// Central differences in the parameters through the whole step, as a check of the walk itself.
  @Test func gradientOfAWholeStep() {
    let (parameters, weight, bias) = Self.model()
    let gradients = Storage(count: parameters.table.count)
    var tape = Tape(parameters, gradients: gradients)
    tape.backward(from: Self.step(&tape, weight, bias, rows: 9))
    let values = parameters.values.floats
    func loss() -> Double {
      tape.reset()
      let loss = Self.step(&tape, weight, bias, rows: 9)
      return Double(tape.values(of: loss)[0])
    }
    for i in 0..<parameters.table.count {
      let before = values[i]
      let h: Float = 1.0 / 256
      values[i] = before + h
      let above = loss()
      values[i] = before - h
      let below = loss()
      values[i] = before
      // A loss around 5 is rounded to 5e-7 on either side: 1e-4 after division by 2h.
      let numeric = (above - below) / (2 * Double(h))
      #expect(abs(Double(gradients.floats[i]) - numeric) < 2e-3 * max(1, abs(numeric)), "\(i)")
    }
  }

  @Test func memoryStopsGrowing() {
    let (parameters, weight, bias) = Self.model()
    let gradients = Storage(count: parameters.table.count)
    var tape = Tape(parameters, gradients: gradients)
    var capacity = 0
    for round in 0..<12 {
      tape.reset()
      let loss = Self.step(&tape, weight, bias, rows: round % 3 == 0 ? 6000 : 3000)
      tape.backward(from: loss)
      if round < 4 { capacity = tape.memoryCapacity }
      #expect(tape.memoryCapacity == capacity)
    }
  }

  @Test func recordsNothingWithoutGradients() {
    let (parameters, weight, bias) = Self.model()
    var recording = Tape(parameters, gradients: Storage(count: parameters.table.count))
    var reading = Tape(parameters)
    #expect(recording.isRecording && !reading.isRecording)
    let a = Self.step(&recording, weight, bias, rows: 30)
    let b = Self.step(&reading, weight, bias, rows: 30)
    #expect(recording.values(of: a).array == reading.values(of: b).array)
  }

  /// What is read of a tape is a copy, or lent: it does not change with the tape.
  @Test func copiesOutliveTheTape() {
    var table = ParameterTable()
    let weight = table.add("weight", Shape(2), decays: true)
    func read() -> (copy: [Float], lent: [Float], gradient: [Float]?, weight: [Float]) {
      let parameters = Parameters(table)
      parameters.withMutableValues(of: weight) { $0[1] = 4 }
      var tape = Tape(parameters, gradients: Storage(count: 2))
      let x = tape.variable(([1, 2] as [Float]).span, Shape(2))
      let y = tape.multiply(x, tape.parameter(weight))
      let copy = tape.array(of: y)
      let lent = tape.withValues(of: y) { [$0[0], $0[1]] }
      tape.backward(from: tape.sum(y))
      let gradient = tape.gradientArray(of: x)
      #expect(tape.gradientArray(of: y) == nil)
      tape.reset()
      _ = tape.constant([Float](repeating: .nan, count: 1000).span, Shape(1000))
      return (copy, lent, gradient, parameters.array(of: weight))
    }
    let found = read()
    #expect(found.copy == [0, 8] && found.lent == [0, 8])
    #expect(found.gradient == [0, 4] && found.weight == [0, 4])
    #expect(
      Parameters(table).withValues(of: weight) { $0.count } == 2)
  }
}
