/// Text on its way through pre-tokenizers: its bytes, and which ranges of them are words.
struct SplitText: Sendable {
  /// The text. A stage that writes words in another way changes it together with `words`.
  var bytes: [UInt8] = []
  /// The words in order; none is empty. What is between them belongs to no word.
  var words: [Range<Int>] = []
  /// How many bytes at the beginning stand for the first scalar of what is tokenized.
  private var start = 0
  private var spare: [Range<Int>] = []
  private var spareBytes: [UInt8] = []

  /// Starts with `text` as one word; its first `start` bytes stand for the first scalar of what is
  /// tokenized.
  mutating func set(_ text: Span<UInt8>, start: Int) {
    self.start = start
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

  /// Replaces the bytes and each word by those that `stage` appends for it; `isFirst` says whether the
  /// word is the beginning of what is tokenized.
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
    for word in spare {
      stage(word, text.span, word.lowerBound < start, &bytes, &words)
    }
    spareBytes = text
  }
}
