public import Tensors

/// The parameters of an embedding: tables `[rows, width]`, and a norm of the sum of their rows.
/// Only the token embeddings are required.
public struct EmbeddingParameters: Sendable {
  /// The token embeddings, one row per token id.
  public let words: Parameter
  /// The position embeddings, one row per position from the first that a token may have; nil for
  /// none.
  public let positions: Parameter?
  /// The token type embeddings, one row per token type; nil for none.
  public let types: Parameter?
  /// The norm of the sum; nil for none.
  public let norm: NormParameters?

  /// All tables must have rows of the same width. The first `positionOffset` rows of `positions`
  /// are skipped: position i of a sequence has row `positionOffset + i` (RoBERTa's padding id + 1).
  public init(
    words: Parameter, positions: Parameter? = nil, positionOffset: Int = 0,
    types: Parameter? = nil, norm: NormParameters? = nil
  ) {
    let width = words.shape.columns
    precondition(
      words.shape.rank == 2 && width > 0 && (positions.map { $0.shape.columns == width } ?? true)
        && (types.map { $0.shape.columns == width } ?? true)
        && (norm.map { $0.width == width } ?? true),
      "an embedding's tables have rows of different widths")
    self.words = words
    self.positions = positions.map {
      positionOffset == 0 ? $0 : $0.rows(positionOffset..<$0.shape[0])
    }
    self.types = types
    self.norm = norm
  }

  /// The number of columns of a row.
  public var width: Int { words.shape.columns }

  fileprivate func tables(_ values: (Parameter) -> Floats) -> EmbeddingTables {
    EmbeddingTables(
      words: values(words), positions: positions.map(values), types: types.map(values),
      norm: norm.map { $0.floats(values) })
  }
}

/// `dropout(norm(words[id] + positions[place] + types[type]))`.
struct Embedding {
  let rows: TokenRows
  let parameters: EmbeddingParameters
  let site: DropoutSite
  /// Mean and 1/deviation of each row, if there is a norm.
  let statistics: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    RowKernels.embedBackward(
      tape.incoming(y), rows, parameters.tables { tape.weights($0) }, columns: parameters.width,
      statistics: statistics, gradients: parameters.tables { tape.weightGradients($0) }, site)
    tape.blocks.giveBack(statistics)
  }
}

extension Tape {
  /// The embedding of a packed batch: for each of T tokens the sum of its token, position and token
  /// type embeddings, then norm and dropout; `[T, width]`.
  public mutating func embedding(
    _ rows: TokenRows, _ parameters: EmbeddingParameters, dropout rate: Float
  ) -> Value {
    let site = dropoutSite(rate: rate)
    let statistics = blocks.take(parameters.norm == nil ? 0 : 2 * rows.ids.count)
    let y = append(
      .embedding(
        Embedding(rows: rows, parameters: parameters, site: site, statistics: statistics)),
      Shape(rows.ids.count, parameters.width), needsGradient: isRecording)
    RowKernels.embed(
      rows, parameters.tables { weights($0) }, columns: parameters.width, into: values(of: y),
      statistics: statistics, site)
    if !isRecording { blocks.giveBack(statistics) }
    return y
  }
}
