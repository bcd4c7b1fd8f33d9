/// Text on its way through pre-tokenizers: its bytes, and which ranges of them are words.
struct SplitText: Sendable {
  /// The text. A stage that writes words in another way changes it together with `words`.
  var bytes: [UInt8] = []
  /// The words in order; none is empty. What is between them belongs to no word.
  var words: [Range<Int>] = []
  private var spare: [Range<Int>] = []

  /// Starts with `text` as one word.
  mutating func set(_ text: Span<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    text.append(to: &bytes)
    words.removeAll(keepingCapacity: true)
    words.append(0..<bytes.count)
  }

  /// Replaces each word by those that `stage` appends for it.
  mutating func splitWords(
    _ stage: (_ word: Range<Int>, _ text: Span<UInt8>, _ words: inout [Range<Int>]) -> Void
  ) {
    var text: [UInt8] = []
    swap(&text, &bytes)
    swap(&words, &spare)
    words.removeAll(keepingCapacity: true)
    for word in spare { stage(word, text.span, &words) }
    swap(&text, &bytes)
  }
}
