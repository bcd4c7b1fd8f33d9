/// Text between pre-tokenizers: its bytes, and the ranges of its words.
struct SplitText: Sendable {
  /// The text. A stage that rewrites words changes it together with `words`.
  var bytes: [UInt8] = []
  /// The words in order; none is empty. Bytes between them belong to no word.
  var words: [Range<Int>] = []
  private var spare: [Range<Int>] = []

  /// Sets the text, as one word.
  mutating func set(_ text: Span<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    text.append(to: &bytes)
    words.removeAll(keepingCapacity: true)
    words.append(0..<bytes.count)
  }

  /// Replaces each word by the words that `stage` appends for it.
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
