import Diagnostics

/// `ByteLevel`: splits text into words as GPT-2 does, and writes each byte as a letter.
/// `trim_offsets` does not affect ids.
struct ByteLevel: Sendable {
  static let kind = StageKind<PreTokenizer>("ByteLevel") { (section) throws(Failure) in
    .byteLevel(
      ByteLevel(
        addsSpace: try section.flag("add_prefix_space"),
        pattern: try section.flag("use_regex", default: true) ? .gpt2 : nil))
  }

  /// Adds a space before words that do not start with one.
  var addsSpace: Bool
  /// The expression that words are then split by; nil if they are not split.
  var pattern: WordPattern?
  /// Writes each byte as a letter; otherwise words remain bytes.
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
