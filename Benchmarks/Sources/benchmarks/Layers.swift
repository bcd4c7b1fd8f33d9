import Autodiff
import Tensors

/// The operations of a MiniLM layer, and attention as other encoders have it, forward and backward,
/// on one thread.
struct Layers {
  private static let width = 384
  private static let inner = 1536
  private static let heads = 12

  let precision: Precision
  /// Floating-point operations a second of products on one thread.
  let rate: Double

  /// Runs a graph forward and backward over `rows` rows and returns its share of the rate of
  /// products, counting the operations of its products.
  private func share(
    _ name: String, rows: Int, columns: Int = width, _ parameters: [(Shape, Bool)],
    _ graph: (_ tape: inout Tape, _ x: Value, _ parameters: [Parameter]) -> Value
  ) -> Measurement {
    var table = ParameterTable()
    let handles = parameters.enumerated().map {
      table.add("\($0.offset)", $0.element.0, decays: $0.element.1)
    }
    let weights = Parameters(table)
    for i in 0..<table.count { weights.values[i] = Float(i % 89) / 890 - 0.05 }
    let gradients = Storage(count: table.count)
    var tape = Tape(
      weights, gradients: gradients, reduced: ReducedWeights(weights, precision))
    let input = (0..<rows * columns).map { Float($0 % 97) / 97 - 0.5 }
    var operations = 0.0
    let seconds = shortestTime {
      let before = tape.productOperations
      tape.reset()
      let y = graph(&tape, tape.variable(input.span, Shape(rows, columns)), handles)
      let gradient = [Float](repeating: 0.5, count: tape.shape(of: y).count)
      tape.backward(from: y, gradient: gradient.span)
      operations = tape.productOperations - before
    }
    return Measurement(name: "\(name) \(precision.rawValue)", share: operations / seconds / rate)
  }

  /// Self-attention of 2048 rows; what the mask hides is not counted.
  private func attention(
    _ name: String, length: Int, _ options: AttentionOptions
  ) -> Measurement {
    let columns = options.queryColumns + 2 * options.keyColumns
    return share(name, rows: 2048, columns: columns, [(Shape(1), false)]) { tape, x, _ in
      let offsets = (0...2048 / length).map { Int32($0 * length) }
      let rows = PackedRows(
        offsets: tape.indices(offsets.span),
        identity: tape.indices((0..<2048).map { Int32($0) }.span))
      // A given value has a gradient of its own, which attention does not write to.
      return tape.selfAttention(tape.scale(x, by: 1), rows, options)
    }
  }

  /// All operations.
  func measure() -> [Measurement] {
    let (width, inner, gated) = (Self.width, Self.inner, Self.inner * 2 / 3)
    var found = [
      share(
        "linear, 2048 rows", rows: 2048,
        [(Shape(3 * width, width), true), (Shape(3 * width), false)]
      ) {
        $0.linear($1, $2[0], $2[1])
      },
      share(
        "feed-forward, 2048 rows", rows: 2048,
        [
          (Shape(inner, width), true), (Shape(inner), false), (Shape(width, inner), true),
          (Shape(width), false),
        ]
      ) {
        $0.feedForward(
          $1,
          FeedForwardParameters(
            up: DenseParameters(weight: $2[0], bias: $2[1]),
            down: DenseParameters(weight: $2[2], bias: $2[3]), activation: .gelu))
      },
      // Two thirds of the inner width make as many parameters as without a gate.
      share(
        "gated feed-forward, 2048 rows", rows: 2048,
        [(Shape(2 * gated, width), true), (Shape(width, gated), true)]
      ) {
        $0.feedForward(
          $1,
          FeedForwardParameters(
            up: .joined(DenseParameters(weight: $2[0], bias: nil)),
            down: DenseParameters(weight: $2[1], bias: nil), activation: .silu))
      },
    ]
    for length in [64, 256, 512] {
      found.append(
        attention(
          "attention, sequences of \(length)", length: length,
          AttentionOptions(heads: Self.heads, headWidth: width / Self.heads)))
    }
    // A local layer of ModernBERT: per token, a longer sequence costs no more.
    var local = AttentionOptions(heads: 12, headWidth: 64)
    local.mask = .window(radius: 64)
    local.rotary = RotaryTable(base: 10_000, width: 64, positions: 2048)
    for length in [512, 2048] {
      found.append(attention("window, rotary, sequences of \(length)", length: length, local))
    }
    // A layer of a decoder: grouped keys and values, behind a causal mask.
    var causal = AttentionOptions(heads: 12, keyValueHeads: 4, headWidth: 64)
    causal.mask = .causal
    causal.rotary = local.rotary
    found.append(attention("causal, rotary, grouped, sequences of 512", length: 512, causal))
    // Norms compute in 32 bits whatever the precision.
    guard precision == .f32 else { return found }
    found.append(
      // A layer with its norm: what the norm costs is missing from the share.
      share(
        "linear with residual and norm, 2048 rows", rows: 2048,
        [
          (Shape(width, width), true), (Shape(width), false), (Shape(width), false),
          (Shape(width), false),
        ]
      ) { tape, x, p in
        tape.residualNorm(
          x, tape.linear(x, p[0], p[1]), NormParameters(gamma: p[2], beta: p[3], epsilon: 1e-12),
          dropout: 0, identity: nil)
      })
    found.append(
      // The same with the norm in front, of the other kind.
      share(
        "RMSNorm, linear and residual, 2048 rows", rows: 2048,
        [(Shape(width, width), true), (Shape(width), false)]
      ) { tape, x, p in
        let normed = tape.norm(x, NormParameters(.rms, gamma: p[1], beta: nil, epsilon: 1e-6))
        return tape.residual(x, tape.linear(normed, p[0], nil), dropout: 0, identity: nil)
      })
    return found
  }
}
