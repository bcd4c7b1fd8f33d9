/// Items of lists, packed for one worker: texts end to end, or rows of features.
///
/// The size of an item is counted in units: the tokens of a text, or one row of features. The whole
/// batch may be distributed over several packs; each item keeps its number in the whole batch.
public protocol PackedItems: Sendable {
  /// An empty pack.
  init()

  /// The number of items, `B`.
  var count: Int { get }
  /// The total number of units.
  var units: Int { get }
  /// The number of each item in the whole batch, `[B]`.
  var members: [Int32] { get }

  /// The number of units in a range of items.
  func units(of items: Range<Int>) -> Int
  /// Removes all items and keeps the memory.
  mutating func removeAll()
  /// Appends a range of items of another pack, with their numbers in the whole batch.
  mutating func append(_ items: Range<Int>, of other: borrowing Self)
}

/// The source of items, addressed by the numbers of query and document.
public protocol ItemSource: Sendable {
  /// The packed form of the items.
  associatedtype Items: PackedItems

  /// The number of units of an item after truncation to `maximum`; at least 1.
  func length(of item: Pair, maximum: Int) -> Int
  /// The number of units at the start of an item that all items of its query have in common, as far
  /// as is known without comparing them; 0 unless a source says otherwise.
  func prefixLength(of item: Pair, maximum: Int) -> Int
  /// The cost of scoring an item with this many units, in any measure that grows with the number:
  /// shards are balanced by cost.
  func cost(ofLength length: Int) -> Double
  /// Appends item number `member` of the whole batch, truncated to `maximum`; its units begin at
  /// row `firstRow` of that batch.
  func append(
    _ item: Pair, maximum: Int, member: Int, firstRow: Int, to items: inout Items)
}

extension ItemSource {
  /// Nothing in common.
  public func prefixLength(of item: Pair, maximum: Int) -> Int { 0 }
}

extension PackedBatch: PackedItems {
  /// The number of sequences.
  public var count: Int { sequences }
  /// The number of tokens.
  public var units: Int { tokens }

  /// The number of tokens in a range of sequences.
  public func units(of items: Range<Int>) -> Int {
    Int(offsets[items.upperBound] - offsets[items.lowerBound])
  }
}

extension PairTokens: ItemSource {
  /// The tokens before those of the document.
  public func prefixLength(of item: Pair, maximum: Int) -> Int {
    let kept = tokenizer.keptInPair(
      query: queries.length(of: item.query), text: documents.length(of: item.document),
      maxLength: maximum)
    return tokenizer.pairFormat.leadingTokens(query: kept.query)
  }

  /// The cost of products is the same for every token; that of attention grows with the length, and
  /// equals that of a small encoder's products at about a thousand tokens.
  public func cost(ofLength length: Int) -> Double {
    Double(length) * (1 + Double(length) / 1000)
  }

  /// Appends the sequence of a pair.
  public func append(
    _ item: Pair, maximum: Int, member: Int, firstRow: Int, to items: inout PackedBatch
  ) {
    items.append(member: member, firstRow: firstRow) { ids, types in
      append(item, maximum: maximum, ids: &ids, types: &types)
    }
  }
}
