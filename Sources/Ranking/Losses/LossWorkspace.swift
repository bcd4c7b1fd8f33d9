/// The memory of a loss. Create one and pass it to every call: after the first call with the
/// largest sizes, evaluating a loss allocates nothing (except `neuralndcg` and `pirank`, whose
/// memory depends on the scores).
public struct LossWorkspace: ~Copyable, Sendable {
  /// The scores of the unmasked items, packed: `[itemCount]`.
  private(set) var scores: [Double] = []
  private(set) var labels: [Double] = []
  /// A teacher's scores; NaN for items without one.
  private(set) var teachers: [Double] = []
  private(set) var weights: [Double] = []
  /// The index of each packed item among the caller's items.
  private(set) var origins: [Int] = []
  /// The starts of the lists among the packed items, without empty lists: `[listCount + 1]`.
  private(set) var offsets: [Int] = []
  private(set) var listWeights: [Double] = []
  private(set) var itemCount = 0
  private(set) var listCount = 0
  /// The position of each item of `list` in its list of the batch.
  private var places: [Int] = []
  private var greatestLabel = 0.0
  private var draw: UInt64 = 0
  /// ∂sum/∂score of the current term, packed.
  var gradient: [Double] = []
  /// Scratch memory of losses over the whole batch: `[itemCount]` and `[listCount + 1]`.
  var itemFirst: [Double] = []
  var listFirst: [Double] = []
  var listSecond: [Double] = []
  var list = ScoredList()

  /// A workspace that grows at its first use.
  public init() {}

  /// Reserves memory for batches of up to `items` items in `lists` lists, none longer than
  /// `longest`, so that even the first batch allocates nothing.
  public mutating func reserve(items: Int, lists: Int, longest: Int) {
    reserve(items: items, lists: lists)
    list.resize(to: longest)
  }

  private mutating func reserve(items: Int, lists: Int) {
    if items > scores.count {
      let size = max(items, 2 * scores.count)
      let zeros = [Double](repeating: 0, count: size)
      (scores, labels, teachers, weights) = (zeros, zeros, zeros, zeros)
      (gradient, itemFirst) = (zeros, zeros)
      origins = [Int](repeating: 0, count: size)
      places = origins
    }
    if lists >= offsets.count {
      let size = max(lists + 1, 2 * offsets.count)
      offsets = [Int](repeating: 0, count: size)
      listWeights = [Double](repeating: 0, count: size)
      (listFirst, listSecond) = (listWeights, listWeights)
    }
  }

  /// Copies a batch: the unmasked items, list by list.
  mutating func pack(
    scores: Span<Double>, labels: Span<Double>, teachers: Span<Double>?, offsets: Span<Int>,
    itemWeights: Span<Double>?,
    listWeights: Span<Double>?, mask: Span<Bool>?, draw: UInt64
  ) {
    reserve(items: scores.count, lists: offsets.count - 1)
    self.draw = draw
    itemCount = 0
    listCount = 0
    self.offsets[0] = 0
    greatestLabel = -.infinity
    for l in 0..<(offsets.count - 1) {
      precondition(offsets[l] <= offsets[l + 1], "Loss: list offsets go backwards")
      for i in offsets[l]..<offsets[l + 1] {
        if let mask, !mask[i] { continue }
        self.scores[itemCount] = scores[i]
        self.labels[itemCount] = labels[i]
        self.teachers[itemCount] = teachers?[i] ?? labels[i]
        weights[itemCount] = itemWeights?[i] ?? 1
        origins[itemCount] = i
        greatestLabel = max(greatestLabel, labels[i])
        itemCount += 1
      }
      guard itemCount > self.offsets[listCount] else { continue }
      self.listWeights[listCount] = listWeights?[l] ?? 1
      listCount += 1
      self.offsets[listCount] = itemCount
    }
  }

  /// Copies list `index` to `list`; with `onlyTaught`, only items with a teacher score.
  mutating func load(_ index: Int, onlyTaught: Bool) {
    let start = offsets[index]
    let size = offsets[index + 1] - start
    list.resize(to: size)
    var count = 0
    for i in 0..<size where !(onlyTaught && teachers[start + i].isNaN) {
      places[count] = i
      list.scores[count] = scores[start + i]
      list.labels[count] = labels[start + i]
      list.teachers[count] = teachers[start + i]
      list.weights[count] = weights[start + i]
      count += 1
    }
    list.resize(to: count)
    list.greatestLabel = greatestLabel
    list.draw = mixed(draw &+ mixed(UInt64(index)))
  }

  /// Writes `weight` times the gradient in `list` to the gradient of list `index`; items that were
  /// not in `list` get 0.
  mutating func store(_ index: Int, weight: Double) {
    let start = offsets[index]
    for i in start..<offsets[index + 1] { gradient[i] = 0 }
    for i in 0..<list.count { gradient[start + places[i]] = weight * list.gradient[i] }
  }

  /// Adds `scale` times the term's gradient to the caller's.
  func addGradient(scale: Double, to result: inout MutableSpan<Double>) {
    for k in 0..<itemCount { result[origins[k]] += scale * gradient[k] }
  }
}
