public import Autodiff
import Batches
import Foundation
public import Models
import Tensors
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
      scorer.executor.run(
        compute: { worker, items, tape in slots[worker].compute(model, &items, &tape) }
      ) { worker, items in
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
  /// The rows of the slice's sequences where it is computed between exits.
  private var states = Storage(count: 0)

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

extension Slot {
  /// The scores of a slice after its layers, `[B, 1]`.
  func compute(
    _ model: CrossEncoder, _ items: inout PackedBatch, _ tape: inout Tape
  ) -> Floats {
    let count = items.tokens
    model.sharePrefixes(of: &items)
    guard let layers = slice.layers else {
      return tape.values(of: model.scores(items, frozen: FrozenParts(), on: &tape))
    }
    let width = model.blueprint.hiddenSize
    if states.floats.count < count * width { states = Storage(count: 2 * count * width) }
    if layers.lowerBound > 0 { forEachPlace(width) { $0.copy(to: states.floats[$1]) } }
    let scores = model.stage(items, layers: layers, states: states.floats, on: &tape)
    let isLast = layers.upperBound == model.blueprint.layers.count
    forEachPlace(width) { rows, place in
      if isLast { rows.forget() } else { rows.store(states.floats[place]) }
    }
    return tape.values(of: scores)
  }

  /// Calls `body` with the rows of every sequence, and their place among the slice's.
  private func forEachPlace(_ width: Int, _ body: (SequenceRows, Range<Int>) -> Void) {
    for (rows, tokens) in slice.rows {
      body(rows, tokens.lowerBound * width..<tokens.upperBound * width)
    }
  }
}

/// The rows of a sequence after some layers, between the slices that compute it.
public final class SequenceRows: @unchecked Sendable {
  private var storage: Storage?

  /// No rows yet.
  public init() {}

  fileprivate func copy(to floats: Floats) {
    guard let storage else { preconditionFailure("a sequence goes on that has not begun") }
    floats.copy(from: storage.floats)
  }

  fileprivate func store(_ floats: Floats) {
    if storage?.floats.count != floats.count { storage = Storage(count: floats.count) }
    storage?.floats.copy(from: floats)
  }

  /// Frees the memory.
  public func forget() { storage = nil }
}

/// The next sequences of a worker, with its memory for tokenization.
public struct ScoringSlice<Member: Sendable>: Sendable {
  /// The target number of tokens per slice.
  public static var size: Int { Executor<PackedBatch>.sliceUnits }

  /// The members to whom the sequences belong.
  public private(set) var members: [Member] = []
  /// The layers that the slice's sequences go through; nil for all, and the model's score. Layers up to
  /// an exit give that exit's score, and rows with which the sequences can go on; all sequences of such
  /// a slice have rows.
  public var layers: Range<Int>?
  /// The rows of the sequences, with the numbers of their tokens.
  fileprivate var rows: [(rows: SequenceRows, tokens: Range<Int>)] = []
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

  /// Adds the sequence of a query and a text, both already truncated. `rows` are those after the
  /// layers below the slice's, and afterwards those after these.
  public mutating func append(
    _ member: Member, query: ArraySlice<Int32>, text: ArraySlice<Int32>,
    with other: Tokenizer? = nil, rows: SequenceRows? = nil
  ) {
    let tokenizer = other ?? tokenizer
    let length = query.count + text.count + tokenizer.specialTokensInPair
    let start = batch.tokens
    batch.append(member: members.count, firstRow: layers == nil ? 0 : start) { ids, types in
      tokenizer.appendPair(
        query: query.span, text: text.span, maxLength: length, ids: &ids, typeIDs: &types)
    }
    if sharesPrefixes, !members.isEmpty, query == self.query {
      spared += tokenizer.pairFormat.leadingTokens(query: query.count)
    }
    self.query = query
    members.append(member)
    precondition(layers == nil || rows != nil, "a sequence of a slice between exits without rows")
    if layers != nil, let rows { self.rows.append((rows, start..<batch.tokens)) }
  }

  fileprivate mutating func removeAll() {
    members.removeAll(keepingCapacity: true)
    batch.removeAll()
    rows.removeAll(keepingCapacity: true)
    (spared, query, layers) = (0, [], nil)
  }
}
