/// Text on its way through normalizers, and the working space that they share.
struct NormalText: Sendable {
  /// Marks that wait for their place; empty before and after a stage.
  typealias Waiting = [BertNormalizer.Waiting]

  /// The text as the last stage left it.
  var bytes: [UInt8] = []
  /// Working space of stages that reorder marks.
  var waiting: Waiting = []
  /// How many bytes at the beginning have come of the first scalar, where that is followed; else 0.
  var start = 0
  private var spare: [UInt8] = []

  /// Starts with `text`.
  mutating func set(_ text: Span<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    text.append(to: &bytes)
  }

  /// Replaces the text by what `stage` appends to the empty `output` for it.
  mutating func rewrite(
    _ stage: (_ text: Span<UInt8>, _ output: inout [UInt8], _ waiting: inout Waiting) -> Void
  ) {
    var text: [UInt8] = []
    beginStage(&text)
    stage(text.span, &bytes, &waiting)
    spare = text
  }

  /// Replaces the text by what `stage` appends to the empty `output` for it.
  mutating func rewrite(_ stage: (_ text: Span<UInt8>, _ output: inout [UInt8]) -> Void) {
    var text: [UInt8] = []
    beginStage(&text)
    stage(text.span, &bytes)
    spare = text
  }

  /// Moves the text to `text`, for a stage to read while it writes `bytes`.
  private mutating func beginStage(_ text: inout [UInt8]) {
    swap(&text, &bytes)
    swap(&bytes, &spare)
    bytes.removeAll(keepingCapacity: true)
  }
}

extension Span<UInt8> {
  /// Appends all bytes to `output`.
  func append(to output: inout [UInt8]) {
    output.reserveCapacity(output.count + count)
    for index in indices { output.append(self[index]) }
  }

  /// Appends the bytes of `range` to `output`.
  func append(_ range: Range<Int>, to output: inout [UInt8]) {
    extracting(range).append(to: &output)
  }
}
