import Autodiff
import Batches
import Models
import Tensors
import Testing
import Tokenization

/// Scores of decoders whose sequences share their first tokens, beside those of whole sequences.
@Suite struct SharedPrefixModelTests {
  private static let words = 50
  private static let decoders = DecoderModels.all(vocabularySize: words, positions: 160)

  /// A prefix and sequences of this many more tokens.
  private struct Query {
    var prefix: Int
    var documents: [Int]
  }

  /// Prefixes below, at and above the rows of a block of attention, a query of one document, and
  /// documents that end with the prefix.
  private static let queries = [
    Query(prefix: 9, documents: [30, 1, 17]), Query(prefix: 48, documents: [60, 5, 1, 49]),
    Query(prefix: 21, documents: [12]), Query(prefix: 100, documents: [1, 60]),
  ]

  private static func batch(_ queries: [Query]) -> PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (number, query) in queries.enumerated() {
      for (place, count) in query.documents.enumerated() {
        batch.append(member: batch.sequences, firstRow: row) { ids, types in
          for i in 0..<query.prefix { ids.append(Int32((number * 13 + i * 7 + 1) % words)) }
          for i in 0..<count { ids.append(Int32((place * 11 + i * 3 + 2) % words)) }
          types += [Int32](repeating: 0, count: query.prefix + count)
        }
        row += query.prefix + count
      }
    }
    return batch
  }

  private func model(_ number: Int) throws -> CrossEncoder {
    try CrossEncoder(random: Self.decoders[number], words: Self.words)
  }

  private func scores(
    _ model: CrossEncoder, _ batch: PackedBatch, _ precision: Precision, sharing: Bool
  ) -> (scores: [Float], operations: Double) {
    var batch = batch
    if sharing { model.sharePrefixes(of: &batch) }
    var tape = Tape(model.parameters, reduced: ReducedWeights(model.parameters, precision))
    let scores = tape.array(of: model.scores(batch, frozen: FrozenParts(), on: &tape))
    return (scores, tape.productOperations)
  }

  /// A row's sums are the same numbers in the same order whether its prefix is shared or not, but
  /// products of other heights may add them up otherwise: in f32 scores differ by a few units in the
  /// last place, and where they are rounded, a difference in the last bit may become one of a rounding.
  @Test(
    arguments: decoders.indices, [(Precision.f32, Float(4e-6)), (.bf16, 0.02), (.int8, 0.05)])
  func scores(_ number: Int, _ case: (Precision, Float)) throws {
    let (precision, bound) = `case`
    let model = try model(number)
    let batch = Self.batch(Self.queries)
    let whole = scores(model, batch, precision, sharing: false)
    let shared = scores(model, batch, precision, sharing: true)
    #expect(Set(whole.scores).count == batch.sequences)
    let scale = max(1, whole.scores.map(abs).max() ?? 1)
    for (a, b) in zip(shared.scores, whole.scores) {
      #expect(abs(a - b) <= bound * scale, "\(shared.scores) for \(whole.scores)")
    }
    if model.blueprint.layers[0].attention.mask == .full {
      #expect(!model.sharesPrefixes && shared.scores == whole.scores)
    } else {
      // 288 of 483 tokens.
      #expect(model.sharesPrefixes && shared.operations < 0.7 * whole.operations)
    }
  }

  /// Models whose tokens read those after them, or whose score is not the last token's, share
  /// nothing.
  @Test func encodersShareNothing() {
    let sharing = NaiveModelTests.all.filter { $0.blueprint.sharesPrefixes }
    #expect(sharing.count == 6)
    #expect(sharing.allSatisfy { !($0 is LlamaBidirectional) && $0.blueprint.pooling == .last })
  }
}
