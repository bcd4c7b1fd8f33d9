import Tensors
import Testing

/// The gate of a feed-forward layer against the activation's own kernels, which are held against
/// double precision elsewhere.
@Suite struct GateKernelTests {
  private let owners = Owners()
  private let rows = 7
  private let columns = 37

  private func numbers(_ count: Int, seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 2001 - 1000) / 250 }
  }

  private func storage(_ values: [Float]) -> Storage {
    let storage = owners.keep(Storage(count: values.count))
    storage.floats.copy(from: values.span)
    return storage
  }

  private func halves(_ values: [Float]) -> BFloatStorage {
    let halves = owners.keep(BFloatStorage(count: values.count))
    halves.bfloats.copy(rounding: storage(values).floats)
    return halves
  }

  private func columns(_ values: [Float], from first: Int, of width: Int) -> [Float] {
    (0..<rows).flatMap { row in
      values[row * width + first..<row * width + first + columns]
    }
  }

  /// The values and gradients from the activation's kernels.
  private func expected(
    _ activation: Activation, gate: [Float], up: [Float], d: [Float]
  ) -> (y: [Float], dgate: [Float], dup: [Float]) {
    let (input, value) = (storage(gate), storage(gate))
    let slope = storage(zip(d, up).map(*))
    let count = gate.count
    func row(_ storage: Storage) -> Matrix { Matrix(storage.floats, rows: 1, columns: count) }
    RowKernels.activateBackward(activation, row(input), into: row(value), gradient: row(slope))
    let values = value.array
    return (zip(values, up).map(*), slope.array, zip(values, d).map(*))
  }

  /// Products of the same numbers in another order: two roundings of a value, relative above 1.
  private func expectNear(
    _ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }
        && found.count == expected.count, sourceLocation: sourceLocation)
  }

  /// Side by side in one matrix with columns between and behind, and apart.
  @Test(arguments: Activation.allCases, [true, false])
  func floats(_ activation: Activation, _ isJoined: Bool) {
    let stride = isJoined ? 2 * columns + 3 : columns
    let memory = storage(numbers(2 * rows * stride, seed: 1))
    let slopes = storage(numbers(2 * rows * stride, seed: 2))
    let before = slopes.array
    func parts(_ floats: Floats) -> (gate: Matrix, up: Matrix) {
      if isJoined {
        let whole = Matrix(floats[0..<rows * stride], rows: rows, columns: stride)
        return (whole.columns(0..<columns), whole.columns(columns + 2..<2 * columns + 2))
      }
      return (
        Matrix(floats[0..<rows * stride], rows: rows, columns: columns),
        Matrix(floats[rows * stride..<2 * rows * stride], rows: rows, columns: columns)
      )
    }
    func read(_ values: [Float]) -> (gate: [Float], up: [Float]) {
      isJoined
        ? (columns(values, from: 0, of: stride), columns(values, from: columns + 2, of: stride))
        : (Array(values[..<(rows * stride)]), Array(values[(rows * stride)...]))
    }
    let (gate, up) = read(memory.array)
    let d = numbers(rows * columns, seed: 3)
    let expected = expected(activation, gate: gate, up: up, d: d)
    let (y, incoming) = (storage(d), storage(d))
    func plain(_ storage: Storage) -> Matrix {
      Matrix(storage.floats, rows: rows, columns: columns)
    }
    let inputs = parts(memory.floats)
    RowKernels.gate(activation, gate: inputs.gate, up: inputs.up, into: plain(y))
    expectNear(y.array, expected.y)
    y.floats.fill(.nan)
    let outputs = parts(slopes.floats)
    RowKernels.gateBackward(
      activation, gate: inputs.gate, up: inputs.up, gradient: plain(incoming), into: plain(y),
      gateGradient: outputs.gate, upGradient: outputs.up)
    expectNear(y.array, expected.y)
    let found = read(slopes.array)
    expectNear(found.gate, expected.dgate)
    expectNear(found.up, expected.dup)
    #expect(incoming.array == d)
    if isJoined {
      let after = slopes.array
      for row in 0..<rows {
        for column in [columns, columns + 1, 2 * columns + 2] {
          #expect(after[row * stride + column] == before[row * stride + column])
        }
      }
    }
  }

  /// Of bfloat16 numbers: what the same kernels give for `Float`s of the same values, rounded.
  @Test(arguments: Activation.allCases)
  func bfloat16(_ activation: Activation) {
    let count = rows * columns
    let gate = halves(numbers(count, seed: 1))
    let up = halves(numbers(count, seed: 2))
    let d = halves(numbers(count, seed: 3))
    let results = (0..<4).map { _ in halves([Float](repeating: .nan, count: count)) }
    func matrix(_ storage: BFloatStorage) -> Matrix {
      Matrix(storage.bfloats, rows: rows, columns: columns)
    }
    RowKernels.gate(activation, gate: matrix(gate), up: matrix(up), into: matrix(results[0]))
    RowKernels.gateBackward(
      activation, gate: matrix(gate), up: matrix(up), gradient: matrix(d),
      into: matrix(results[1]), gateGradient: matrix(results[2]), upGradient: matrix(results[3]))
    let inputs = [gate, up, d].map { storage($0.bfloats.array) }
    let exact = (0..<3).map { _ in storage([Float](repeating: .nan, count: count)) }
    func plain(_ storage: Storage) -> Matrix {
      Matrix(storage.floats, rows: rows, columns: columns)
    }
    RowKernels.gateBackward(
      activation, gate: plain(inputs[0]), up: plain(inputs[1]), gradient: plain(inputs[2]),
      into: plain(exact[0]), gateGradient: plain(exact[1]), upGradient: plain(exact[2]))
    let rounded = exact.map { halves($0.array).bfloats.array }
    #expect(results[0].bfloats.array == rounded[0])
    #expect(results[1].bfloats.array == rounded[0])
    #expect(results[2].bfloats.array == rounded[1])
    #expect(results[3].bfloats.array == rounded[2])
  }
}
