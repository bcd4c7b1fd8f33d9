public import Batches
public import Lists

/// The lists of one step as the workers take them: items packed into one shard a worker, and labels
/// by list.
///
/// Where several ranks train together, each has the labels of the whole batch and the items of its
/// own workers alone.
public struct TrainingBatch<Items: PackedItems>: Sendable {
  /// The items of each worker of this rank; their members are numbers of pairs.
  public internal(set) var shards: [Items]
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
  /// How many units (tokens of texts) the items have, on all ranks.
  public internal(set) var units = 0
  /// The pairs in the order in which the ranks score them, and how many each rank does; empty where
  /// there is one rank.
  private(set) var order: [Int32] = []
  private(set) var counts: [Int] = []
  private let rank: Int
  private let ranks: Int

  /// How many pairs there are.
  public var pairs: Int { labels.count }

  /// An empty batch for the workers of rank `rank` of `ranks`, all of which have as many.
  public init(workers: Int, rank: Int = 0, ranks: Int = 1) {
    shards = (0..<workers).map { _ in Items() }
    (self.rank, self.ranks) = (rank, ranks)
  }

  /// Replaces the contents by these lists, whose pairs are truncated to `maximumLength` units.
  /// Shards cost about the same; which pair goes where depends on lengths and order alone.
  public mutating func fill<Source: ItemSource>(
    _ lists: some Collection<TrainingList>, from source: Source, maximumLength: Int
  ) where Source.Items == Items {
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
    let lengths = pairs.map { source.length(of: $0, maximum: maximumLength) }
    var firstRows: [Int] = []
    units = 0
    for length in lengths {
      firstRows.append(units)
      units += length
    }
    for i in shards.indices { shards[i].removeAll() }
    let workers = shards.count
    let assignment = shardAssignment(
      costs: lengths.map(source.cost(ofLength:)), shards: ranks * workers)
    for (pair, shard) in assignment.enumerated() where shard / workers == rank {
      source.append(
        pairs[pair], maximum: maximumLength, member: pair, firstRow: firstRows[pair],
        to: &shards[shard % workers])
    }
    if ranks > 1 { fillOrder(assignment) }
  }

  /// Notes which rank scores which pairs: its shards one after the other, and within a shard the
  /// pairs by number.
  private mutating func fillOrder(_ assignment: [Int]) {
    order = assignment.indices.sorted { (assignment[$0], $0) < (assignment[$1], $1) }.map(
      Int32.init)
    counts = [Int](repeating: 0, count: ranks)
    for shard in assignment { counts[shard / shards.count] += 1 }
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

extension TrainingBatch where Items == PackedBatch {
  /// How many tokens the sequences have, on all ranks.
  public var tokens: Int { units }
}
