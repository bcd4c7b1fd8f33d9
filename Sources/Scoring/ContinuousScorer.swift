public import Autodiff
import Batches
import Foundation
public import Models
import Tokenization

/// Scores pairs for as long as there are any, on every core, where it is not known beforehand how
/// many will come.
///
/// The next pairs are chosen each time a worker has its next slice filled. A slice is a few hundred
/// tokens: what a worker computes at full speed and near the core.
public final class ContinuousScorer<Member: Sendable>: Sendable {
  /// Puts sequences into an empty slice, on the worker's thread; it may wait for some to come.
  /// False ends the worker.
  public typealias Fill = @Sendable (_ slice: inout ScoringSlice<Member>) -> Bool
  /// Takes the scores (raw logits) of a slice's members, in their order, on the worker's thread.
  public typealias Deliver = @Sendable (_ members: [Member], _ scores: [Float]) -> Void

  /// How many workers there are.
  public let workers: Int

  /// Starts the workers, one a core unless said otherwise, with products in `precision`.
  public init(
    _ model: CrossEncoder, precision: Precision = .f32, workers: Int? = nil, fill: @escaping Fill,
    deliver: @escaping Deliver
  ) {
    let scorer = ItemScorer(model, precision: precision, workers: workers)
    self.workers = scorer.workers
    let slots = (0..<scorer.workers).map { _ in Slot(ScoringSlice<Member>(model.tokenizer)) }
    // The workers run for as long as slices are filled, so the executor is kept by a thread that
    // waits for their end.
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

/// What one worker scores next; only that worker's thread touches it.
private final class Slot<Member: Sendable>: @unchecked Sendable {
  private(set) var slice: ScoringSlice<Member>

  init(_ slice: ScoringSlice<Member>) { self.slice = slice }

  /// Has the slice filled until there is something in it, and hands over its sequences; false at the
  /// end.
  func fill(_ items: inout PackedBatch, _ fill: ContinuousScorer<Member>.Fill) -> Bool {
    repeat {
      slice.removeAll()
      guard fill(&slice) else { return false }
    } while slice.members.isEmpty
    // The memory of the last slice is used for the next one.
    swap(&slice.batch, &items)
    return true
  }
}

/// The sequences that a worker scores next, and its working space for tokenizing.
public struct ScoringSlice<Member: Sendable>: Sendable {
  /// How many tokens a slice should have.
  public static var size: Int { Executor<PackedBatch>.sliceUnits }

  /// Whose sequences these are.
  public private(set) var members: [Member] = []
  fileprivate var batch = PackedBatch()
  private let tokenizer: Tokenizer
  private var scratch = Tokenizer.Scratch()

  fileprivate init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// How many tokens there are.
  public var tokens: Int { batch.tokens }

  /// The ids of a text without special tokens around it.
  public mutating func tokenize(_ text: String) -> [Int32] {
    var ids: [Int32] = []
    tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
    return ids
  }

  /// Adds the sequence of a query and a text, both as they are to be read.
  public mutating func append(_ member: Member, query: ArraySlice<Int32>, text: ArraySlice<Int32>) {
    let length = query.count + text.count + tokenizer.specialTokensInPair
    batch.append(member: members.count, firstRow: 0) { [tokenizer] ids, types in
      tokenizer.appendPair(
        query: query.span, text: text.span, maxLength: length, ids: &ids, typeIDs: &types)
    }
    members.append(member)
  }

  fileprivate mutating func removeAll() {
    members.removeAll(keepingCapacity: true)
    batch.removeAll()
  }
}
