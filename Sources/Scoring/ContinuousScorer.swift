public import Autodiff
import Batches
import Foundation
public import Models
public import Tokenization

/// Scores an open-ended stream of pairs, on every core.
///
/// The next pairs are chosen whenever a worker's next slice is filled. A slice is a few hundred
/// tokens: enough for full speed, with activations that fit the core's caches.
public final class ContinuousScorer<Member: Sendable>: Sendable {
  /// Adds sequences to an empty slice, on the worker's thread; may wait for sequences. False ends
  /// the worker.
  public typealias Fill = @Sendable (_ slice: inout ScoringSlice<Member>) -> Bool
  /// Takes the scores (raw logits) of a slice's members, in their order, on the worker's thread.
  public typealias Deliver = @Sendable (_ members: [Member], _ scores: [Float]) -> Void

  /// The number of workers.
  public let workers: Int

  /// Starts the workers, by default one per core, with products in `precision`.
  public init(
    _ model: CrossEncoder, precision: Precision = .f32, workers: Int? = nil, fill: @escaping Fill,
    deliver: @escaping Deliver
  ) {
    let scorer = ItemScorer(model, precision: precision, workers: workers)
    self.workers = scorer.workers
    let slots = (0..<scorer.workers).map { _ in
      Slot(ScoringSlice<Member>(model.tokenizer, sharesPrefixes: model.sharesPrefixes))
    }
    // The workers run as long as slices are filled, so that a thread which waits for their end
    // retains the executor.
    let thread = Thread {
      scorer.executor.run { worker, items in
        slots[worker].fill(&items, fill)
      } deliver: { worker, _, scores in
        let members = slots[worker].slice.members
        deliver(members, members.indices.map { scores[$0] })
      }
    }
    thread.name = "scorer"
    thread.start()
  }
}

/// The next slice of one worker, accessed only by its thread.
private final class Slot<Member: Sendable>: @unchecked Sendable {
  private(set) var slice: ScoringSlice<Member>

  init(_ slice: ScoringSlice<Member>) { self.slice = slice }

  /// Calls `fill` until the slice has sequences, and passes them on; false at the end.
  func fill(_ items: inout PackedBatch, _ fill: ContinuousScorer<Member>.Fill) -> Bool {
    repeat {
      slice.removeAll()
      guard fill(&slice) else { return false }
    } while slice.members.isEmpty
    // The memory of the previous slice is reused for the next one.
    swap(&slice.batch, &items)
    return true
  }
}

/// The next sequences of a worker, with its memory for tokenization.
public struct ScoringSlice<Member: Sendable>: Sendable {
  /// The target number of tokens per slice.
  public static var size: Int { Executor<PackedBatch>.sliceUnits }

  /// The members to whom the sequences belong.
  public private(set) var members: [Member] = []
  fileprivate var batch = PackedBatch()
  private let tokenizer: Tokenizer
  private let sharesPrefixes: Bool
  private var scratch = Tokenizer.Scratch()
  /// The number of tokens that are computed once for neighbouring sequences of a query.
  private var spared = 0
  /// The query of the last sequence.
  private var query: ArraySlice<Int32> = []

  fileprivate init(_ tokenizer: Tokenizer, sharesPrefixes: Bool) {
    self.tokenizer = tokenizer
    self.sharesPrefixes = sharesPrefixes
  }

  /// The number of tokens.
  public var tokens: Int { batch.tokens }
  /// The number of tokens to compute: a causal model computes those before the document once for
  /// neighbouring sequences of one query.
  public var tokensToCompute: Int { batch.tokens - spared }

  /// The most tokens, those in common counted once for each sequence, of a slice that has room for
  /// so many to compute: keys and values of every sequence are gathered as a whole, which takes
  /// memory however little is computed. One sequence of any length fits.
  public static func most(whole room: Int, _ length: Int) -> Int {
    SlicePlan.most(whole: room, length)
  }

  /// The ids of a query or a text, by the model's tokenizer or by one with another prompt.
  public mutating func tokenize(
    _ text: String, as role: TextRole, with other: Tokenizer? = nil
  ) -> [Int32] {
    var ids: [Int32] = []
    (other ?? tokenizer).tokenize(
      Array(text.utf8).span, as: role, using: &scratch, into: &ids)
    return ids
  }

  /// A part of the ids of a query or a text, as a sequence has it.
  public func excerpt(
    _ part: Range<Int>, of ids: [Int32], as role: TextRole, with other: Tokenizer? = nil
  ) -> ArraySlice<Int32> {
    (other ?? tokenizer).excerpt(part, of: ids, as: role)
  }

  /// Adds the sequence of a query and a text, both already truncated.
  public mutating func append(
    _ member: Member, query: ArraySlice<Int32>, text: ArraySlice<Int32>,
    with other: Tokenizer? = nil
  ) {
    let tokenizer = other ?? tokenizer
    let length = query.count + text.count + tokenizer.specialTokensInPair
    batch.append(member: members.count, firstRow: 0) { ids, types in
      tokenizer.appendPair(
        query: query.span, text: text.span, maxLength: length, ids: &ids, typeIDs: &types)
    }
    if sharesPrefixes, !members.isEmpty, query == self.query {
      spared += tokenizer.pairFormat.leadingTokens(query: query.count)
    }
    self.query = query
    members.append(member)
  }

  fileprivate mutating func removeAll() {
    members.removeAll(keepingCapacity: true)
    batch.removeAll()
    (spared, query) = (0, [])
  }
}
