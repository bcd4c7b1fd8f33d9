public import Batches
public import Lists

/// The lists of one step in the workers' form: items packed into one shard per worker, and labels
/// by list.
///
/// With several ranks, each has the labels of the whole batch and only the items of its own
/// workers.
public struct TrainingBatch<Items: PackedItems>: Sendable {
  /// The items of each worker of this rank; their members are numbers of pairs.
  public internal(set) var shards: [Items]
  /// The labels of all pairs, list by list.
  public internal(set) var labels: [Double] = []
  /// A teacher's scores of all pairs, NaN for pairs without one; empty if no list has a teacher.
  public internal(set) var teachers: [Double] = []
  /// The first stage's scores of all pairs, which the loss adds to the model's; empty if it adds
  /// nothing.
  public internal(set) var firstStage: [Double] = []
  /// The base's scores of all pairs; empty without an anchor.
  public internal(set) var anchors: [Double] = []
  /// The weights of all pairs; empty if all are 1.
  public internal(set) var itemWeights: [Double] = []
  /// The weights of all lists; empty if all are 1.
  public internal(set) var listWeights: [Double] = []
  /// The start of each list among the pairs, and the end of the last.
  public internal(set) var listOffsets: [Int] = [0]
  /// The number of units (tokens of texts) of the items, on all ranks.
  public internal(set) var units = 0
  /// The pairs in the order in which the ranks score them, and the number of pairs per rank; empty
  /// with a single rank.
  private(set) var order: [Int32] = []
  private(set) var counts: [Int] = []
  private let rank: Int
  private let ranks: Int

  /// The number of pairs.
  public var pairs: Int { labels.count }

  /// An empty batch for the workers of rank `rank` of `ranks`; all ranks have the same number of
  /// workers.
  public init(workers: Int, rank: Int = 0, ranks: Int = 1) {
    shards = (0..<workers).map { _ in Items() }
    (self.rank, self.ranks) = (rank, ranks)
  }

  /// Replaces the contents by these lists, whose pairs are truncated to `maximumLength` units.
  /// `anchors` has the base's scores of the pairs, if there is an anchor. Shards have about the same cost; the assignment of pairs depends only on lengths and order.
  public mutating func fill<Source: ItemSource>(
    _ lists: some Collection<TrainingList>, from source: Source, maximumLength: Int,
    anchors: AnchorScores? = nil
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
    self.anchors.removeAll(keepingCapacity: true)
    if let anchors { self.anchors.append(contentsOf: pairs.map { anchors[$0] }) }
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

  /// Records the ranks' pairs: the shards of each rank in order, and within a shard the pairs by
  /// number.
  private mutating func fillOrder(_ assignment: [Int]) {
    order = assignment.indices.sorted { (assignment[$0], $0) < (assignment[$1], $1) }.map(
      Int32.init)
    counts = [Int](repeating: 0, count: ranks)
    for shard in assignment { counts[shard / shards.count] += 1 }
  }
}

extension TrainingBatch {
  /// Teacher and first-stage scores and weights, if any list has them.
  private mutating func fillExtras(_ lists: some Collection<TrainingList>) {
    teachers.removeAll(keepingCapacity: true)
    firstStage.removeAll(keepingCapacity: true)
    itemWeights.removeAll(keepingCapacity: true)
    listWeights.removeAll(keepingCapacity: true)
    let isTaught = lists.contains { !$0.teachers.isEmpty }
    let isAdded = lists.contains { !$0.firstStage.isEmpty }
    let weighsItems = lists.contains { !$0.weights.isEmpty }
    let weighsLists = lists.contains { $0.weight != 1 }
    guard isTaught || isAdded || weighsItems || weighsLists else { return }
    for list in lists {
      let count = list.documents.count
      if isTaught {
        teachers.append(
          contentsOf: list.teachers.isEmpty
            ? [Double](repeating: .nan, count: count) : list.teachers)
      }
      if isAdded {
        firstStage.append(
          contentsOf: list.firstStage.isEmpty
            ? [Double](repeating: 0, count: count) : list.firstStage)
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
  /// The number of tokens of the sequences, on all ranks.
  public var tokens: Int { units }
}
