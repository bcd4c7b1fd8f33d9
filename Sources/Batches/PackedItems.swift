/// Items of lists, packed as one worker scores them: texts end to end, or rows of features.
///
/// What an item takes is counted in units: tokens of a text, a row of features. The whole batch may
/// be spread over several of these; each item keeps the number that it has there.
public protocol PackedItems: Sendable {
  /// No items.
  init()

  /// How many items there are, `B`.
  var count: Int { get }
  /// How many units they have together.
  var units: Int { get }
  /// The number of each item in the whole batch, `[B]`.
  var members: [Int32] { get }

  /// How many units some of the items have.
  func units(of items: Range<Int>) -> Int
  /// Forgets the items and keeps the memory.
  mutating func removeAll()
  /// Adds some items of another pack, with the numbers they have there.
  mutating func append(_ items: Range<Int>, of other: borrowing Self)
}

/// Where the items of lists are read from, by the numbers of query and document.
public protocol ItemSource: Sendable {
  /// What the items are packed into.
  associatedtype Items: PackedItems

  /// How many units an item has where it is truncated to `maximum`; at least 1.
  func length(of item: Pair, maximum: Int) -> Int
  /// What scoring an item of so many units costs, in any measure that grows with them: workers get
  /// shards of about the same cost.
  func cost(ofLength length: Int) -> Double
  /// Adds an item, truncated to `maximum`, that is number `member` of the whole batch, whose units
  /// begin there at row `firstRow`.
  func append(
    _ item: Pair, maximum: Int, member: Int, firstRow: Int, to items: inout Items)
}

extension PackedBatch: PackedItems {
  /// How many sequences there are.
  public var count: Int { sequences }
  /// How many tokens there are.
  public var units: Int { tokens }

  /// How many tokens some of the sequences have.
  public func units(of items: Range<Int>) -> Int {
    Int(offsets[items.upperBound] - offsets[items.lowerBound])
  }
}

extension PairTokens: ItemSource {
  /// Products cost the same for every token; attention grows with the length, and weighs as much as
  /// the products of a small encoder at about a thousand tokens.
  public func cost(ofLength length: Int) -> Double {
    Double(length) * (1 + Double(length) / 1000)
  }

  /// Adds the sequence of a pair.
  public func append(
    _ item: Pair, maximum: Int, member: Int, firstRow: Int, to items: inout PackedBatch
  ) {
    items.append(member: member, firstRow: firstRow) { ids, types in
      append(item, maximum: maximum, ids: &ids, types: &types)
    }
  }
}
