public import Batches
public import Models

/// The scores of pairs whose documents may have been split or truncated.
public struct PassageScores: Sendable {
  /// The score of each pair: a raw logit, or the aggregate of its passages' logits.
  public var scores: [Float] = []
  /// The number of passages of each pair.
  public var passages: [Int] = []
  /// Whether the pair's query or document was truncated.
  public var isCut: [Bool] = []

  /// The number of truncated pairs.
  public var cut: Int { isCut.count { $0 } }
  /// The number of pairs with several passages.
  public var split: Int { passages.count { $0 > 1 } }

  /// An empty result.
  public init() {}
}

extension ItemScorer where Model == CrossEncoder {
  /// The scores of pairs, in their order; documents that exceed sequences of `maximumLength` tokens
  /// are truncated or split.
  ///
  /// `progress` receives the number of tokens done and the total, on any thread.
  public func scores(
    of pairs: [Pair], in tokens: PairTokens, maximumLength: Int, longDocuments: LongDocuments,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> PassageScores {
    var result = PassageScores()
    guard !pairs.isEmpty else { return result }
    var sequences: [Sequence] = []
    for (number, pair) in pairs.enumerated() {
      let plan = tokens.plan(of: pair, maximum: maximumLength, longDocuments)
      result.passages.append(plan.passages.count)
      result.isCut.append(plan.isCut)
      for passage in plan.passages {
        sequences.append(
          Sequence(pair: number, queryTokens: plan.queryTokens, passage: passage))
      }
    }
    let specials = tokens.tokenizer.specialTokensInPair
    let format = tokens.tokenizer.pairFormat
    let prefixes: ItemPrefixes? =
      model.sharesPrefixes
      ? ItemPrefixes(
        groups: sequences.map { pairs[$0.pair].query },
        units: sequences.map { format.leadingTokens(query: $0.queryTokens) }) : nil
    let all = executor.rows(
      width: 1, lengths: sequences.map { specials + $0.queryTokens + $0.passage.count },
      prefixes: prefixes, collective: collective,
      append: { [sequences] number, slice in
        let sequence = sequences[number]
        slice.append(member: number, firstRow: 0) { ids, types in
          tokens.append(
            pairs[sequence.pair], passage: sequence.passage, queryTokens: sequence.queryTokens,
            ids: &ids, types: &types)
        }
      },
      progress: progress
    ).array
    var start = 0
    for count in result.passages {
      result.scores.append(longDocuments.score(all[start..<start + count]))
      start += count
    }
    return result
  }
}

/// One passage of one pair.
private struct Sequence: Sendable {
  var pair: Int
  var queryTokens: Int
  var passage: Range<Int>
}
