import CKernels

/// The three tables whose rows are added for each token, or their gradients: words, positions,
/// token types, each `[rows, columns]`.
package struct EmbeddingTables: Sendable {
  package let words: Floats
  package let positions: Floats
  package let types: Floats
  package let gamma: Floats
  package let beta: Floats

  package init(words: Floats, positions: Floats, types: Floats, gamma: Floats, beta: Floats) {
    precondition(gamma.count == beta.count && gamma.count <= RowKernels.widestRow)
    self.words = words
    self.positions = positions
    self.types = types
    self.gamma = gamma
    self.beta = beta
  }
}

/// What is looked up for each token of a packed batch: all `[T]`.
public struct TokenRows: Sendable {
  /// Rows of the word table.
  public let ids: Indices
  /// Rows of the position table.
  public let places: Indices
  /// Rows of the token type table.
  public let types: Indices
  /// What dropout knows each token by; the same whichever worker has it.
  public let identity: Indices

  /// All must have the same count.
  public init(ids: Indices, places: Indices, types: Indices, identity: Indices) {
    precondition(
      ids.count == places.count && ids.count == types.count && ids.count == identity.count)
    self.ids = ids
    self.places = places
    self.types = types
    self.identity = identity
  }
}

extension RowKernels {
  /// `y = dropout(LayerNorm(words + positions + types))`; `statistics` `[T, 2]` is kept.
  package static func embed(
    _ rows: TokenRows, _ tables: EmbeddingTables, into y: Floats, statistics: Floats,
    epsilon: Float, _ site: DropoutSite
  ) {
    check(rows, tables, y)
    precondition(statistics.count == 2 * rows.ids.count)
    unsafe ltr_embedding(
      rows.ids.start, rows.places.start, rows.types.start, tables.words.start,
      tables.positions.start, tables.types.start, tables.gamma.start, tables.beta.start, y.start,
      statistics.start, rows.ids.count, tables.gamma.count, epsilon, site.kernel,
      rows.identity.start)
  }

  package static func embedBackward(
    _ dy: Floats, _ rows: TokenRows, _ tables: EmbeddingTables, statistics: Floats,
    gradients: EmbeddingTables, _ site: DropoutSite
  ) {
    check(rows, tables, dy)
    unsafe ltr_embedding_backward(
      dy.start, rows.ids.start, rows.places.start, rows.types.start, tables.words.start,
      tables.positions.start, tables.types.start, tables.gamma.start, statistics.start,
      gradients.words.start, gradients.positions.start, gradients.types.start,
      gradients.gamma.start, gradients.beta.start, rows.ids.count, tables.gamma.count, site.kernel,
      rows.identity.start)
  }

  /// Ids come from users' files by way of the tokenizer: looking one up outside the table would
  /// read foreign memory.
  private static func check(_ rows: TokenRows, _ tables: EmbeddingTables, _ y: Floats) {
    let columns = tables.gamma.count
    precondition(y.count == rows.ids.count * columns)
    check(rows.ids, below: tables.words.count / columns, "token id")
    check(rows.places, below: tables.positions.count / columns, "position")
    check(rows.types, below: tables.types.count / columns, "token type")
  }

  private static func check(_ indices: Indices, below limit: Int, _ what: String) {
    for i in 0..<indices.count {
      let index = indices[i]
      precondition(index >= 0 && index < limit, "\(what) \(index) in a table of \(limit) rows")
    }
  }
}
