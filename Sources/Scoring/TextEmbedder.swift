public import Autodiff
public import Batches
import Collectives
public import Models
import Tensors

/// Embeds texts with a bi-encoder, packed, on every core.
public final class TextEmbedder: Sendable {
  /// The model.
  public let model: BiEncoder
  /// Whether embeddings are normalised to length 1, so that their dot products are cosines.
  public let isScaled: Bool
  private let executor: Executor<PackedBatch>

  /// An embedder, by default with one worker per core, and products in `precision`.
  public init(
    _ model: BiEncoder, precision: Precision = .f32, scaled isScaled: Bool = true,
    workers: Int? = nil
  ) {
    self.model = model
    self.isScaled = isScaled
    let reduced = ReducedWeights(model.parameters, precision)
    executor = Executor(model.parameters, reduced, workers: workers) { _, items, tape in
      let placed = PlacedBatch(items, on: &tape)
      return model.embeddings(placed, scaled: isScaled, on: &tape)
    }
  }

  /// The number of workers.
  public var workers: Int { executor.workerCount }

  /// The embeddings of all texts of a store, truncated to `maximumLength` tokens.
  ///
  /// The last bits of a matrix product depend on its number of rows. With `apart` every text has
  /// its own products, at the cost of speed: its embedding then depends only on the text.
  public func embeddings(
    of texts: TokenStore, maximumLength: Int, apart: Bool = false,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> Embeddings {
    let tokenizer = model.tokenizer
    let storage = executor.rows(
      width: model.width,
      lengths: (0..<texts.count).map {
        min(maximumLength, texts.length(of: $0) + tokenizer.specialTokensInSingle)
      },
      most: apart ? 1 : Executor<PackedBatch>.sliceUnits, collective: LocalCollective(),
      append: { text, slice in
        slice.append(member: text, firstRow: 0) { ids, types in
          tokenizer.appendSingle(
            texts.ids.span.extracting(texts.range(of: text)), maxLength: maximumLength, ids: &ids,
            typeIDs: &types)
        }
      },
      progress: progress)
    return Embeddings(count: texts.count, width: model.width, storage: storage)
  }
}

/// Embeddings of texts, one row each.
public struct Embeddings: Sendable {
  /// The number of rows.
  public let count: Int
  /// The length of a row.
  public let width: Int
  private let storage: Storage

  /// All rows, concatenated.
  public var values: [Float] { storage.array }

  /// Rows of zeros, which take no memory until they are written.
  package init(zeros count: Int, width: Int) {
    self.init(count: count, width: width, storage: Storage(count: count * width))
  }

  init(count: Int, width: Int, storage: Storage) {
    (self.count, self.width, self.storage) = (count, width, storage)
  }

  /// The cosines of some of these rows with all rows of `other`: `[rows.count, other.count]`.
  public func cosines(_ rows: Range<Int>, with other: Embeddings) -> [Float] {
    precondition(width == other.width, "embeddings of widths \(width) and \(other.width)")
    let result = Storage(count: rows.count * other.count)
    Matrix.multiply(
      Matrix(
        storage.floats[rows.lowerBound * width..<rows.upperBound * width], rows: rows.count,
        columns: width),
      Matrix(other.storage.floats, rows: other.count, columns: width).transposed,
      into: Matrix(result.floats, rows: rows.count, columns: other.count), adding: false)
    return result.floats.array
  }

  /// The cosine of a row with a row of `other`.
  public func cosine(_ row: Int, with otherRow: Int, of other: Embeddings) -> Float {
    let a = storage.floats[row * width..<(row + 1) * width]
    let b = other.storage.floats[otherRow * width..<(otherRow + 1) * width]
    var sum: Double = 0
    for i in 0..<width { sum += Double(a[i]) * Double(b[i]) }
    return Float(sum)
  }
}
