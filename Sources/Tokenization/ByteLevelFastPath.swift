/// Byte-level stages without the conversion of bytes to letters: the model receives words as bytes.
/// The ids equal those of the stages one by one.
struct ByteLevelFastPath: Sendable {
  private let preTokenizer: PreTokenizer
  private let model: ByteBPE

  /// The fast path of these stages, or nil if the last pre-tokenizer is not `ByteLevel` or the
  /// model lacks a byte.
  init?(preTokenizer: PreTokenizer, model: TokenModel) {
    guard case .bpe(let bpe) = model, let model = bpe.bytes,
      let preTokenizer = preTokenizer.withoutByteLetters
    else { return nil }
    self.preTokenizer = preTokenizer
    self.model = model
  }

  /// Appends the ids of normalised text that is not empty and contains no added tokens.
  func append(
    _ text: Span<UInt8>, start: Int, split: inout SplitText,
    words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]
  ) {
    preTokenizer.split(text, start: start, in: &split)
    let bytes = split.bytes.span
    for word in split.words { model.append(bytes.extracting(word), words: &words, to: &ids) }
  }
}

extension PreTokenizer {
  /// The same stages without the letters of the last one; nil if it writes none or an earlier stage
  /// does as well.
  var withoutByteLetters: PreTokenizer? {
    switch self {
    case .byteLevel(var stage):
      stage.writesLetters = false
      return .byteLevel(stage)
    case .sequence(var stages):
      guard let last = stages.popLast()?.withoutByteLetters,
        !stages.contains(where: { $0.withoutByteLetters != nil })
      else { return nil }
      return .sequence(stages + [last])
    default: return nil
    }
  }
}
