public import Batches
public import Lists

/// The lists of one step as the workers take them: sequences packed into one shard a worker, and
/// labels by list.
public struct TrainingBatch: Sendable {
  /// One packed batch a worker; their members are numbers of pairs.
  public internal(set) var shards: [PackedBatch]
  /// The labels of all pairs, list by list.
  public internal(set) var labels: [Double] = []
  /// A teacher's scores of all pairs, NaN where there is none; empty where no list has a teacher.
  public internal(set) var teachers: [Double] = []
  /// The weights of all pairs; empty where all are 1.
  public internal(set) var itemWeights: [Double] = []
  /// The weights of all lists; empty where all are 1.
  public internal(set) var listWeights: [Double] = []
  /// Where lists start among the pairs, and the end of the last.
  public internal(set) var listOffsets: [Int] = [0]
  /// How many tokens there are in all shards.
  public internal(set) var tokens = 0

  /// How many pairs there are.
  public var pairs: Int { labels.count }

  /// An empty batch for some workers.
  public init(workers: Int) { shards = (0..<workers).map { _ in PackedBatch() } }

  /// Replaces the contents by these lists, whose pairs are cut to `maximumLength` tokens. Shards
  /// cost about the same; which pair goes where depends on lengths and order alone.
  public mutating func fill(
    _ lists: some Collection<TrainingList>, from tokens: PairTokens, maximumLength: Int
  ) {
    labels.removeAll(keepingCapacity: true)
    listOffsets.removeAll(keepingCapacity: true)
    listOffsets.append(0)
    var pairs: [Pair] = []
    for list in lists {
      for document in list.documents { pairs.append(Pair(query: list.query, document: document)) }
      labels.append(contentsOf: list.labels)
      listOffsets.append(labels.count)
    }
    fillExtras(lists)
    let lengths = pairs.map { tokens.length(of: $0, maximum: maximumLength) }
    var firstRows: [Int] = []
    self.tokens = 0
    for length in lengths {
      firstRows.append(self.tokens)
      self.tokens += length
    }
    for i in shards.indices { shards[i].removeAll() }
    for (pair, shard) in shardAssignment(lengths: lengths, shards: shards.count).enumerated() {
      shards[shard].append(member: pair, firstRow: firstRows[pair]) { ids, types in
        tokens.append(pairs[pair], maximum: maximumLength, ids: &ids, types: &types)
      }
    }
  }
}

extension TrainingBatch {
  /// Teachers and weights, where some list has any.
  private mutating func fillExtras(_ lists: some Collection<TrainingList>) {
    teachers.removeAll(keepingCapacity: true)
    itemWeights.removeAll(keepingCapacity: true)
    listWeights.removeAll(keepingCapacity: true)
    let isTaught = lists.contains { !$0.teachers.isEmpty }
    let weighsItems = lists.contains { !$0.weights.isEmpty }
    let weighsLists = lists.contains { $0.weight != 1 }
    guard isTaught || weighsItems || weighsLists else { return }
    for list in lists {
      let count = list.documents.count
      if isTaught {
        teachers.append(
          contentsOf: list.teachers.isEmpty
            ? [Double](repeating: .nan, count: count) : list.teachers)
      }
      if weighsItems {
        itemWeights.append(
          contentsOf: list.weights.isEmpty ? [Double](repeating: 1, count: count) : list.weights)
      }
      if weighsLists { listWeights.append(list.weight) }
    }
  }
}
