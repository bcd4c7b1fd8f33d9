/// Text between normalizers, and the working memory that they share.
struct NormalText: Sendable {
  /// Marks to be sorted; empty before and after a stage.
  typealias Waiting = [BertNormalizer.Waiting]

  /// The text after the last stage.
  var bytes: [UInt8] = []
  /// Working memory of stages that reorder marks.
  var waiting: Waiting = []
  /// The number of leading bytes that come from the first scalar, if that is tracked; else 0.
  var start = 0
  private var spare: [UInt8] = []

  /// Sets the text.
  mutating func set(_ text: Span<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    text.append(to: &bytes)
  }

  /// Replaces the text by the output that `stage` appends for it.
  mutating func rewrite(
    _ stage: (_ text: Span<UInt8>, _ output: inout [UInt8], _ waiting: inout Waiting) -> Void
  ) {
    var text: [UInt8] = []
    beginStage(&text)
    stage(text.span, &bytes, &waiting)
    spare = text
  }

  /// Replaces the text by the output that `stage` appends for it.
  mutating func rewrite(_ stage: (_ text: Span<UInt8>, _ output: inout [UInt8]) -> Void) {
    var text: [UInt8] = []
    beginStage(&text)
    stage(text.span, &bytes)
    spare = text
  }

  /// Moves the text to `text`, for a stage that reads it while writing `bytes`.
  private mutating func beginStage(_ text: inout [UInt8]) {
    swap(&text, &bytes)
    swap(&bytes, &spare)
    bytes.removeAll(keepingCapacity: true)
  }
}

extension Span<UInt8> {
  /// Appends all bytes to `output`.
  func append(to output: inout [UInt8]) {
    if output.capacity - output.count < count {
      // At least twice the capacity: an exact one would make many short appends copy all bytes
      // each.
      output.reserveCapacity(max(output.count + count, 2 * output.capacity))
    }
    for index in indices { output.append(self[index]) }
  }

  /// Whether `pattern` is at `start`.
  @inline(__always)
  func has(_ pattern: [UInt8], at start: Int) -> Bool {
    guard count - start >= pattern.count else { return false }
    for offset in pattern.indices where self[start + offset] != pattern[offset] { return false }
    return true
  }

  /// Appends the bytes of `range` to `output`.
  func append(_ range: Range<Int>, to output: inout [UInt8]) {
    extracting(range).append(to: &output)
  }
}
