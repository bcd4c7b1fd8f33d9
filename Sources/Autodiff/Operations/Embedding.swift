public import Tensors

/// The parameters of a BERT embedding: three tables `[rows, width]` and a LayerNorm `[width]`.
public struct EmbeddingParameters: Sendable {
  /// One row a token id.
  public let words: Parameter
  /// One row a position.
  public let positions: Parameter
  /// One row a token type.
  public let types: Parameter
  /// LayerNorm's scale.
  public let gamma: Parameter
  /// LayerNorm's shift.
  public let beta: Parameter

  /// All tables must have rows of one width.
  public init(
    words: Parameter, positions: Parameter, types: Parameter, gamma: Parameter, beta: Parameter
  ) {
    self.words = words
    self.positions = positions
    self.types = types
    self.gamma = gamma
    self.beta = beta
  }
}

/// `dropout(LayerNorm(words[id] + positions[place] + types[type]))`.
struct Embedding {
  let rows: TokenRows
  let parameters: EmbeddingParameters
  let site: DropoutSite
  /// Mean and 1/deviation of each row.
  let statistics: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    RowKernels.embedBackward(
      tape.incoming(y), rows, parameters.tables { tape.weights($0) }, statistics: statistics,
      gradients: parameters.tables { tape.weightGradients($0) }, site)
    tape.blocks.giveBack(statistics)
  }
}

extension EmbeddingParameters {
  fileprivate func tables(_ values: (Parameter) -> Floats) -> EmbeddingTables {
    EmbeddingTables(
      words: values(words), positions: values(positions), types: values(types),
      gamma: values(gamma), beta: values(beta))
  }
}

extension Tape {
  /// The embedding of a packed batch: for each of T tokens the sum of its word's, position's and
  /// type's rows, LayerNorm, dropout; `[T, width]`.
  public mutating func embedding(
    _ rows: TokenRows, _ parameters: EmbeddingParameters, epsilon: Float, dropout rate: Float
  ) -> Value {
    let site = dropoutSite(rate: rate)
    let statistics = blocks.take(2 * rows.ids.count)
    let y = append(
      .embedding(
        Embedding(rows: rows, parameters: parameters, site: site, statistics: statistics)),
      Shape(rows.ids.count, parameters.gamma.shape.count), needsGradient: isRecording)
    RowKernels.embed(
      rows, parameters.tables { weights($0) }, into: values(of: y), statistics: statistics,
      epsilon: epsilon, site)
    if !isRecording { blocks.giveBack(statistics) }
    return y
  }
}
