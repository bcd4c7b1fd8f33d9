/// Text between pre-tokenizers: its bytes, and the ranges of its words.
struct SplitText: Sendable {
  /// The text. A stage that rewrites words changes it together with `words`.
  var bytes: [UInt8] = []
  /// The words in order; none is empty. Bytes between them belong to no word.
  var words: [Range<Int>] = []
  private var spare: [Range<Int>] = []
  private var spareBytes: [UInt8] = []

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

  /// Replaces each word by the bytes that `stage` appends for it; what is between words is gone.
  mutating func rewriteWords(_ stage: (_ word: Span<UInt8>, _ output: inout [UInt8]) -> Void) {
    var text: [UInt8] = []
    swap(&text, &bytes)
    swap(&bytes, &spareBytes)
    bytes.removeAll(keepingCapacity: true)
    for index in words.indices {
      let start = bytes.count
      stage(text.span.extracting(words[index]), &bytes)
      words[index] = start..<bytes.count
    }
    spareBytes = text
  }
}
