import Autodiff
import Batches
import ModelSupport
import Models
import Tensors
import Testing
import Tokenization

@Suite struct EncoderTests {
  private func batch(_ lengths: [Int]) -> PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, length) in lengths.enumerated() {
      batch.append(member: member, firstRow: row) { ids, types in
        for i in 0..<length {
          ids.append(Int32((member * 31 + i * 17) % 600))
          types.append(i > length / 2 ? 1 : 0)
        }
      }
      row += length
    }
    return batch
  }

  /// A model put together in memory, of the weights that a file would hold.
  private func model(
    width: Int = 32, layers: Int = 2, inner: Int = 48, positions: Int = 64
  ) throws -> CrossEncoder {
    let tiny = TinyModel(width: width, layers: layers, inner: inner, positions: positions)
    let words = tiny.vocabulary ?? []
    let architecture = BERT(
      vocabularySize: words.count, hiddenSize: width, layers: layers, heads: 4, innerSize: inner,
      maximumPositions: positions, tokenTypes: 2, activation: .gelu, hiddenDropout: 0.1,
      attentionDropout: 0.1, classifierDropout: 0.1, layerNormEpsilon: 1e-12,
      initializerRange: 0.02, paddingID: 0)
    var table = ParameterTable()
    let parts = CrossEncoderLayers(architecture, in: &table)
    let parameters = Parameters(table)
    for entry in table.entries {
      let tensor = try #require(tiny.tensors[entry.name])
      #expect(tensor.shape == entry.parameter.shape.array)
      let values = parameters[entry.parameter]
      for i in 0..<values.count { values[i] = tensor.values[i] }
    }
    return CrossEncoder(
      parts, parameters,
      tokenizer: try Tokenizer(
        vocabulary: Array(words.joined(separator: "\n").utf8), lowercase: true,
        stripsAccents: true, separatesIdeographs: true, name: "vocab.txt"),
      sidecar: ModelSidecar(place: "memory", files: [:]))
  }

  /// The short way to the first rows gives their values and all gradients.
  @Test(arguments: [1, 2, 3])
  func firstRows(_ layers: Int) throws {
    let model = try model(layers: layers, positions: 128)
    var table = ParameterTable()
    let encoder = Encoder(model.blueprint, in: &table)
    let parameters = Parameters(table)
    for entry in table.entries {
      let own = try #require(model.parameters.table[entry.name])
      parameters[entry.parameter].copy(from: model.parameters[own])
    }
    let batch = batch([1, 9, 60, 2, 100])
    let width = model.blueprint.hiddenSize
    let weights = (0..<5 * width).map { Float($0 % 13) / 6 - 1 }

    let short = Storage(count: table.count)
    var tape = Tape(parameters, gradients: short)
    let first = encoder.pooled(PlacedBatch(batch, on: &tape), by: .first, on: &tape)
    let firstValues = tape.values(of: first).array
    tape.backward(from: first, gradient: weights.span)

    let long = Storage(count: table.count)
    var other = Tape(parameters, gradients: long)
    let all = encoder(PlacedBatch(batch, on: &other), on: &other)
    let starts = other.indices(batch.offsets.span.extracting(first: batch.sequences))
    let gathered = other.gather(all, starts)
    let allValues = other.values(of: gathered).array
    other.backward(from: gathered, gradient: weights.span)

    for (a, b) in zip(firstValues, allValues) { #expect(abs(a - b) < 1e-5) }
    for entry in table.entries {
      let a = short.floats[entry.parameter.range].array
      let b = long.floats[entry.parameter.range].array
      let size = b.map(abs).max() ?? 0
      let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
      // Gradients are sums over 172 rows in different orders.
      #expect(worst <= 2e-5 * max(1, size), "\(entry.name): off by \(worst) of \(size)")
    }
  }

  /// Each sequence is read alone: its scores do not depend on what else is in the batch.
  @Test func sequencesAreApart() throws {
    let model = try model()
    func scores(_ lengths: [Int]) -> [Float] {
      var tape = Tape(model.parameters)
      let placed = PlacedBatch(batch(lengths), on: &tape)
      return tape.values(of: model.scores(placed, on: &tape)).array
    }
    let together = scores([5, 50, 7, 64])
    let fewer = scores([5, 50])
    for i in 0..<2 { #expect(abs(together[i] - fewer[i]) < 1e-6) }
    #expect(Set(together).count == 4)
  }

  /// Without a gradient buffer memory is given back along the way: it does not grow with the
  /// layers.
  @Test func memoryOfReading() throws {
    func capacity(_ layers: Int) throws -> Int {
      let model = try model(width: 64, layers: layers, inner: 128)
      var tape = Tape(model.parameters)
      let lengths = [Int](repeating: 60, count: 40)
      let placed = PlacedBatch(batch(lengths), on: &tape)
      _ = model.scores(placed, on: &tape)
      return tape.memoryCapacity
    }
    #expect(try capacity(8) == capacity(3))
  }
}
