public import Tensors

/// A norm of rows: its kind, its parameters `[width]` and `epsilon`.
public struct NormParameters: Sendable, Equatable {
  /// LayerNorm or RMSNorm.
  public let kind: NormKind
  /// The factor of the normalized values.
  public let gamma: Parameter
  /// The offset added to the product; nil for none.
  public let beta: Parameter?
  /// The constant added to the variance (LayerNorm) or the mean square (RMSNorm).
  public let epsilon: Float
  /// The number added to `gamma`: 1 in Gemma, whose factors are stored as differences from 1.
  public let shift: Float

  /// `gamma` and `beta` have one value per column.
  public init(
    _ kind: NormKind = .layer, gamma: Parameter, beta: Parameter?, epsilon: Float, shift: Float = 0
  ) {
    precondition(
      beta.map { $0.shape.count == gamma.shape.count } ?? true,
      "a norm's gamma \(gamma.shape) and beta \(beta.map { "\($0.shape)" } ?? "none")")
    self.kind = kind
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
    self.shift = shift
  }

  /// The number of columns of a row.
  public var width: Int { gamma.shape.count }

  /// The parameters' memory that `values` returns: weights or gradients.
  func floats(_ values: (Parameter) -> Floats) -> NormWeights {
    NormWeights(
      kind, gamma: values(gamma), beta: beta.map(values), epsilon: epsilon, shift: shift)
  }
}

/// `norm(x)`. The backward pass recomputes the normalized values from `x` and its statistics.
struct Norm {
  let x: Value
  let parameters: NormParameters
  /// Mean (0 for RMSNorm) and 1/deviation of each row, `[rows, 2]`.
  let statistics: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    let dx = tape.target(x)
    RowKernels.normBackward(
      tape.incoming(y), x: tape.values(of: x), parameters.floats { tape.weights($0) },
      statistics: statistics, dx: dx?.floats, dxIsFresh: dx?.isFresh ?? false,
      gradients: parameters.floats { tape.weightGradients($0) })
    tape.blocks.giveBack(statistics)
  }
}

extension Tape {
  /// LayerNorm or RMSNorm, row by row: x and y `[…, width]`. `x` is left unchanged and may have
  /// other uses, as the input of a pre-norm sublayer does (Xiong et al., 2020).
  public mutating func norm(_ x: Value, _ parameters: NormParameters) -> Value {
    let shape = shape(of: x)
    precondition(
      shape.columns == parameters.width, "norm: x \(shape), gamma \(parameters.gamma.shape)")
    let statistics = blocks.take(2 * shape.rows)
    let y = append(
      .norm(Norm(x: x, parameters: parameters, statistics: statistics)), shape,
      needsGradient: needsGradient(x) || !isFrozen(parameters.gamma))
    RowKernels.norm(
      values(of: x), parameters.floats { weights($0) }, into: values(of: y),
      statistics: statistics)
    if !isRecording { blocks.giveBack(statistics) }
    return y
  }
}
