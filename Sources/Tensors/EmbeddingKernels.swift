import CKernels

/// The tables whose rows are added for each token, each `[rows, columns]`, and the norm of the sum;
/// or their gradients. All except the token embeddings may be missing.
package struct EmbeddingTables: Sendable {
  package let words: Floats
  package let positions: Floats?
  package let types: Floats?
  package let norm: NormWeights?

  package init(words: Floats, positions: Floats?, types: Floats?, norm: NormWeights?) {
    self.words = words
    self.positions = positions
    self.types = types
    self.norm = norm
  }

  /// The tables and norm of BERT: all three tables and LayerNorm, for which there are specialised
  /// kernels.
  fileprivate var bert: (positions: Floats, types: Floats, gamma: Floats, beta: Floats)? {
    guard let positions, let types, let (gamma, beta) = norm?.layerNorm else { return nil }
    return (positions, types, gamma, beta)
  }
}

/// The rows to look up for each token of a packed batch: all `[T]`.
public struct TokenRows: Sendable {
  /// Rows of the token embeddings.
  public let ids: Indices
  /// Rows of the position embeddings.
  public let places: Indices
  /// Rows of the token type embeddings.
  public let types: Indices
  /// The identity of each token for dropout, which does not depend on the worker.
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
  /// `y = dropout(norm(words + positions + types))` `[T, columns]`; `statistics` `[T, 2]` is saved
  /// for the backward pass if there is a norm.
  package static func embed(
    _ rows: TokenRows, _ tables: EmbeddingTables, columns: Int, into y: Floats,
    statistics: Floats, _ site: DropoutSite
  ) {
    check(rows, tables, columns, y)
    precondition(statistics.count == (tables.norm == nil ? 0 : 2 * rows.ids.count))
    if let bert = tables.bert, let epsilon = tables.norm?.epsilon {
      unsafe ltr_embedding(
        rows.ids.start, rows.places.start, rows.types.start, tables.words.start,
        bert.positions.start, bert.types.start, bert.gamma.start, bert.beta.start, y.start,
        statistics.start, rows.ids.count, columns, epsilon, site.kernel, rows.identity.start)
      return
    }
    var lookup = unsafe lookup(rows, tables)
    unsafe withNorm(of: tables) { norm in
      unsafe ltr_embed(
        &lookup, norm, y.start, statistics.start, rows.ids.count, columns, site.kernel,
        rows.identity.start)
    }
  }

  /// Adds to all gradients.
  package static func embedBackward(
    _ dy: Floats, _ rows: TokenRows, _ tables: EmbeddingTables, columns: Int, statistics: Floats,
    gradients: EmbeddingTables, _ site: DropoutSite
  ) {
    check(rows, tables, columns, dy)
    if let bert = tables.bert, let slopes = gradients.bert {
      unsafe ltr_embedding_backward(
        dy.start, rows.ids.start, rows.places.start, rows.types.start, tables.words.start,
        bert.positions.start, bert.types.start, bert.gamma.start, statistics.start,
        gradients.words.start, slopes.positions.start, slopes.types.start, slopes.gamma.start,
        slopes.beta.start, rows.ids.count, columns, site.kernel, rows.identity.start)
      return
    }
    var lookup = unsafe lookup(rows, tables)
    var slopes = unsafe ltr_lookup_gradients(
      words: gradients.words.start, positions: gradients.positions?.start,
      types: gradients.types?.start, gamma: gradients.norm?.gamma.start,
      beta: gradients.norm?.beta?.start)
    unsafe withNorm(of: tables) { norm in
      unsafe ltr_embed_backward(
        dy.start, &lookup, norm, statistics.start, &slopes, rows.ids.count, columns, site.kernel,
        rows.identity.start)
    }
  }

  private static func lookup(_ rows: TokenRows, _ tables: EmbeddingTables) -> ltr_lookup {
    unsafe ltr_lookup(
      ids: rows.ids.start, places: rows.places.start, kinds: rows.types.start,
      words: tables.words.start, positions: tables.positions?.start, types: tables.types?.start)
  }

  private static func withNorm(
    of tables: EmbeddingTables, _ body: (UnsafePointer<ltr_norm>?) -> Void
  ) {
    if let norm = tables.norm {
      var kernel = unsafe norm.kernel
      unsafe body(&kernel)
    } else {
      body(nil)
    }
  }

  /// Ids come from users' files through the tokenizer: an id outside the table would read foreign
  /// memory.
  private static func check(
    _ rows: TokenRows, _ tables: EmbeddingTables, _ columns: Int, _ y: Floats
  ) {
    precondition(
      y.count == rows.ids.count * columns && columns <= widestRow
        && (tables.norm.map { $0.gamma.count == columns } ?? true))
    check(rows.ids, below: tables.words.count / columns, "token id")
    if let positions = tables.positions {
      check(rows.places, below: positions.count / columns, "position")
    }
    if let types = tables.types {
      check(rows.types, below: types.count / columns, "token type")
    }
  }

  private static func check(_ indices: Indices, below limit: Int, _ what: String) {
    for i in 0..<indices.count {
      let index = indices[i]
      precondition(index >= 0 && index < limit, "\(what) \(index) in a table of \(limit) rows")
    }
  }
}
