/// The unmasked items of one list, and scratch memory.
///
/// The arrays are reused and never shrink: entries from `count` on are remains of longer lists.
/// `order`, `first` … `fifth` are scratch memory of the loss, with undefined contents at the start.
struct ScoredList: ~Copyable, Sendable {
  private(set) var count = 0
  /// Scores, labels and item weights (1 if not given): `[count]`.
  var scores: [Double] = []
  var labels: [Double] = []
  /// A teacher's scores, `[count]`; the labels without a teacher.
  var teachers: [Double] = []
  var weights: [Double] = []
  /// ∂sum/∂score: `[count]`, to be overwritten.
  var gradient: [Double] = []
  /// The greatest label of the whole batch.
  var greatestLabel = 0.0
  /// The seed of random choices, which differs between lists and between calls.
  var draw: UInt64 = 0

  var order: [Int] = []
  var first: [Double] = []
  var second: [Double] = []
  var third: [Double] = []
  var fourth: [Double] = []
  var fifth: [Double] = []

  /// Scratch memory for losses with differentiable sorting.
  var sorting = NeuralSort()

  private var merged: [Int] = []
  /// 1/log2(1 + r) at [r − 1].
  private(set) var discounts: [Double] = []

  /// Grows the arrays to `count` items.
  mutating func resize(to count: Int) {
    self.count = count
    guard count > scores.count else { return }
    let size = max(16, count, 2 * scores.count)
    let zeros = [Double](repeating: 0, count: size)
    scores = zeros
    labels = zeros
    teachers = zeros
    weights = zeros
    gradient = zeros
    first = zeros
    second = zeros
    third = zeros
    fourth = zeros
    fifth = zeros
    order = [Int](repeating: 0, count: size)
    merged = order
    discounts = (1...size).map { 1 / log2(1 + Double($0)) }
  }

  /// Sets the gradient of every item to zero.
  mutating func clearGradient() {
    for i in 0..<count { gradient[i] = 0 }
  }

  /// The sort key of a list.
  enum Key { case score, label, teacher, first }

  /// Sorts the items' positions into `order` by descending key; ties retain the input order.
  mutating func sortDescending(by key: Key) {
    for i in 0..<count { order[i] = i }
    reorder(by: key)
  }

  /// Sorts `order`, which contains every position once, by descending key; ties retain their order
  /// in `order`. O(n log n), in place.
  mutating func reorder(by key: Key) {
    switch key {
    case .score: mergeSort(&order, by: &scores, count: count, merged: &merged)
    case .label: mergeSort(&order, by: &labels, count: count, merged: &merged)
    case .teacher: mergeSort(&order, by: &teachers, count: count, merged: &merged)
    case .first: mergeSort(&order, by: &first, count: count, merged: &merged)
    }
  }
}

/// A stable, bottom-up merge sort of positions by descending key; the standard library's sort
/// allocates for long arrays. Keys are passed inout only so that nothing is copied or retained.
private func mergeSort(
  _ order: inout [Int], by keys: inout [Double], count: Int, merged: inout [Int]
) {
  let run = 12
  for start in stride(from: 0, to: count, by: run) {
    for i in start..<min(start + run, count) {
      let moving = order[i]
      var j = i
      while j > start, keys[order[j - 1]] < keys[moving] {
        order[j] = order[j - 1]
        j -= 1
      }
      order[j] = moving
    }
  }
  var width = run
  while width < count {
    for start in stride(from: 0, to: count, by: 2 * width) {
      let middle = min(start + width, count)
      let end = min(start + 2 * width, count)
      var (left, right) = (start, middle)
      for slot in start..<end {
        if left < middle, right >= end || keys[order[left]] >= keys[order[right]] {
          merged[slot] = order[left]
          left += 1
        } else {
          merged[slot] = order[right]
          right += 1
        }
      }
    }
    swap(&order, &merged)
    width *= 2
  }
}
