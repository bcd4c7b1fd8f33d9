import Corpora

/// How long a text is: in the tokens of a model, or in words.
package struct TextMeasure: Sendable {
  /// What is counted: `tokens` or `words`.
  package let unit: String
  /// The tokens that a pair has besides those of its texts.
  package let extra: Int
  /// Whether every text is measured; otherwise an even sample is, since tokens take time.
  let isCheap: Bool
  private let count: @Sendable (String, _ isQuery: Bool) -> Int

  /// The words of `NormalizedText`: in scripts without spaces each character is one.
  package static let words = TextMeasure(unit: "words", extra: 0, isCheap: true) { text, _ in
    NormalizedText(text).wordCount
  }

  /// The tokens of a tokenizer.
  ///
  /// - Parameters:
  ///   - extra: the tokens that a pair has besides those of its texts.
  ///   - count: the number of tokens of a text, which is a query or a document.
  package static func tokens(
    extra: Int, _ count: @escaping @Sendable (String, _ isQuery: Bool) -> Int
  ) -> TextMeasure {
    TextMeasure(unit: "tokens", extra: extra, isCheap: false, count: count)
  }

  private init(
    unit: String, extra: Int, isCheap: Bool, count: @escaping @Sendable (String, Bool) -> Int
  ) {
    (self.unit, self.extra, self.isCheap, self.count) = (unit, extra, isCheap, count)
  }

  func length(query: String) -> Int { count(query, true) }
  func length(document: String) -> Int { count(document, false) }
}

/// Numbers that are summed up as a distribution: lengths of texts, sizes of lists.
package struct Distribution: Sendable, Equatable {
  private var values: [UInt32] = []
  private var isSorted = true

  /// The number of values.
  package var count: Int { values.count }

  mutating func add(_ value: Int) {
    values.append(UInt32(clamping: value))
    isSorted = false
  }

  mutating func sort() {
    if !isSorted { values.sort() }
    isSorted = true
  }

  /// The mean; 0 without values.
  package var mean: Double {
    values.isEmpty ? 0 : Double(values.reduce(0) { $0 + Int($1) }) / Double(values.count)
  }

  /// The value below which a share of the values lies, from 0 for the least to 1 for the greatest
  /// (nearest rank).
  package func quantile(_ share: Double) -> Int {
    precondition(isSorted, "a quantile of values that are not sorted")
    if values.isEmpty { return 0 }
    let rank = Int((share * Double(values.count)).rounded(.up))
    return Int(values[min(max(rank, 1), values.count) - 1])
  }

  /// The share of values above a bound.
  package func share(above bound: Int) -> Double {
    values.isEmpty ? 0 : Double(values.count { Int($0) > bound }) / Double(values.count)
  }
}

/// Texts with the same words among many, by hashes.
struct Repetitions: Sendable {
  private var entries: [(hash: UInt64, number: UInt32)] = []

  mutating func add(_ words: NormalizedText) {
    entries.append((words.hash, UInt32(entries.count)))
  }

  /// The number of texts that have the words of an earlier one, and the numbers of the first such
  /// pair.
  consuming func found() -> (count: Int, example: (first: Int, second: Int)?) {
    entries.sort { ($0.hash, $0.number) < ($1.hash, $1.number) }
    var (count, example) = (0, nil as (first: Int, second: Int)?)
    for index in entries.indices.dropFirst()
    where entries[index].hash == entries[index - 1].hash {
      count += 1
      let second = Int(entries[index].number)
      if second < example?.second ?? .max {
        example = (Int(entries[index - 1].number), second)
      }
    }
    return (count, example)
  }
}
