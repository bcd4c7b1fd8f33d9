package import Tokenization

/// A measurement of tokenizing texts on one core.
package struct TokenizeMeasurement {
  /// The number of bytes of the texts.
  package let bytes: Int
  /// The number of texts.
  package let documents: Int
  /// The number of their tokens.
  package let tokens: Int
  private let seconds: Double

  /// Tokenizes all texts five times; the first pass warms up and is not counted.
  package init(_ tokenizer: Tokenizer, _ texts: [[UInt8]]) {
    bytes = texts.reduce(0) { $0 + $1.count }
    documents = texts.count
    var scratch = Tokenizer.Scratch()
    var ids: [Int32] = []
    var times: [Double] = []
    let clock = ContinuousClock()
    for _ in 0..<5 {
      ids.removeAll(keepingCapacity: true)
      let time = clock.measure {
        for text in texts { _ = tokenizer.tokenize(text.span, using: &scratch, into: &ids) }
      }
      times.append(time / .seconds(1))
    }
    tokens = ids.count
    seconds = median(Array(times.dropFirst()))
  }

  /// The report.
  package func report() -> BenchReport {
    var report = BenchReport()
    report.add("megabytes_per_second", Double(bytes) / 1e6 / seconds)
    report.add("tokens_per_second", Double(tokens) / seconds)
    report.add("documents_per_second", Double(documents) / seconds)
    report.add("median_ms", seconds * 1000)
    report.add("documents", documents)
    report.add("tokens", tokens)
    report.add("workers", 1)
    report.add("peak_memory_mb", peakMemory)
    return report
  }
}
