/// A histogram in Prometheus's format.
struct Histogram: Sendable {
  /// The upper bounds of all buckets but the last, which is unbounded.
  let bounds: [Double]
  private var counts: [Int]
  private var sum = 0.0

  init(_ bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  mutating func note(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  /// The lines of the histogram; `labels` is empty, or labels each followed by a comma.
  func lines(_ name: String, labels: String = "") -> String {
    var text = ""
    var total = 0
    for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], counts) {
      total += count
      text += "\(name)_bucket{\(labels)le=\"\(bound)\"} \(total)\n"
    }
    let own = labels.isEmpty ? "" : "{\(labels.dropLast())}"
    return text + "\(name)_sum\(own) \(sum)\n\(name)_count\(own) \(total)\n"
  }
}
