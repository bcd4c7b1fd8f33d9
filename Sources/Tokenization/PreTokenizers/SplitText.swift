/// Text between pre-tokenizers: its bytes, and the ranges of its words.
struct SplitText: Sendable {
  /// The text. A stage that rewrites words changes it together with `words`.
  var bytes: [UInt8] = []
  /// The words in order; none is empty. Bytes between them belong to no word.
  var words: [Range<Int>] = []
  /// A word that starts before this byte is at the start of the original text.
  private var start = 0
  private var spare: [Range<Int>] = []
  private var spareBytes: [UInt8] = []

  /// Sets the text, as one word; its first `start` bytes come from the first scalar of the original
  /// text.
  mutating func set(_ text: Span<UInt8>, start: Int) {
    self.start = start
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

  /// Replaces each word by the bytes that `stage` appends for it, at least one; for a prefix of a
  /// word it appends a prefix of the same bytes. Bytes between words are dropped.
  mutating func rewriteWords(_ stage: (_ word: Span<UInt8>, _ output: inout [UInt8]) -> Void) {
    let oldStart = start
    var newStart = 0
    rewriteWords { word, text, isFirst, bytes, words in
      let first = bytes.count
      if isFirst {
        stage(text.extracting(word.lowerBound..<min(oldStart, word.upperBound)), &bytes)
        newStart = bytes.count
        bytes.removeLast(bytes.count - first)
      }
      stage(text.extracting(word), &bytes)
      words.append(first..<bytes.count)
    }
    start = newStart
  }

  /// Replaces each word by the bytes and words that `stage` appends for it; `isFirst` says whether
  /// the word is at the start of the original text. Bytes between words are dropped.
  mutating func rewriteWords(
    _ stage: (
      _ word: Range<Int>, _ text: Span<UInt8>, _ isFirst: Bool, _ bytes: inout [UInt8],
      _ words: inout [Range<Int>]
    ) -> Void
  ) {
    var text: [UInt8] = []
    swap(&text, &bytes)
    swap(&bytes, &spareBytes)
    bytes.removeAll(keepingCapacity: true)
    swap(&words, &spare)
    words.removeAll(keepingCapacity: true)
    var newStart = 0
    for word in spare {
      let isFirst = word.lowerBound < start
      let count = words.count
      stage(word, text.span, isFirst, &bytes, &words)
      if isFirst, words.count > count { newStart = words[count].lowerBound + 1 }
    }
    start = newStart
    spareBytes = text
  }
}
