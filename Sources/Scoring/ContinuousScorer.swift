public import Autodiff
import Batches
import Foundation
public import Models
import Tensors
import Tokenization

/// Scores pairs for as long as there are any, on every core, where it is not known beforehand how
/// many will come.
///
/// Each worker asks for the next slice as soon as it is done with one, so no core waits for the
/// others, and the next pairs are chosen each time a slice is filled. A slice is a few
/// hundred tokens: what a worker computes at full speed and near the core.
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
    let count = max(1, workers ?? Workers.cores)
    self.workers = count
    let reduced = ReducedWeights(model.parameters, precision)
    for worker in 0..<count {
      let thread = Thread {
        var tape = Tape(model.parameters, reduced: reduced)
        var slice = ScoringSlice<Member>(model.tokenizer)
        while true {
          slice.removeAll()
          guard fill(&slice) else { return }
          guard !slice.members.isEmpty else { continue }
          tape.reset()
          let batch = PlacedBatch(slice.batch, on: &tape)
          let values = tape.values(of: model.scores(batch, on: &tape))
          deliver(slice.members, slice.members.indices.map { values[$0] })
        }
      }
      thread.name = "scorer \(worker)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

/// The sequences that a worker scores next, and its working space for tokenizing.
public struct ScoringSlice<Member: Sendable>: Sendable {
  /// How many tokens a slice should have.
  public static var size: Int { 512 }

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
