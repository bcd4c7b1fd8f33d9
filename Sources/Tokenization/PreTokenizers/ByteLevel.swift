import Diagnostics

/// `ByteLevel`: words as GPT-2 has them, each byte written as a letter. `trim_offsets` is about
/// places in the text, and has no effect on ids.
struct ByteLevel: Sendable {
  static let kind = StageKind<PreTokenizer>("ByteLevel") { (section) throws(Failure) in
    .byteLevel(
      ByteLevel(
        addsSpace: try section.flag("add_prefix_space"),
        pattern: try section.flag("use_regex", default: true) ? .gpt2 : nil))
  }

  /// Words that do not start with a space get one.
  var addsSpace: Bool
  /// What words are split by after that; nil where they stay as they are.
  var pattern: WordPattern?
  /// Writes each byte as a letter; otherwise words are the bytes themselves.
  var writesLetters = true

  /// Replaces the words of `text`.
  func apply(to text: inout SplitText) {
    if addsSpace {
      text.rewriteWords { word, output in
        if word[0] != 0x20 { output.append(0x20) }
        word.append(to: &output)
      }
    }
    if let pattern { text.splitWords(pattern.split) }
    if writesLetters { text.rewriteWords(ByteLetters.append) }
  }
}
