import Autodiff
public import Batches
public import Models
import Tensors

/// The scores of pairs at the stages of a cascade.
public struct StageScores: Sendable {
  /// The scores of each pair at every exit that it reached, and that of the last layer if it reached
  /// it: raw logits, or aggregates of passages' logits.
  public var scores: [[Float]] = []
  /// The number of passages of each pair.
  public var passages: [Int] = []
  /// Whether the pair's query or document was truncated.
  public var isCut: [Bool] = []
}

extension ItemScorer where Model == CrossEncoder {
  /// The scores of pairs whose candidates leave at the exits of a cascade, in their order. The pairs of
  /// one query are consecutive; documents that exceed sequences of `maximumLength` tokens are truncated
  /// or split.
  ///
  /// `progress` receives the number of tokens done and the total, on any thread: those of candidates
  /// that left are done as well.
  public func scores(
    of pairs: [Pair], in tokens: PairTokens, maximumLength: Int, longDocuments: LongDocuments,
    cascade: ExitCascade, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> PassageScores {
    let found = stageScores(
      of: pairs, in: tokens, maximumLength: maximumLength, longDocuments: longDocuments,
      cascade: cascade, progress: progress)
    var result = PassageScores()
    (result.passages, result.isCut) = (found.passages, found.isCut)
    for query in Self.queries(of: pairs) {
      result.scores += cascade.merged(Array(found.scores[query]))
    }
    return result
  }

  /// The scores of pairs at every stage of a cascade.
  ///
  /// All candidates of some queries are computed up to the first exit, and their rows are stored; those
  /// that go on are packed anew and continue from these rows. Memory for rows grows with the tokens of
  /// one query's candidates, or with a number of tokens that keeps the workers busy.
  public func stageScores(
    of pairs: [Pair], in tokens: PairTokens, maximumLength: Int,
    longDocuments: LongDocuments = LongDocuments(), cascade: ExitCascade,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> StageScores {
    precondition(!collective.isShared, "ranks do not share the stages of a cascade")
    let sequences = CascadeSequences(pairs, in: tokens, maximumLength, longDocuments)
    var result = StageScores()
    (result.passages, result.isCut) = (sequences.passages, sequences.isCut)
    result.scores = [[Float]](repeating: [], count: pairs.count)
    let queries = Self.queries(of: pairs)
    let (width, total) = (model.blueprint.hiddenSize, sequences.lengths.reduce(0, +))
    var (first, done) = (0, 0)
    var states = Storage(count: 0)
    while first < queries.count {
      var (end, units) = (first, 0)
      while end < queries.count, end == first || units < Self.unitsAtOnce(width) {
        units += sequences.units(of: queries[end])
        end += 1
      }
      if states.floats.count < units * width { states = Storage(count: units * width) }
      run(
        queries[first..<end], sequences, cascade, states, &result.scores,
        longDocuments: longDocuments)
      first = end
      done += units
      progress?(done, total)
    }
    return result
  }

  /// The number of tokens at which no further query is added to those that are computed together: 64
  /// MiB of rows.
  private static func unitsAtOnce(_ width: Int) -> Int { max(8192, (1 << 24) / width) }

  /// The ranges of pairs with one query.
  private static func queries(of pairs: [Pair]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for place in pairs.indices.dropFirst() where pairs[place].query != pairs[start].query {
      ranges.append(start..<place)
      start = place
    }
    if start < pairs.count { ranges.append(start..<pairs.count) }
    return ranges
  }

  /// Runs the stages for the candidates of some queries.
  private func run(
    _ queries: ArraySlice<Range<Int>>, _ sequences: CascadeSequences, _ cascade: ExitCascade,
    _ states: Storage, _ scores: inout [[Float]], longDocuments: LongDocuments
  ) {
    // The candidates of each query that are left.
    var left = queries.map { ($0, Array($0)) }
    var below = 0
    let ends = cascade.stops.map(\.layer) + [model.blueprint.layers.count]
    let base = sequences.start(of: queries[queries.startIndex].lowerBound)
    for (stage, end) in ends.enumerated() {
      let numbers = left.flatMap { $0.1.flatMap { sequences.numbers(of: $0) } }
      let found = stageRows(numbers, sequences, layers: below..<end, states, base: base)
      var next = 0
      for (place, (query, candidates)) in left.enumerated() {
        for candidate in candidates {
          let count = sequences.passages[candidate]
          scores[candidate].append(longDocuments.score(found[next..<next + count]))
          next += count
        }
        guard stage < cascade.stops.count else { continue }
        left[place].1 = cascade.survivors(of: candidates, at: stage, ofQueryWith: query.count) {
          scores[$0][stage]
        }
      }
      below = end
    }
  }

  /// The scores of sequences at the end of a stage, in their order.
  private func stageRows(
    _ numbers: [Int], _ sequences: CascadeSequences, layers: Range<Int>, _ states: Storage,
    base: Int
  ) -> [Float] {
    let format = model.tokenizer.pairFormat
    let prefixes: ItemPrefixes? =
      model.sharesPrefixes
      ? ItemPrefixes(
        groups: numbers.map { sequences.query(of: $0) },
        units: numbers.map { format.leadingTokens(query: sequences.items[$0].queryTokens) }) : nil
    let (model, rows) = (model, states.floats)
    let found = executor.rows(
      width: 1, lengths: numbers.map { sequences.lengths[$0] }, prefixes: prefixes,
      collective: collective,
      append: { number, slice in
        let sequence = numbers[number]
        sequences.append(
          sequence, member: number, row: sequences.rows[sequence] - base, to: &slice)
      }, progress: nil
    ) { _, items, tape in
      model.sharePrefixes(of: &items)
      return tape.values(of: model.stage(items, layers: layers, states: rows, on: &tape))
    }
    return withExtendedLifetime(states) { found.array }
  }
}

/// The sequences of pairs, one for each passage.
private struct CascadeSequences: Sendable {
  struct Item: Sendable {
    var pair: Int
    var queryTokens: Int
    var passage: Range<Int>
  }

  var items: [Item] = []
  /// The number of tokens of each sequence, and the number of tokens before it.
  var lengths: [Int] = []
  var rows: [Int] = []
  /// The number of passages of each pair, the number of its first sequence, and whether it is cut.
  var passages: [Int] = []
  private var firsts: [Int] = []
  var isCut: [Bool] = []
  private let pairs: [Pair]
  private let tokens: PairTokens

  init(_ pairs: [Pair], in tokens: PairTokens, _ maximumLength: Int, _ longDocuments: LongDocuments)
  {
    (self.pairs, self.tokens) = (pairs, tokens)
    let specials = tokens.tokenizer.specialTokensInPair
    var row = 0
    for (number, pair) in pairs.enumerated() {
      let plan = tokens.plan(of: pair, maximum: maximumLength, longDocuments)
      firsts.append(items.count)
      passages.append(plan.passages.count)
      isCut.append(plan.isCut)
      for passage in plan.passages {
        items.append(Item(pair: number, queryTokens: plan.queryTokens, passage: passage))
        lengths.append(specials + plan.queryTokens + passage.count)
        rows.append(row)
        row += lengths[lengths.count - 1]
      }
    }
  }

  /// The sequences of a pair.
  func numbers(of pair: Int) -> Range<Int> { firsts[pair]..<firsts[pair] + passages[pair] }

  /// The number of the query of a sequence.
  func query(of sequence: Int) -> Int { pairs[items[sequence].pair].query }

  /// The number of tokens before the first sequence of a pair.
  func start(of pair: Int) -> Int { rows[firsts[pair]] }

  /// The number of tokens of some pairs.
  func units(of pairs: Range<Int>) -> Int {
    pairs.reduce(0) { $0 + numbers(of: $1).reduce(0) { $0 + lengths[$1] } }
  }

  /// Appends a sequence whose rows begin at a row outside the batch.
  func append(_ sequence: Int, member: Int, row: Int, to batch: inout PackedBatch) {
    let item = items[sequence]
    batch.append(member: member, firstRow: row) { ids, types in
      tokens.append(
        pairs[item.pair], passage: item.passage, queryTokens: item.queryTokens, ids: &ids,
        types: &types)
    }
  }
}
